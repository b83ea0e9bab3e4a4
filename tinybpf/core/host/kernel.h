/* SPDX-License-Identifier: MIT
 *
 * What the running kernel says of itself: its release, and what it is set to refuse.
 */
#ifndef TB_HOST_KERNEL_H
#define TB_HOST_KERNEL_H

#include <stddef.h>

/* Whether the kernel is older than "5.8"; its own release goes into text where that is
 * not NULL. A release that cannot be read is not old. */
int tb_kernel_is_before(const char *version, char *text, size_t size);

/* What the kernel is locked down to: "integrity", "confidentiality"; "" if it is not,
 * or nobody can say. */
void tb_kernel_lockdown(char *text, size_t size);

/* kernel.perf_event_paranoid; -1 if it cannot be read. */
int tb_kernel_paranoid(void);

/* The security modules: "lockdown,capability,bpf"; "" if they cannot be read. */
void tb_kernel_security_modules(char *text, size_t size);

#endif
