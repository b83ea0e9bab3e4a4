/* SPDX-License-Identifier: MIT
 *
 * The place of a program among others of the same hook: one vocabulary for tcx, netkit
 * and cgroups. Before or after one that is there (a BpfLink, a BpfProgram or the id of
 * a program), first, or, by default, last.
 */
#ifndef TB_ATTACH_ANCHOR_H
#define TB_ATTACH_ANCHOR_H

#include "attach/argument.h"

struct tb_anchor {
    uint32_t flags;    /* BPF_F_BEFORE, BPF_F_AFTER, BPF_F_ID, BPF_F_LINK */
    uint32_t fd;       /* of the link or the program; 0: none */
    uint32_t id;       /* of the program; 0: none */
    uint64_t revision; /* that must be the present one; 0: any */
};

/* Forms of arguments whose field is the whole anchor. */
int tb_anchor_before(const struct tb_argument *argument);
int tb_anchor_after(const struct tb_argument *argument);
int tb_anchor_first(const struct tb_argument *argument);
int tb_anchor_revision(const struct tb_argument *argument);

/* Their rows in a method's arguments; the anchor is that member of what is asked for.
 */
#define TB_ANCHOR_ARGUMENTS(type, member)                               \
    {"before", tb_anchor_before, offsetof(type, member)},               \
        {"after", tb_anchor_after, offsetof(type, member)},             \
        {"first", tb_anchor_first, offsetof(type, member)},             \
    {                                                                   \
        "expected_revision", tb_anchor_revision, offsetof(type, member) \
    }

/* A program that is attached, by itself or its id: a descriptor, int, which ends with
 * the call. */
int tb_anchor_program(const struct tb_argument *argument);

#endif
