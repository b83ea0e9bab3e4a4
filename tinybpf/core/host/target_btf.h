/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a target that the kernel's BTF knows: raw tracepoints, and what
 * programs are bound to when they are loaded (fentry, tp_btf, lsm, iter).
 */
#ifndef TB_HOST_TARGET_BTF_H
#define TB_HOST_TARGET_BTF_H

#include "host/target.h"

/* "this kernel has no tracepoint 'x'\n  nearest: 'y'": 0; -1 if it has, or nobody can
 * say. The hook may be NULL. */
int tb_target_btf_name(const struct tb_hook_kind *hook, const char *name, char *text,
                       size_t size);

/* The same for a raw tracepoint that an attach failed at. */
int tb_target_btf_raw_tracepoint(const struct tb_target *target, int err, char *text,
                                 size_t size);

#endif
