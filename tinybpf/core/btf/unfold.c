/* SPDX-License-Identifier: MIT
 *
 * Unfolding (btf/unfold.h). libbpf and we walk types by recursion, and many times over
 * what is referred to many times: 30 types, each of which names the one before it
 * twice, are 2^30 steps. So each type gets its height and the number of its parts, and
 * neither may be beyond what compilers make.
 *
 * A type is met in two ways: as it is, and behind a pointer, where a struct that has a
 * name need not be known. Gaps are parts, too: libbpf writes C 8 bytes of them a line.
 */
#include "btf/unfold.h"

#include "base/libbpf.h"
#include "btf/table.h"

#include <errno.h>
#include <stdlib.h>

#define DEPTH_MAX 128 /* in the kernel's own types it is below 40 */
#define OPEN UINT16_MAX
#define GAP 8 /* bytes that count for one part */

struct tb_btf_extent {
    uint32_t n;      /* parts, itself among them */
    uint16_t height; /* one more than that of its parts; 0: not met; OPEN: being met */
};

struct edge {
    uint32_t id;
    int behind; /* a pointer */
};

static const struct tb_btf_extent failed = {0, 0};
static const struct tb_btf_extent single = {1, 1};

int
tb_btf_unfold_start(struct tb_btf_unfold *unfold)
{
    unfold->extents = calloc(2 * (size_t)unfold->table->n, sizeof(*unfold->extents));
    return unfold->extents != NULL ? 0 : -ENOMEM;
}

void
tb_btf_unfold_stop(struct tb_btf_unfold *unfold)
{
    free(unfold->extents);
}

/* How many types a type names. */
static uint32_t
edge_count(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_PTR:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_VAR:
    case BTF_KIND_FUNC:
    case BTF_KIND_DECL_TAG:
    case BTF_KIND_TYPE_TAG:
        return 1;
    case BTF_KIND_ARRAY:
        return 2;
    case BTF_KIND_FUNC_PROTO:
        return 1u + btf_vlen(type);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
        return btf_vlen(type);
    default:
        return 0;
    }
}

/* The one of that number. */
static struct edge
edge_at(const struct btf_type *type, uint32_t i, int behind)
{
    switch (btf_kind(type)) {
    case BTF_KIND_PTR:
        return (struct edge){type->type, 1};
    case BTF_KIND_ARRAY:
        return (struct edge){
            i == 0 ? btf_array(type)->type : btf_array(type)->index_type, 0};
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return (struct edge){btf_members(type)[i].type, 0};
    case BTF_KIND_DATASEC:
        return (struct edge){btf_var_secinfos(type)[i].type, 0};
    case BTF_KIND_FUNC_PROTO:
        return (struct edge){i == 0 ? type->type : btf_params(type)[i - 1].type,
                             behind};
    default:
        return (struct edge){type->type, behind};
    }
}

/* Parts that no type stands for: the enumerators of an enum that is written where it
 * is used, the gaps before the members and behind the last. */
static uint64_t
extra_parts(const struct tb_btf_table *table, const struct btf_type *type)
{
    int64_t end = 0, n = 0;

    if (btf_is_any_enum(type)) {
        return type->name_off == 0 ? btf_vlen(type) : 0;
    }
    for (uint32_t i = 0; btf_is_composite(type) && i < btf_vlen(type); i++) {
        int64_t at = btf_member_bit_offset(type, i) / 8;

        at = at < type->size ? at : type->size; /* what lies outside is found later */
        n += at > end ? (at - end) / GAP : 0;
        end = at + tb_btf_table_size(table, btf_members(type)[i].type);
    }
    if (btf_is_struct(type) && type->size > end) {
        n += (type->size - end) / GAP;
    }
    return (uint64_t)n;
}

static struct tb_btf_extent measure(struct tb_btf_unfold *unfold, struct edge at,
                                    uint32_t depth, const char **problem);

/* Add up what a type names. */
static struct tb_btf_extent
measure_parts(struct tb_btf_unfold *unfold, struct edge at, uint32_t depth,
              const char **problem)
{
    const struct btf_type *type = tb_btf_table_type(unfold->table, at.id);
    uint32_t count = edge_count(type);
    struct tb_btf_extent all = single;
    uint64_t n = 1;

    for (uint32_t i = 0; i < count && n <= TB_BTF_PARTS_MAX; i++) {
        struct edge next = edge_at(type, i, at.behind);
        struct tb_btf_extent part;

        if (tb_btf_table_type(unfold->table, next.id) == NULL) {
            *problem = "refers to a type that does not exist";
            break;
        }
        part = measure(unfold, next, depth + 1, problem);
        if (*problem != NULL) {
            return failed;
        }
        n += part.n;
        if (part.height >= all.height) {
            all.height = (uint16_t)(part.height + 1);
        }
    }
    n += *problem == NULL ? extra_parts(unfold->table, type) : 0;
    unfold->n_all += n;
    if (*problem == NULL &&
        (n > TB_BTF_PARTS_MAX || unfold->n_all > TB_BTF_ALL_PARTS_MAX)) {
        *problem = n > TB_BTF_PARTS_MAX
                       ? "unfolds into more than 262144 parts"
                       : "is one of those that unfold into more than 268435456 parts";
    }
    unfold->problem_id = at.id;
    all.n = (uint32_t)n;
    return all;
}

/* Measure a type, which is there, and what it needs; the recursion ends at DEPTH_MAX.
 */
static struct tb_btf_extent
measure(struct tb_btf_unfold *unfold, struct edge at, uint32_t depth,
        const char **problem)
{
    const struct btf_type *type = tb_btf_table_type(unfold->table, at.id);
    struct tb_btf_extent *mine = &unfold->extents[2 * (size_t)at.id + at.behind];

    if (at.behind && btf_is_composite(type) && type->name_off != 0) {
        return single;
    }
    if (mine->height == OPEN || depth + mine->height >= DEPTH_MAX) {
        *problem = mine->height == OPEN ? "holds itself" : "is nested too deep";
        unfold->problem_id = at.id;
        return failed;
    }
    if (mine->height == 0) {
        mine->height = OPEN;
        *mine = measure_parts(unfold, at, depth, problem);
    }
    return *mine;
}

const char *
tb_btf_unfold_type(struct tb_btf_unfold *unfold, uint32_t id)
{
    const char *problem = NULL;

    measure(unfold, (struct edge){id, 0}, 0, &problem);
    return problem;
}

uint32_t
tb_btf_unfold_parts(const struct tb_btf_unfold *unfold, uint32_t id)
{
    return unfold->extents[2 * (size_t)id].n;
}
