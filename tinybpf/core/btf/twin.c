/* SPDX-License-Identifier: MIT
 *
 * Comparison and counting of types that share a name (btf/twin.h).
 */
#include "btf/twin.h"

#include "base/libbpf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEP 16 /* types in types that are compared; BTF may have circles */

static int is_same(const struct btf *btf, uint32_t a, uint32_t b, int depth);

static int
is_same_name(const struct btf *btf, uint32_t a_off, uint32_t b_off)
{
    return a_off == b_off || strcmp(btf__name_by_offset(btf, a_off),
                                    btf__name_by_offset(btf, b_off)) == 0;
}

static int
has_same_members(const struct btf *btf, const struct btf_type *a,
                 const struct btf_type *b, int depth)
{
    for (unsigned int i = 0; i < btf_vlen(a); i++) {
        const struct btf_member *one = &btf_members(a)[i], *other = &btf_members(b)[i];

        if (one->offset != other->offset ||
            !is_same_name(btf, one->name_off, other->name_off) ||
            !is_same(btf, one->type, other->type, depth + 1)) {
            return 0;
        }
    }
    return 1;
}

/* Whether two enums of as many values have the same ones. */
static int
has_same_values(const struct btf *btf, const struct btf_type *a,
                const struct btf_type *b)
{
    for (unsigned int i = 0; btf_is_enum(a) && i < btf_vlen(a); i++) {
        if (btf_enum(a)[i].val != btf_enum(b)[i].val ||
            !is_same_name(btf, btf_enum(a)[i].name_off, btf_enum(b)[i].name_off)) {
            return 0;
        }
    }
    for (unsigned int i = 0; btf_is_enum64(a) && i < btf_vlen(a); i++) {
        if (btf_enum64_value(&btf_enum64(a)[i]) !=
                btf_enum64_value(&btf_enum64(b)[i]) ||
            !is_same_name(btf, btf_enum64(a)[i].name_off, btf_enum64(b)[i].name_off)) {
            return 0;
        }
    }
    return 1;
}

/* What pointers point to has no part in a value. */
static int
is_same(const struct btf *btf, uint32_t a, uint32_t b, int depth)
{
    const struct btf_type *one, *other;

    if (a == b || depth > DEEP) {
        return 1;
    }
    one = tb_btf_resolve(btf, &a);
    other = tb_btf_resolve(btf, &b);
    if (one == NULL || other == NULL || a == b) {
        return one == other;
    }
    if (btf_kind(one) != btf_kind(other) || btf_vlen(one) != btf_vlen(other)) {
        return 0;
    }
    switch (btf_kind(one)) {
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return one->size == other->size && has_same_members(btf, one, other, depth);
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return one->size == other->size && has_same_values(btf, one, other);
    case BTF_KIND_ARRAY:
        return btf_array(one)->nelems == btf_array(other)->nelems &&
               is_same(btf, btf_array(one)->type, btf_array(other)->type, depth + 1);
    case BTF_KIND_INT:
        return one->size == other->size &&
               btf_int_encoding(one) == btf_int_encoding(other);
    default:
        return 1;
    }
}

int
tb_twin_is_same(const struct btf *btf, uint32_t a, uint32_t b)
{
    return is_same(btf, a, b, 0);
}

uint32_t
tb_twin_next(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    uint32_t n = btf__type_cnt(btf);

    for (uint32_t next = id + 1; next < n; next++) {
        const struct btf_type *other = btf__type_by_id(btf, next);

        if (btf_kind(other) == btf_kind(type) && other->name_off != 0 &&
            is_same_name(btf, type->name_off, other->name_off) &&
            !is_same(btf, id, next, 0)) {
            return next;
        }
    }
    return 0;
}

/* Names of structs, unions and enums are one space, those of typedefs another. */
static int
is_counted(const struct btf_type *type, int is_typedef)
{
    return is_typedef ? btf_is_typedef(type)
                      : btf_is_composite(type) || btf_is_any_enum(type);
}

uint32_t
tb_twin_number(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    uint32_t number = 1;

    for (uint32_t before = 1; before < id; before++) {
        const struct btf_type *other = btf__type_by_id(btf, before);

        number += is_counted(other, btf_is_typedef(type)) && other->name_off != 0 &&
                  is_same_name(btf, type->name_off, other->name_off);
    }
    return number;
}

/* The type of the first one's name and kind that has that number; 0 if there is none.
 * One walk: there may be as many of a name as there are types. */
static uint32_t
nth_from(const struct btf *btf, uint32_t first, uint32_t wanted)
{
    const struct btf_type *type = btf__type_by_id(btf, first);
    uint32_t n = btf__type_cnt(btf), number = tb_twin_number(btf, first);

    for (uint32_t id = first; id < n && number <= wanted; id++) {
        const struct btf_type *other = btf__type_by_id(btf, id);

        if (other->name_off == 0 ||
            !is_same_name(btf, type->name_off, other->name_off)) {
            continue;
        }
        if (number == wanted && btf_kind(other) == btf_kind(type)) {
            return id;
        }
        number += is_counted(other, btf_is_typedef(type));
    }
    return 0;
}

uint32_t
tb_twin_find(const struct btf *btf, const char *name, struct tb_btf_filter filter)
{
    const char *mark = NULL, *at = name;
    uint32_t wanted, first;
    char bare[256], *end;

    while ((at = strstr(at, "___")) != NULL) {
        mark = at++;
    }
    if (mark == NULL || mark[3] < '1' || mark[3] > '9' ||
        (size_t)(mark - name) >= sizeof(bare)) {
        return 0;
    }
    wanted = (uint32_t)strtoul(mark + 3, &end, 10);
    snprintf(bare, sizeof(bare), "%.*s", (int)(mark - name), name);
    first = *end == '\0' ? tb_btf_find(btf, bare, filter) : 0;
    return first != 0 ? nth_from(btf, first, wanted) : 0;
}

PyObject *
tb_twin_text(const Btf *btf, const char *name, uint32_t id)
{
    uint32_t twin = tb_twin_next(btf->handle, id);
    uint32_t first = tb_twin_number(btf->handle, id);
    uint32_t second = tb_twin_number(btf->handle, twin);

    return PyUnicode_FromFormat(
        "'%s' is two types in %U: number %u of %lld bytes and number %u of %lld bytes; "
        "name '%s___%u' or '%s___%u', or give one of the BtfType of the object's btf",
        name, btf->name, id, btf__resolve_size(btf->handle, id), twin,
        btf__resolve_size(btf->handle, twin), name, first, name, second);
}

PyObject *
tb_twin_name(const struct btf *btf, uint32_t id)
{
    const char *name = btf__name_by_offset(btf, btf__type_by_id(btf, id)->name_off);
    uint32_t number = tb_twin_number(btf, id);

    return number == 1 && tb_twin_next(btf, id) == 0
               ? PyUnicode_FromFormat("%s", name)
               : PyUnicode_FromFormat("%s___%u", name, number);
}
