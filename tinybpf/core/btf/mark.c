/* SPDX-License-Identifier: MIT
 *
 * Marking (btf/mark.h), as bpftool's `gen min_core_btf` does it: a relocation is
 * followed through every type of the kernel that libbpf would consider, by the names of
 * members; what it passes is kept.
 */
#include "btf/mark.h"

#include "base/libbpf.h"
#include "btf/ext.h"
#include "btf/find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

#define STEPS_MAX (1ull << 26) /* types that relocations are followed through */

/* The types of the kernel that one of the object's could mean. */
struct candidates {
    uint32_t *ids; /* owned */
    uint32_t n;
    int is_known;
};

/* What visit_relocation needs. */
struct context {
    struct tb_btf_marks *marks;
    const struct btf *object;
    struct candidates *known; /* owned; one for each type of the object */
    uint64_t n_steps;
};

int
tb_btf_marks_init(struct tb_btf_marks *marks, const struct btf *btf)
{
    uint32_t n = btf__type_cnt(btf), total = 0;

    *marks = (struct tb_btf_marks){.btf = btf};
    marks->types = calloc(n, sizeof(*marks->types));
    marks->first = calloc(n, sizeof(*marks->first));
    if (marks->types == NULL || marks->first == NULL) {
        return -ENOMEM;
    }
    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        marks->first[id] = total;
        total += btf_is_composite(type) ? btf_vlen(type) : 0;
    }
    marks->members = calloc((size_t)total + 1, sizeof(*marks->members));
    return marks->members != NULL ? 0 : -ENOMEM;
}

void
tb_btf_marks_free(struct tb_btf_marks *marks)
{
    free(marks->types);
    free(marks->members);
    free(marks->first);
}

/* Whether a type is one of values. No relocation can mean another one, and hostile
 * types that lead to one lead to void in what is built. */
static int
is_of_values(const struct btf_type *type)
{
    return !btf_is_func(type) && !btf_is_var(type) && !btf_is_datasec(type) &&
           !btf_is_decl_tag(type);
}

/* Mark a type and what its size and kind hang on; what pointers lead to if follow. */
static void
mark_type(struct tb_btf_marks *marks, uint32_t id, int follow, int depth)
{
    const struct btf_type *type = btf__type_by_id(marks->btf, id);

    if (id == 0 || type == NULL || !is_of_values(type) || depth > DEPTH_MAX) {
        return;
    }
    marks->types[id] = 1;
    if (btf_is_mod(type) || btf_is_typedef(type) || (btf_is_ptr(type) && follow)) {
        mark_type(marks, type->type, follow, depth + 1);
    }
    else if (btf_is_array(type)) {
        mark_type(marks, btf_array(type)->type, follow, depth + 1);
        mark_type(marks, btf_array(type)->index_type, follow, depth + 1);
    }
    else if (btf_is_func_proto(type)) {
        mark_type(marks, type->type, follow, depth + 1);
        for (uint32_t i = 0; i < btf_vlen(type); i++) {
            mark_type(marks, btf_params(type)[i].type, follow, depth + 1);
        }
    }
}

static void
mark_member(struct tb_btf_marks *marks, uint32_t id, uint32_t i)
{
    const struct btf_type *type = btf__type_by_id(marks->btf, id);

    marks->types[id] = 1;
    marks->members[marks->first[id] + i] = 1;
    mark_type(marks, btf_members(type)[i].type, 0, 0);
}

/* Mark what a comparison of whole types looks at. */
static void
mark_match(struct tb_btf_marks *marks, uint32_t id, int behind, int depth)
{
    const struct btf_type *type = btf__type_by_id(marks->btf, id);

    if (id == 0 || type == NULL || depth > DEPTH_MAX) {
        return;
    }
    mark_type(marks, id, 0, 0);
    if (btf_is_mod(type) || btf_is_typedef(type) || btf_is_ptr(type)) {
        mark_match(marks, type->type, behind || btf_is_ptr(type), depth + 1);
    }
    else if (btf_is_array(type)) {
        mark_match(marks, btf_array(type)->type, behind, depth + 1);
    }
    else if (btf_is_func_proto(type)) {
        mark_match(marks, type->type, behind, depth + 1);
        for (uint32_t i = 0; i < btf_vlen(type); i++) {
            mark_match(marks, btf_params(type)[i].type, behind, depth + 1);
        }
    }
    for (uint32_t i = 0; btf_is_composite(type) && !behind && i < btf_vlen(type); i++) {
        mark_member(marks, id, i);
        mark_match(marks, btf_members(type)[i].type, 0, depth + 1);
    }
}

/* Mark the way to the member of that name through anonymous ones; the number of its
 * type, or 0 if there is none. */
static uint32_t
follow_name(struct tb_btf_marks *marks, uint32_t id, const char *name, int depth)
{
    const struct btf_type *type = tb_btf_resolve(marks->btf, &id);

    if (type == NULL || !btf_is_composite(type) || depth > DEPTH_MAX) {
        return 0;
    }
    for (uint32_t i = 0; i < btf_vlen(type); i++) {
        const struct btf_member *member = &btf_members(type)[i];
        const char *here = btf__name_by_offset(marks->btf, member->name_off);
        uint32_t found = 0;

        if (*here != '\0') {
            found = strcmp(here, name) == 0 ? member->type : 0;
        }
        else {
            found = follow_name(marks, member->type, name, depth + 1);
        }
        if (found != 0) {
            mark_member(marks, id, i);
            return found;
        }
    }
    return 0;
}

/* Follow the way of a relocation, given in the object's types, through a type of the
 * kernel's. */
static void
follow_access(struct context *ctx, const struct tb_btf_relocation *relocation,
              uint32_t target)
{
    uint32_t local = relocation->type_id;
    const char *at = strchr(relocation->access, ':');

    mark_type(ctx->marks, target, 0, 0);
    while (at != NULL && target != 0) {
        const struct btf_type *type = tb_btf_resolve(ctx->object, &local), *other;
        unsigned long i = strtoul(at + 1, NULL, 10);
        const char *name;

        at = strchr(at + 1, ':');
        if (type != NULL && btf_is_composite(type) && i < btf_vlen(type)) {
            name = btf__name_by_offset(ctx->object, btf_members(type)[i].name_off);
            local = btf_members(type)[i].type;
            target = *name == '\0' ? target : follow_name(ctx->marks, target, name, 0);
        }
        else if (type != NULL && btf_is_array(type)) {
            local = btf_array(type)->type;
            other = tb_btf_resolve(ctx->marks->btf, &target);
            target = other && btf_is_array(other) ? btf_array(other)->type : 0;
            mark_type(ctx->marks, target, 0, 0);
        }
        else {
            return;
        }
    }
}

static int
is_same_kind(const struct btf_type *a, const struct btf_type *b)
{
    return btf_kind(a) == btf_kind(b) || (btf_is_any_enum(a) && btf_is_any_enum(b));
}

static int
add_candidate(struct candidates *found, uint32_t id)
{
    if ((found->n & (found->n - 1)) == 0) { /* full: 0, 1, 2, 4 ... */
        size_t room = found->n != 0 ? 2 * (size_t)found->n : 1;
        uint32_t *ids = realloc(found->ids, room * sizeof(*ids));

        if (ids == NULL) {
            return -ENOMEM;
        }
        found->ids = ids;
    }
    found->ids[found->n++] = id;
    return 0;
}

/* Find the types whose name is the same up to the ___flavour, as libbpf compares; once
 * for each type that relocations begin at. 0 or -ENOMEM. */
static int
find_candidates(struct context *ctx, const struct btf_type *local,
                struct candidates *found)
{
    const struct btf *kernel = ctx->marks->btf;
    const char *name = btf__name_by_offset(ctx->object, local->name_off);
    uint32_t n = btf__type_cnt(kernel);
    size_t len = tb_btf_ext_essential(name);
    int err = 0;

    for (uint32_t id = 1; len > 0 && id < n && err == 0; id++) {
        const struct btf_type *type = btf__type_by_id(kernel, id);
        const char *other = btf__name_by_offset(kernel, type->name_off);

        if (is_same_kind(type, local) && strncmp(other, name, len) == 0 &&
            tb_btf_ext_essential(other) == len) {
            err = add_candidate(found, id);
        }
    }
    found->is_known = err == 0;
    return err;
}

/* Mark what one relocation needs in a type of the kernel that it could mean. */
static void
mark_candidate(struct context *ctx, const struct tb_btf_relocation *relocation,
               uint32_t id)
{
    if (relocation->kind < BPF_CORE_TYPE_ID_LOCAL) {
        follow_access(ctx, relocation, id);
    }
    else if (relocation->kind == BPF_CORE_TYPE_MATCHES) {
        mark_match(ctx->marks, id, 0, 0);
    }
    else {
        mark_type(ctx->marks, id, 1, 0);
    }
}

/* Find the types of the kernel that one relocation could mean; 0, -ENOMEM, or -EINVAL
 * behind too many of them: nothing is followed then. */
static int
count_relocation(const struct tb_btf_relocation *relocation, void *arg)
{
    struct context *ctx = arg;
    const struct btf_type *local = btf__type_by_id(ctx->object, relocation->type_id);
    struct candidates *found = &ctx->known[relocation->type_id];
    int err = 0;

    if (relocation->kind == BPF_CORE_TYPE_ID_LOCAL) {
        return 0;
    }
    if (!found->is_known) {
        err = find_candidates(ctx, local, found);
    }
    ctx->n_steps += found->n;
    return err == 0 && ctx->n_steps > STEPS_MAX ? -EINVAL : err;
}

/* Mark what one relocation needs in all of them. */
static int
mark_relocation(const struct tb_btf_relocation *relocation, void *arg)
{
    struct context *ctx = arg;
    const struct candidates *found = &ctx->known[relocation->type_id];

    for (uint32_t i = 0; relocation->kind != BPF_CORE_TYPE_ID_LOCAL && i < found->n;
         i++) {
        mark_candidate(ctx, relocation, found->ids[i]);
    }
    return 0;
}

int
tb_btf_marks_add(struct tb_btf_marks *marks, const struct btf *object, const void *ext,
                 size_t size)
{
    struct context ctx = {.marks = marks, .object = object};
    uint32_t n = btf__type_cnt(object);
    int err = -ENOMEM;

    ctx.known = calloc(n, sizeof(*ctx.known));
    if (ctx.known != NULL) {
        err = tb_btf_ext_visit(object, ext, size, count_relocation, &ctx);
    }
    if (err == 0) {
        err = tb_btf_ext_visit(object, ext, size, mark_relocation, &ctx);
    }
    for (uint32_t id = 0; ctx.known != NULL && id < n; id++) {
        free(ctx.known[id].ids);
    }
    free(ctx.known);
    return err;
}

/* Add a struct or union with the members that are marked; its number or -errno. */
static int
add_composite(const struct tb_btf_marks *marks, struct btf *out, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(marks->btf, id);
    const char *name = btf__name_by_offset(marks->btf, type->name_off);
    int added = btf_is_struct(type) ? btf__add_struct(out, name, type->size)
                                    : btf__add_union(out, name, type->size);
    int err = 0;

    for (uint32_t i = 0; added > 0 && err == 0 && i < btf_vlen(type); i++) {
        const struct btf_member *member = &btf_members(type)[i];

        if (marks->members[marks->first[id] + i]) {
            err = btf__add_field(out, btf__name_by_offset(marks->btf, member->name_off),
                                 (int)member->type, btf_member_bit_offset(type, i),
                                 btf_member_bitfield_size(type, i));
        }
    }
    return err < 0 ? err : added;
}

/* Replace the numbers of the kernel's types, which copies still have, by the new ones;
 * 0 (void) for what is not marked. */
static void
renumber(struct btf *out, const uint32_t *ids)
{
    uint32_t n = btf__type_cnt(out);

    for (uint32_t id = 1; id < n; id++) {
        struct btf_type *type = (struct btf_type *)btf__type_by_id(out, id);

        if (btf_is_mod(type) || btf_is_typedef(type) || btf_is_ptr(type) ||
            btf_is_func_proto(type)) {
            type->type = ids[type->type];
        }
        if (btf_is_array(type)) {
            btf_array(type)->type = ids[btf_array(type)->type];
            btf_array(type)->index_type = ids[btf_array(type)->index_type];
        }
        for (uint32_t i = 0; btf_is_composite(type) && i < btf_vlen(type); i++) {
            btf_members(type)[i].type = ids[btf_members(type)[i].type];
        }
        for (uint32_t i = 0; btf_is_func_proto(type) && i < btf_vlen(type); i++) {
            btf_params(type)[i].type = ids[btf_params(type)[i].type];
        }
    }
}

struct btf *
tb_btf_marks_build(const struct tb_btf_marks *marks, int *err)
{
    uint32_t n = btf__type_cnt(marks->btf);
    uint32_t *ids = calloc(n, sizeof(*ids));
    struct btf *out = btf__new_empty();

    *err = ids == NULL || out == NULL ? -ENOMEM : 0;
    for (uint32_t id = 1; *err == 0 && id < n; id++) {
        const struct btf_type *type = btf__type_by_id(marks->btf, id);
        int added;

        if (!marks->types[id]) {
            continue;
        }
        added = btf_is_composite(type) ? add_composite(marks, out, id)
                                       : btf__add_type(out, marks->btf, type);
        *err = added < 0 ? added : 0;
        ids[id] = added > 0 ? (uint32_t)added : 0;
    }
    if (*err == 0) {
        renumber(out, ids);
    }
    else {
        btf__free(out);
        out = NULL;
    }
    free(ids);
    return out;
}
