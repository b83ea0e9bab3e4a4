/* SPDX-License-Identifier: MIT
 *
 * What was found in one of the kernel's lists: it is known by its id, and opened when
 * it is first used.
 */
#ifndef TB_OWNER_FOUND_H
#define TB_OWNER_FOUND_H

#include "base/state.h"

struct bpf_link_info;
struct bpf_map_info;
struct bpf_prog_info;

enum tb_found_kind { TB_FOUND_MAP, TB_FOUND_PROGRAM, TB_FOUND_LINK };

struct tb_found {
    uint32_t id; /* 0: nothing waits to be opened */
    enum tb_found_kind kind;
    uint64_t identity; /* of what had the id when it was found */
    int is_quiet;      /* its handle may be dropped without a word, for good */
    PyObject *scan;    /* owned; who holds what, shared by a listing; NULL: none yet */
};

/* Identities: what of an info does not change while a thing lives, and tells it from
 * another that gets its id later. */
uint64_t tb_found_map_identity(const struct bpf_map_info *info);
uint64_t tb_found_program_identity(const struct bpf_prog_info *info);
uint64_t tb_found_link_identity(const struct bpf_link_info *info);

/* Raise for a thing that cannot be opened by its id (err: -errno); NULL. */
void *tb_found_refused(struct tb_state *state, enum tb_found_kind kind, uint32_t id,
                       int err);

/* A descriptor of what waits, for the caller, who closes it; -1 with an exception: it
 * is gone, or its id belongs to another by now. */
int tb_found_open(struct tb_state *state, const struct tb_found *found, PyObject *name);

#endif
