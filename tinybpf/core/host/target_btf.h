/* SPDX-License-Identifier: MIT
 *
 * The part of host/target.h that the kernel's BTF answers: raw tracepoints, and what
 * programs are bound to when they are loaded (fentry, tp_btf, lsm, iter).
 */
#ifndef TB_HOST_TARGET_BTF_H
#define TB_HOST_TARGET_BTF_H

#include "host/target.h"

/* As tb_target_explain. */
int tb_target_raw_tracepoint(const struct tb_target *target, int err, char *text,
                             size_t size);

/* The same for a program of that section which libbpf found no BTF type for. */
int tb_target_btf(const char *section, const char *name, char *text, size_t size);

#endif
