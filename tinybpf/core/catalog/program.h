/* SPDX-License-Identifier: MIT
 *
 * The kinds of program, a row each: what they are called, and what they need.
 */
#ifndef TB_CATALOG_PROGRAM_H
#define TB_CATALOG_PROGRAM_H

#include "catalog/needs.h"

struct tb_program_kind {
    uint32_t type;         /* enum bpf_prog_type */
    const char *name;      /* for sentences: "tc action"; NULL: unknown */
    struct tb_needs needs; /* of the kernel, and to load it */
    uint64_t attach;       /* capabilities to attach it, besides those */
    unsigned is_bound : 1; /* it names a BTF type when it is loaded */
    uint32_t bound_as;     /* of these, an enum bpf_attach_type that it may have */
};

/* The row of an enum bpf_prog_type; of one that is unknown, the row of
 * BPF_PROG_TYPE_UNSPEC, which says nothing. Never NULL. */
const struct tb_program_kind *tb_catalog_program(uint32_t type);

#endif
