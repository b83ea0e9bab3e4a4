/* SPDX-License-Identifier: MIT
 *
 * Why the verifier refused a program: pure, libbpf's text in, a few lines out.
 */
#ifndef TB_ERROR_VERIFIER_H
#define TB_ERROR_VERIFIER_H

#include <stddef.h>

/* Read a log with a refused program in it, as Linux wrote it up to 7.2 or writes it
 * since 7.3. Writes "program 'x': cause", then where in the source and what to do
 * about it where these are known, a line each; 0, or -1 if the log tells no cause. */
int tb_verifier_explain(const char *log, char *text, size_t size);

#endif
