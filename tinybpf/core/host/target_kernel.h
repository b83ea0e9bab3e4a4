/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a target that the kernel lists: a tracepoint, a function, a
 * network interface that is not there, and the names that come nearest.
 */
#ifndef TB_HOST_TARGET_KERNEL_H
#define TB_HOST_TARGET_KERNEL_H

#include "host/target.h"

/* Look at the system, without Python (a search of all kernel functions takes some
 * 100 ms). Write what is missing, then lines of what to do; 1 if this kernel lacks
 * the whole kind, 0 if just the target is wrong, -1 if nothing is found wrong. err is
 * what the attach failed with. */
int tb_target_kernel_tracepoint(const struct tb_target *target, int err, char *text,
                                size_t size);
int tb_target_kernel_function(const struct tb_target *target, int err, char *text,
                              size_t size);
int tb_target_kernel_functions(const struct tb_target *target, int err, char *text,
                               size_t size);

/* For an interface that does not exist: the name that comes nearest; "" if none. */
void tb_target_kernel_nearest_interface(const char *name, char *text, size_t size);

#endif
