/* SPDX-License-Identifier: MIT
 *
 * What refuses a call although the process has the capabilities for it: seccomp, a user
 * namespace, lockdown, limits, security modules.
 */
#ifndef TB_HOST_CONFINEMENT_H
#define TB_HOST_CONFINEMENT_H

#include <stddef.h>

/* Write a line for each thing that confines this process, "\n  " before it; if there is
 * none, one about the security modules. */
void tb_confinement_list(char *text, size_t size);

/* Whether a seccomp filter is on this process, and whether it is in a user namespace of
 * its own; -1: cannot tell. */
int tb_confinement_is_filtered(void);
int tb_confinement_in_namespace(void);

#endif
