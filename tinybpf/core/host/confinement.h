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

#endif
