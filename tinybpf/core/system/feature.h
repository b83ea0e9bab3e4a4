/* SPDX-License-Identifier: MIT
 *
 * What this kernel has, found out by asking it: types of maps and programs, helpers.
 * A refusal counts as "no" only where this process has all that the thing needs, and
 * something that needs as much is not refused: a wrong "no" is worse than none.
 */
#ifndef TB_SYSTEM_FEATURE_H
#define TB_SYSTEM_FEATURE_H

#include "base/libbpf.h"

#include <stddef.h>
#include <stdint.h>

struct tb_needs;

struct tb_feature {
    int supported;    /* 1, 0; -1: cannot tell */
    char reason[960]; /* why not, or why nobody can tell; "" if it is plain */
};

/* The kernel is asked, which may take some ms; no Python. */
void tb_feature_map_nogil(enum bpf_map_type type, struct tb_feature *out);
void tb_feature_program_nogil(enum bpf_prog_type type, struct tb_feature *out);
void tb_feature_helper_nogil(enum bpf_prog_type type, uint32_t helper,
                             struct tb_feature *out);
void tb_feature_token_nogil(struct tb_feature *out);

/* Say "no" after a refusal by err, and why by the needs of what was refused, if this
 * process would not have been refused anyway; else "cannot tell", and why. */
void tb_feature_refuse(const struct tb_needs *needs, uint64_t caps, int err,
                       struct tb_feature *out);

/* Load a program that returns 0: its descriptor, or -errno. btf_id 0: bound to none. */
int tb_feature_load(enum bpf_prog_type type, int attach_type, int btf_id,
                    uint32_t flags);

#endif
