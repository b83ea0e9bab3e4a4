/* SPDX-License-Identifier: MIT
 *
 * Whether this process has privileges that its caller lacks.
 */
#ifndef TBR_PRIVILEGE_H
#define TBR_PRIVILEGE_H

/* 1 in a bundle with file capabilities, of whose caller nothing is left but the words
 * of the command line and standard input and output; else 0. */
int tbr_privilege_is_isolated(void);

#endif
