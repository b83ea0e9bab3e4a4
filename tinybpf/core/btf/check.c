/* SPDX-License-Identifier: MIT
 *
 * Checks of foreign BTF (btf/check.h). libbpf checks offsets and ids; that types do
 * not hold themselves, are not nested without end and have a size is left to whoever
 * walks them, which is recursion in libbpf's dump, too.
 */
#include "btf/check.h"

#include "base/libbpf.h"

#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 256      /* in the kernel's own types it is below 40 */
#define HOLE_MAX (1 << 20) /* bytes */
#define OPEN UINT16_MAX

/* A type is met in two ways: as it is, and behind a pointer, where a named struct need
 * not be known. Each has its height: one more than the types that it needs. */
struct walk {
    const struct btf *btf;
    uint16_t *heights; /* owned; two for each type: 0 not met, OPEN being met */
    uint32_t first;    /* id of the first type that is checked */
    const char *problem;
};

struct edge {
    uint32_t id;
    int behind; /* a pointer */
};

/* Up to str_len; what later versions of BTF have behind it, hdr_len counts. */
#define SMALLEST_HEADER (offsetof(struct btf_header, str_len) + sizeof(uint32_t))

const char *
tb_btf_check_bytes(const void *data, size_t size, char *text, size_t max)
{
    const struct btf_header *header = data;
    uint64_t needed;
    int n = 0;

    if (size < SMALLEST_HEADER) {
        n = snprintf(text, max, "it is truncated: %zu bytes are less than a BTF header",
                     size);
    }
    else if (header->magic == 0x9feb) { /* of the other byte order: libbpf reads it */
        return NULL;
    }
    else if (header->magic != BTF_MAGIC) {
        n = snprintf(text, max, "it is no BTF: it begins with 0x%04x and not 0x%04x",
                     header->magic, BTF_MAGIC);
    }
    else if (header->version != BTF_VERSION) {
        n = snprintf(text, max, "its version is %u, and %u is the only one known",
                     header->version, BTF_VERSION);
    }
    else {
        needed = (uint64_t)header->hdr_len + header->str_off + header->str_len;
        if (needed > size) {
            n = snprintf(text, max, "it is truncated: %zu bytes of %llu", size,
                         (unsigned long long)needed);
        }
    }
    return n > 0 ? text : NULL;
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
    case BTF_KIND_ARRAY:
        return 1;
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
        return (struct edge){btf_array(type)->type, 0};
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return (struct edge){btf_members(type)[i].type, 0};
    case BTF_KIND_DATASEC:
        return (struct edge){btf_var_secinfos(type)[i].type, 0};
    case BTF_KIND_FUNC_PROTO:
        return i == 0 ? (struct edge){type->type, behind}
                      : (struct edge){btf_params(type)[i - 1].type, behind};
    default:
        return (struct edge){type->type, behind};
    }
}

/* Whether the size of a scalar is one that scalars have: libbpf divides by it. */
static int
has_sane_size(const struct btf_type *type)
{
    uint32_t size = type->size;

    switch (btf_kind(type)) {
    case BTF_KIND_INT:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
    case BTF_KIND_FLOAT:
        return size == 2 || size == 4 || size == 8 || size == 12 || size == 16;
    default:
        return 1;
    }
}

/* Whether the values of a type have a size: what is in structs and arrays must. */
static int
is_sized(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);

    while (type != NULL && (btf_is_mod(type) || btf_is_typedef(type))) {
        type = btf__type_by_id(btf, type->type); /* measured: it ends */
    }
    switch (type != NULL ? btf_kind(type) : BTF_KIND_UNKN) {
    case BTF_KIND_INT:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_FLOAT:
    case BTF_KIND_PTR:
    case BTF_KIND_ARRAY:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return 1;
    default:
        return 0;
    }
}

/* Whether libbpf can write what is between the members: it does so 8 bytes a line. */
static int
has_small_holes(const struct btf *btf, const struct btf_type *type)
{
    int64_t end = 0;

    for (uint32_t i = 0; btf_is_struct(type) && i < btf_vlen(type); i++) {
        int64_t at = btf_member_bit_offset(type, i) / 8;

        if (at - end > HOLE_MAX) {
            return 0;
        }
        end = at + btf__resolve_size(btf, btf_members(type)[i].type);
    }
    return !btf_is_struct(type) || type->size - end <= HOLE_MAX;
}

/* What is wrong with a type by itself; NULL if nothing is. */
static const char *
own_problem(const struct btf *btf, const struct btf_type *type)
{
    if (!has_sane_size(type)) {
        return "has a size that no such type has";
    }
    if (btf_is_array(type) && !is_sized(btf, btf_array(type)->type)) {
        return "has a part without a size";
    }
    for (uint32_t i = 0; btf_is_composite(type) && i < btf_vlen(type); i++) {
        if (!is_sized(btf, btf_members(type)[i].type)) {
            return "has a part without a size";
        }
    }
    return has_small_holes(btf, type) ? NULL : "has a hole that no compiler leaves";
}

/* Measure a type and what it needs; its height, or 0 with a problem. The recursion ends
 * at DEPTH_MAX. */
static uint32_t
measure(struct walk *walk, struct edge at, uint32_t depth)
{
    const struct btf_type *type = btf__type_by_id(walk->btf, at.id);
    uint16_t *mine;
    uint32_t height = 1;

    if (type == NULL) { /* libbpf does not check what functions return */
        walk->problem = "refers to a type that does not exist";
        return 0;
    }
    if (at.id < walk->first ||
        (at.behind && btf_is_composite(type) && type->name_off != 0)) {
        return 1;
    }
    mine = &walk->heights[2 * (at.id - walk->first) + (at.behind ? 1 : 0)];
    if (*mine == OPEN) {
        walk->problem = "holds itself";
    }
    else if (depth + *mine >= DEPTH_MAX) {
        walk->problem = "is nested too deep";
    }
    if (walk->problem != NULL || *mine != 0) {
        return walk->problem != NULL ? 0 : *mine;
    }
    *mine = OPEN;
    for (uint32_t i = 0; i < edge_count(type); i++) {
        uint32_t below = measure(walk, edge_at(type, i, at.behind), depth + 1);

        if (below == 0) {
            return 0;
        }
        height = below + 1 > height ? below + 1 : height;
    }
    *mine = (uint16_t)height;
    return height;
}

const char *
tb_btf_check_types(const struct btf *btf, char *text, size_t max)
{
    const struct btf *base = btf__base_btf(btf);
    struct walk walk = {.btf = btf, .first = base != NULL ? btf__type_cnt(base) : 1};
    uint32_t n = btf__type_cnt(btf);
    uint32_t id;

    walk.heights = calloc(2 * (size_t)(n - walk.first) + 2, sizeof(*walk.heights));
    if (walk.heights == NULL) {
        snprintf(text, max, "there is no memory to check it");
        return text;
    }
    for (id = walk.first; id < n && walk.problem == NULL; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        measure(&walk, (struct edge){id, 0}, 0);
        if (walk.problem == NULL) {
            walk.problem = own_problem(btf, type);
        }
    }
    free(walk.heights);
    if (walk.problem == NULL) {
        return NULL;
    }
    snprintf(text, max, "it is malformed: type %u %s", id - 1, walk.problem);
    return text;
}
