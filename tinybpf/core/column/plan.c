/* SPDX-License-Identifier: MIT
 *
 * Making of plans (column/plan.h), out of layouts.
 */
#include "column/plan.h"

#include "base/libbpf.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct tb_column_plan *
tb_column_plan_new(void)
{
    struct tb_column_plan *plan = calloc(1, sizeof(*plan));

    if (plan != NULL) {
        plan->n_users = 1;
    }
    return plan;
}

struct tb_column_plan *
tb_column_plan_use(struct tb_column_plan *plan)
{
    plan->n_users++;
    return plan;
}

void
tb_column_clear(struct tb_column *column)
{
    for (uint32_t i = 0; i < column->n_members; i++) {
        free(column->members[i].name);
    }
    free(column->members);
    free(column->name);
    column->members = NULL;
    column->name = NULL;
    column->n_members = 0;
}

void
tb_column_plan_drop(struct tb_column_plan *plan)
{
    if (plan == NULL || --plan->n_users > 0) {
        return;
    }
    for (uint32_t i = 0; i < plan->n; i++) {
        tb_column_clear(&plan->columns[i]);
    }
    free(plan->columns);
    free(plan);
}

size_t
tb_column_elements(const struct tb_column *column)
{
    size_t n = 1;

    for (int i = 0; i < column->n_dims; i++) {
        n *= column->dims[i];
    }
    return n;
}

/* Whether elements of that size go with the kind. */
static int
is_possible(const struct tb_column *column)
{
    uint32_t size = column->size;

    switch (column->kind) {
    case TB_COLUMN_UNSIGNED:
    case TB_COLUMN_SIGNED:
    case TB_COLUMN_ENUM:
        return size == 1 || size == 2 || size == 4 || size == 8;
    case TB_COLUMN_BOOL:
        return size == 1;
    case TB_COLUMN_FLOAT:
        return size == 4 || size == 8;
    default:
        return size >= 1;
    }
}

/* Settle the width: 0, or -EINVAL if there is no such column. */
static int
settle(struct tb_column *column)
{
    uint64_t width = column->size;

    if (column->n_dims > TB_COLUMN_DIMS || !is_possible(column)) {
        return -EINVAL;
    }
    for (int i = 0; i < column->n_dims; i++) {
        if (column->dims[i] == 0) {
            return -EINVAL;
        }
        width *= column->dims[i];
        if (width > INT32_MAX) {
            return -EINVAL;
        }
    }
    column->width = (uint32_t)width;
    return width > INT32_MAX ? -EINVAL : 0;
}

/* By their values, and those of one value as they were declared. */
static int
by_value(const void *left, const void *right)
{
    const struct tb_column_member *a = left, *b = right;

    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return a->place < b->place ? -1 : 1;
}

static uint64_t
cut(uint64_t value, uint32_t size)
{
    return size >= sizeof(value) ? value : value & (((uint64_t)1 << (8 * size)) - 1);
}

/* Cut the members' values and sort them. */
static void
sort_members(struct tb_column *column)
{
    for (uint32_t i = 0; i < column->n_members; i++) {
        column->members[i].value = cut(column->members[i].value, column->size);
    }
    if (column->n_members > 0) {
        qsort(column->members, column->n_members, sizeof(*column->members), by_value);
    }
}

int
tb_column_plan_append_steal(struct tb_column_plan *plan, struct tb_column *column)
{
    uint32_t n = plan->n;
    int err = column->name == NULL ? -ENOMEM
              : n == TB_COLUMN_MAX ? -E2BIG
                                   : settle(column);
    struct tb_column *columns = plan->columns;

    if (err == 0 && (n & (n - 1)) == 0) {
        columns = realloc(columns, (n ? (size_t)n * 2 : 1) * sizeof(*columns));
        err = columns == NULL ? -ENOMEM : 0;
    }
    if (err < 0) {
        tb_column_clear(column);
        return err;
    }
    sort_members(column);
    plan->columns = columns;
    columns[n] = *column;
    plan->n = n + 1;
    plan->row += column->width;
    return 0;
}

/* "name.field", or one of the two where the other is empty; NULL: no memory. */
static char *
join(const char *name, const char *field)
{
    struct tb_text text = {0};
    size_t n = name ? strlen(name) : 0;

    tb_text_add(&text, "", 0); /* there is a text, also if it is empty */
    if (n > 0) {
        tb_text_add(&text, name, n);
        tb_text_add(&text, field[0] ? "." : "", field[0] != '\0');
    }
    tb_text_add_shown(&text, field, strlen(field));
    if (text.err < 0) {
        tb_text_free(&text);
    }
    return text.data;
}

const struct tb_column_member *
tb_column_member(const struct tb_column *column, uint64_t value)
{
    uint32_t from = 0, to = column->n_members;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;

        if (column->members[middle].value < value) {
            from = middle + 1;
        }
        else {
            to = middle;
        }
    }
    return from < column->n_members && column->members[from].value == value
               ? &column->members[from]
               : NULL;
}

/* Copy the members of an enum; 0 or -ENOMEM. */
static int
add_members(struct tb_column *column, const struct btf *btf, uint32_t type_id)
{
    const struct btf_type *type = btf__type_by_id(btf, type_id);
    int is_wide = btf_kind(type) == BTF_KIND_ENUM64;
    uint32_t n = btf_vlen(type);

    column->members = calloc(n ? n : 1, sizeof(*column->members));
    if (column->members == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t off =
            is_wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off;
        uint64_t value = is_wide ? btf_enum64_value(&btf_enum64(type)[i])
                                 : (uint64_t)(int64_t)btf_enum(type)[i].val;
        const char *name = btf__name_by_offset(btf, off);

        column->members[i].place = i;
        column->members[i].value = value;
        column->members[i].name = join(NULL, name ? name : "");
        column->n_members++;
        if (column->members[i].name == NULL) {
            return -ENOMEM;
        }
    }
    return 0;
}

/* The kind of an element that is no array. */
static enum tb_column_kind
kind_of(const struct tb_layout *layout)
{
    if (layout->size > sizeof(uint64_t) && layout->kind != TB_LAYOUT_TEXT) {
        return TB_COLUMN_BYTES;
    }
    switch (layout->kind) {
    case TB_LAYOUT_UNSIGNED:
    case TB_LAYOUT_POINTER:
        return TB_COLUMN_UNSIGNED;
    case TB_LAYOUT_SIGNED:
        return TB_COLUMN_SIGNED;
    case TB_LAYOUT_BOOL:
        return TB_COLUMN_BOOL;
    case TB_LAYOUT_FLOAT:
        return TB_COLUMN_FLOAT;
    case TB_LAYOUT_ENUM:
        return TB_COLUMN_ENUM;
    case TB_LAYOUT_TEXT:
        return TB_COLUMN_TEXT;
    default:
        return TB_COLUMN_BYTES;
    }
}

/* Append the one column of what is no struct, at the place of a field. */
static int
add_column(struct tb_column_plan *plan, const struct btf *btf,
           const struct tb_field *field, char *name)
{
    const struct tb_layout *layout = field->layout;
    struct tb_column column = {
        .name = name,
        .part = plan->n_parts,
        .offset = field->offset,
        .bits = field->bits,
        .shift = field->shift,
    };

    while (layout->kind == TB_LAYOUT_ARRAY && column.n_dims < TB_COLUMN_DIMS) {
        column.dims[column.n_dims++] = layout->n;
        layout = layout->element;
    }
    column.size = layout->size;
    column.kind = kind_of(layout);
    column.is_signed = layout->is_signed;
    if (column.kind == TB_COLUMN_ENUM && name != NULL &&
        add_members(&column, btf, layout->type_id) < 0) {
        tb_column_clear(&column);
        return -ENOMEM;
    }
    return tb_column_plan_append_steal(plan, &column);
}

/* Append the columns of what lies at the place of a field; 0 or -errno. Layouts are in
 * one another no deeper than those who make them allow. */
static int
add_field(struct tb_column_plan *plan, const struct btf *btf,
          const struct tb_field *field, const char *before)
{
    const struct tb_layout *layout = field->layout;
    char *name;
    int err = 0;

    if (layout->size == 0) {
        return 0;
    }
    name = join(before, field->name);
    if (layout->kind != TB_LAYOUT_STRUCT || name == NULL) {
        return add_column(plan, btf, field, name);
    }
    for (uint32_t i = 0; err == 0 && i < layout->n; i++) {
        struct tb_field inner = layout->fields[i];

        inner.offset += field->offset;
        err = add_field(plan, btf, &inner, name);
    }
    free(name);
    return err;
}

int
tb_column_plan_add(struct tb_column_plan *plan, const struct btf *btf,
                   const struct tb_layout *layout, const char *name)
{
    struct tb_field whole = {.name = name, .layout = layout};
    int err;

    if (layout->is_wrapper) {
        whole.layout = layout->fields[0].layout;
    }
    err = add_field(plan, btf, &whole, NULL);
    plan->part_sizes[plan->n_parts++] = layout->size;
    return err;
}
