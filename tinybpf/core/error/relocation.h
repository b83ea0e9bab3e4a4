/* SPDX-License-Identifier: MIT
 *
 * Why a CO-RE relocation found nothing: libbpf's text and the kernel's BTF in, a few
 * lines out.
 */
#ifndef TB_ERROR_RELOCATION_H
#define TB_ERROR_RELOCATION_H

#include <stddef.h>

/* Read a log with a failed relocation in it, and the running kernel's BTF (some 10 ms;
 * call it without the GIL). Writes "this kernel's x has no field 'y' (...)" and the
 * names that come nearest; 0, or -1 if the log has no failed relocation. */
int tb_relocation_explain(const char *log, char *text, size_t size);

#endif
