/* SPDX-License-Identifier: MIT
 *
 * How much there is to a type when everything that it names is written out. Pure.
 */
#ifndef TB_BTF_UNFOLD_H
#define TB_BTF_UNFOLD_H

#include <stddef.h>
#include <stdint.h>

struct tb_btf_table;

/* The most parts that a type may have, and all types together. A kernel's largest, a
 * section with all that there is for each CPU, has some 10,000, and all of a kernel's
 * some 10 million. */
#define TB_BTF_PARTS_MAX (1u << 18)
#define TB_BTF_ALL_PARTS_MAX (1u << 28)

/* What all types are measured with: all zero but for table, to begin with. */
struct tb_btf_unfold {
    const struct tb_btf_table *table; /* borrowed */
    struct tb_btf_extent *extents;    /* owned; two for each type */
    uint64_t n_all;                   /* parts of all that were measured */
    uint32_t problem_id;              /* which type the problem is of */
};

/* Make room; 0 or -ENOMEM. */
int tb_btf_unfold_start(struct tb_btf_unfold *unfold);
void tb_btf_unfold_stop(struct tb_btf_unfold *unfold);

/* Measure a type and what it needs, once each: NULL, or what is wrong. Behind it the
 * chains that begin at the type end. */
const char *tb_btf_unfold_type(struct tb_btf_unfold *unfold, uint32_t id);

/* The parts of a type that was measured. */
uint32_t tb_btf_unfold_parts(const struct tb_btf_unfold *unfold, uint32_t id);

#endif
