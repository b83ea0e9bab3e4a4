/* SPDX-License-Identifier: MIT
 *
 * From BTF types to layouts (btf/layout.h). Types contain one another by value, so
 * layouts are made from the inside out, each type once; a type that is met again while
 * it is being made contains itself, which only broken BTF says.
 */
#include "btf/layout.h"

#include "base/libbpf.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64          /* of types in one another; the kernel's stay below 20 */
#define MAX_FIELDS (1u << 22) /* of one table; all of a kernel's are some 400,000 */

/* Unions may hold the same bytes in many ways, and those in them again: whoever shows a
 * value goes through all. Eight bits and what they are together, thrice, take 27. */
#define PARTS_OF_BYTE 32
#define PARTS_OF_ELEMENT 64 /* beyond that, in what an array has many of */
#define PARTS_OF_WHOLE 4096 /* the same for what is shown once */
#define PART_OF_NAME 32     /* bytes of a name that count for a part */

/* Stands in the table for a type that is being made. */
static const struct tb_layout in_progress;

static int make(struct tb_layout_table *table, uint32_t type_id, int depth,
                const struct tb_layout **out_layout);

int
tb_layout_is_aggregate(const struct tb_layout *layout)
{
    return layout->kind == TB_LAYOUT_STRUCT || layout->kind == TB_LAYOUT_UNION;
}

int
tb_layout_is_array(const struct tb_layout *layout)
{
    return layout->element != NULL;
}

uint32_t
tb_layout_span(const struct tb_field *field)
{
    if (field->bits != 0) {
        return (uint32_t)(field->shift + field->bits + 7) / 8;
    }
    return field->layout->size;
}

const struct tb_field *
tb_layout_field(const struct tb_layout *layout, const char *name)
{
    int is_escaped = strchr(name, '\\') != NULL;

    for (uint32_t i = 0; tb_layout_is_aggregate(layout) && i < layout->n; i++) {
        const char *own = layout->fields[i].name;

        if (strcmp(own, name) == 0 || (is_escaped && tb_text_is_shown_as(own, name))) {
            return &layout->fields[i];
        }
    }
    return NULL;
}

static int
is_number_size(uint32_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
}

/* The kind of an integer that fills its size; a bitfield's type may say less. */
static enum tb_layout_kind
int_kind(const struct btf_type *type)
{
    uint8_t encoding = btf_int_encoding(type);

    if (encoding & BTF_INT_BOOL) {
        return type->size == 1 ? TB_LAYOUT_BOOL : TB_LAYOUT_UNSIGNED;
    }
    return encoding & BTF_INT_SIGNED ? TB_LAYOUT_SIGNED : TB_LAYOUT_UNSIGNED;
}

static int
is_number(const struct tb_layout *layout)
{
    return layout->kind != TB_LAYOUT_BYTES && layout->kind < TB_LAYOUT_TEXT &&
           layout->kind != TB_LAYOUT_FLOAT;
}

/* Describe a scalar, which contains nothing else; anything but one has no size. */
static void
describe_scalar(const struct btf *btf, const struct btf_type *type,
                struct tb_layout *layout)
{
    const char *name = btf__name_by_offset(btf, type->name_off);

    layout->size = type->size;
    layout->n_parts = 1;
    switch (btf_kind(type)) {
    case BTF_KIND_INT:
        layout->kind = int_kind(type);
        layout->is_char = type->size == 1 && name != NULL && strcmp(name, "char") == 0;
        break;
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        layout->kind = TB_LAYOUT_ENUM;
        layout->is_signed = btf_kflag(type);
        break;
    case BTF_KIND_PTR:
        layout->kind = TB_LAYOUT_POINTER;
        layout->size = btf__pointer_size(btf) == 4 ? 4 : 8;
        break;
    case BTF_KIND_FLOAT:
        layout->kind = TB_LAYOUT_FLOAT;
        break;
    default: /* BTF_KIND_FWD among them: somebody else knows its size */
        layout->size = 0;
    }
    if (!is_number_size(layout->size) ||
        (layout->kind == TB_LAYOUT_FLOAT && layout->size != 4 && layout->size != 8)) {
        layout->kind = TB_LAYOUT_BYTES;
    }
    layout->is_signed |= layout->kind == TB_LAYOUT_SIGNED;
}

int
tb_layout_scalar(const struct btf *btf, uint32_t type_id, struct tb_layout *out_layout)
{
    int id = btf__resolve_type(btf, type_id);

    if (id <= 0) {
        return -EINVAL;
    }
    *out_layout = (struct tb_layout){.type_id = (uint32_t)id};
    describe_scalar(btf, btf__type_by_id(btf, (uint32_t)id), out_layout);
    return out_layout->kind == TB_LAYOUT_BYTES ? -EINVAL : 0;
}

/* Whether to show a type takes more than its size tells, by so many parts. */
static int
has_many_parts(const struct tb_layout *layout, uint64_t allowed)
{
    return layout->n_parts > allowed + (uint64_t)layout->size * PARTS_OF_BYTE;
}

/* Describe an array; what it has many of is made first. 0 or -errno. */
static int
make_array(struct tb_layout_table *table, const struct btf_type *type, int depth,
           struct tb_layout *layout)
{
    const struct btf_array *array = btf_array(type);
    const struct tb_layout *element = NULL;
    uint64_t size;
    int err = make(table, array->type, depth, &element);

    if (err < 0) {
        return err;
    }
    size = (uint64_t)element->size * array->nelems;
    if (size > INT32_MAX || has_many_parts(element, PARTS_OF_ELEMENT)) {
        return -EINVAL;
    }
    layout->n_parts = 1 + element->n_parts * array->nelems;
    layout->kind = TB_LAYOUT_ARRAY;
    layout->size = (uint32_t)size;
    layout->n = array->nelems;
    layout->is_flexible = array->nelems == 0 && element->size != 0;
    layout->element = element;
    if (element->size == 0) {
        layout->kind = TB_LAYOUT_BYTES; /* however many there are, they say nothing */
    }
    else if (element->is_char) {
        layout->kind = TB_LAYOUT_TEXT;
    }
    else if (element->kind == TB_LAYOUT_UNSIGNED && element->size == 1) {
        layout->kind = TB_LAYOUT_BYTES;
    }
    if (layout->kind != TB_LAYOUT_ARRAY) {
        layout->n_parts = 1;
    }
    return 0;
}

/* Append a field; what the array can hold is a power of two. */
static int
append(struct tb_layout_table *table, struct tb_layout *layout,
       const struct tb_field *field)
{
    uint32_t n = layout->n;
    struct tb_field *fields = layout->fields;

    if (table->n_fields == MAX_FIELDS) {
        return -EINVAL;
    }
    if ((n & (n - 1)) == 0) {
        fields = realloc(fields, (n ? (size_t)n * 2 : 1) * sizeof(*fields));
        if (fields == NULL) {
            return -ENOMEM;
        }
        layout->fields = fields;
    }
    fields[n] = *field;
    layout->n = n + 1;
    layout->n_parts += field->layout->n_parts + strlen(field->name) / PART_OF_NAME;
    table->n_fields++;
    return 0;
}

/* Append the fields of an anonymous member. */
static int
append_all(struct tb_layout_table *table, struct tb_layout *layout,
           const struct tb_layout *inner, uint32_t offset)
{
    int err = 0;

    for (uint32_t i = 0; err == 0 && i < inner->n; i++) {
        struct tb_field field = inner->fields[i];

        field.offset += offset;
        field.is_tail = 0;
        err = append(table, layout, &field);
    }
    return err;
}

/* The width of the bitfield that a member is, 0 if it is none, and where it begins:
 * said by the struct, or, before kind_flag, by the member's own integer type. */
static uint32_t
bitfield_of(const struct tb_layout_table *table, const struct btf_type *type,
            uint32_t i, uint32_t *bit)
{
    const struct btf_member *member = &btf_members(type)[i];
    const struct btf_type *own;
    uint32_t width = btf_member_bitfield_size(type, i);
    int id = btf__resolve_type(table->btf, member->type);

    *bit = btf_member_bit_offset(type, i);
    if (btf_kflag(type) || id <= 0) {
        return width;
    }
    own = btf__type_by_id(table->btf, (uint32_t)id);
    if (!btf_is_int(own)) {
        return 0;
    }
    width = btf_int_bits(own);
    *bit += btf_int_offset(own);
    return width == own->size * 8 && *bit % 8 == 0 ? 0 : width;
}

/* Describe member i: 0, or -EINVAL if it does not lie within its aggregate. */
static int
locate(const struct tb_layout_table *table, const struct btf_type *type, uint32_t i,
       struct tb_field *field)
{
    uint32_t bit = 0, width = bitfield_of(table, type, i, &bit);

    field->name = btf__name_by_offset(table->btf, btf_members(type)[i].name_off);
    field->offset = bit / 8;
    field->shift = 0;
    field->bits = 0;
    if (field->name == NULL) {
        return -EINVAL;
    }
    if (width != 0) {
        if (!is_number(field->layout) || width > field->layout->size * 8) {
            return -EINVAL;
        }
        field->bits = (uint8_t)width;
        field->shift = bit % 8;
    }
    else if (bit % 8 != 0) {
        return -EINVAL;
    }
    return (uint64_t)field->offset + tb_layout_span(field) > type->size ? -EINVAL : 0;
}

/* Describe a struct or union with the fields of its anonymous members; 0 or -errno. */
static int
make_aggregate(struct tb_layout_table *table, const struct btf_type *type, int depth,
               struct tb_layout *layout)
{
    int err = 0;

    layout->kind = btf_is_union(type) ? TB_LAYOUT_UNION : TB_LAYOUT_STRUCT;
    layout->size = type->size;
    if (type->size > INT32_MAX) {
        return -EINVAL;
    }
    for (uint32_t i = 0; err == 0 && i < btf_vlen(type); i++) {
        struct tb_field field = {0};

        err = make(table, btf_members(type)[i].type, depth, &field.layout);
        if (err == 0) {
            err = locate(table, type, i, &field);
        }
        if (err < 0) {
            break;
        }
        if (field.name[0] != '\0') {
            err = append(table, layout, &field);
        }
        else if (tb_layout_is_aggregate(field.layout)) {
            err = append_all(table, layout, field.layout, field.offset);
        }
    }
    if (has_many_parts(layout, PARTS_OF_WHOLE)) {
        err = -EINVAL;
    }
    if (err == 0 && layout->n != 0) {
        struct tb_field *last = &layout->fields[layout->n - 1];

        last->is_tail = last->layout->is_flexible;
    }
    return err;
}

/* Fill in the layout of a type. */
static int
fill(struct tb_layout_table *table, const struct btf_type *type, int depth,
     struct tb_layout *layout)
{
    switch (btf_kind(type)) {
    case BTF_KIND_INT:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_PTR:
    case BTF_KIND_FLOAT:
    case BTF_KIND_FWD:
        describe_scalar(table->btf, type, layout);
        return 0;
    case BTF_KIND_ARRAY:
        return make_array(table, type, depth, layout);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return make_aggregate(table, type, depth, layout);
    default:
        return -EINVAL;
    }
}

/* The layout of a type, out of the table or new in it; 0 or -errno, and then the table
 * is as it was. */
static int
make(struct tb_layout_table *table, uint32_t type_id, int depth,
     const struct tb_layout **out_layout)
{
    int id = btf__resolve_type(table->btf, type_id);
    struct tb_layout *layout;
    int err;

    if (id <= 0 || (uint32_t)id >= table->n_ids || depth == MAX_DEPTH) {
        return -EINVAL;
    }
    *out_layout = table->by_id[id];
    if (*out_layout != NULL) {
        return *out_layout == &in_progress ? -EINVAL : 0;
    }
    layout = calloc(1, sizeof(*layout));
    if (layout == NULL) {
        return -ENOMEM;
    }
    table->by_id[id] = &in_progress;
    layout->type_id = (uint32_t)id;
    err = fill(table, btf__type_by_id(table->btf, (uint32_t)id), depth + 1, layout);
    if (err < 0) {
        table->by_id[id] = NULL;
        free(layout->fields);
        free(layout);
        return err;
    }
    layout->next = table->last;
    table->last = layout;
    table->by_id[id] = *out_layout = layout;
    return 0;
}

int
tb_layout_get(struct tb_layout_table *table, uint32_t type_id,
              const struct tb_layout **out_layout)
{
    if (table->by_id == NULL) {
        table->n_ids = btf__type_cnt(table->btf);
        table->by_id = calloc(table->n_ids, sizeof(struct tb_layout *));
        if (table->by_id == NULL) {
            return -ENOMEM;
        }
    }
    return make(table, type_id, 0, out_layout);
}

const struct tb_layout *
tb_layout_wrap(struct tb_layout_table *table, const struct tb_layout *inner)
{
    struct tb_layout *layout = calloc(1, sizeof(*layout));
    struct tb_field *field = calloc(1, sizeof(*field));

    if (layout == NULL || field == NULL) {
        free(layout);
        free(field);
        return NULL;
    }
    *field = (struct tb_field){
        .name = "value", .layout = inner, .is_tail = inner->is_flexible};
    *layout = (struct tb_layout){
        .kind = TB_LAYOUT_STRUCT,
        .type_id = inner->type_id,
        .size = inner->size,
        .n = 1,
        .n_parts = inner->n_parts,
        .is_wrapper = 1,
        .fields = field,
        .next = table->last,
    };
    table->last = layout;
    return layout;
}

void
tb_layout_free_all(struct tb_layout_table *table)
{
    struct tb_layout *layout = table->last;

    while (layout != NULL) {
        struct tb_layout *next = layout->next;

        free(layout->fields);
        free(layout);
        layout = next;
    }
    free(table->by_id);
    table->last = NULL;
    table->by_id = NULL;
}
