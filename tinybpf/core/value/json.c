/* SPDX-License-Identifier: MIT
 *
 * Values as JSON (value/json.h). Errors are the text's: once it found no room nothing
 * is added any more, so they are looked at at the end only.
 */
#include "value/json.h"

#include "base/abi3.h"
#include "base/libbpf.h"
#include "btf/member.h"
#include "value/bits.h"
#include "value/plain.h"

#include <errno.h>
#include <string.h>

static void
add(struct tb_text *text, const char *more)
{
    tb_text_add(text, more, strlen(more));
}

/* Text in quotes, up to the first NUL. */
static void
add_text(struct tb_text *text, const char *data, size_t size)
{
    add(text, "\"");
    tb_plain_add(text, data, strnlen(data, size), TB_PLAIN_JSON);
    add(text, "\"");
}

static void
add_hex(struct tb_text *text, const unsigned char *data, size_t size)
{
    add(text, "\"");
    tb_json_add_hex(text, data, size);
    add(text, "\"");
}

/* An integer of 128 bits, which is more than printf() knows; few have more than 64. */
static void
add_number(struct tb_text *text, tb_wide number, int is_signed)
{
    char digits[48], *at = digits + sizeof(digits);
    int is_negative = is_signed && (tb_signed_wide)number < 0;
    uint64_t low;

    if (is_negative) {
        number = -number;
    }
    while (number > UINT64_MAX) {
        *--at = (char)('0' + (int)(number % 10));
        number /= 10;
    }
    low = (uint64_t)number;
    do {
        *--at = (char)('0' + (int)(low % 10));
        low /= 10;
    } while (low != 0);
    if (is_negative) {
        *--at = '-';
    }
    tb_text_add(text, at, (size_t)(digits + sizeof(digits) - at));
}

/* The shortest number that is read back as the same; JSON knows no other than finite
 * ones. */
static void
add_float(struct tb_text *text, const void *data, size_t size)
{
    char *number = NULL;
    double value;
    float half;

    if (size == sizeof(half)) {
        memcpy(&half, data, sizeof(half));
        value = half;
    }
    else {
        memcpy(&value, data, sizeof(value));
    }
    if (value - value != 0) { /* infinite, or none */
        add(text, "null");
        return;
    }
    number = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (number == NULL) {
        PyErr_Clear();
        text->err = -ENOMEM;
        return;
    }
    add(text, number);
    PyMem_Free(number);
}

/* The name of an enum's first member with that number; NULL if there is none. */
static const char *
member_name(const struct btf *btf, const struct btf_type *type, tb_wide number)
{
    for (int i = 0; i < btf_vlen(type); i++) {
        struct tb_enum_member member = tb_member_get(btf, type, i);
        tb_wide bits = member.is_signed ? (tb_wide)(int64_t)member.bits : member.bits;

        if (bits == number) {
            return member.name != NULL && member.name[0] != '\0' ? member.name : NULL;
        }
    }
    return NULL;
}

/* The number in a bitfield that begins at data. */
static void
add_bits(struct tb_text *text, const struct btf *btf, const struct tb_field *field,
         const void *data)
{
    const struct tb_layout *layout = field->layout;
    tb_wide number = layout->is_signed
                         ? (tb_wide)tb_bits_load_signed(data, field->shift, field->bits)
                         : tb_bits_load(data, field->shift, field->bits);
    const char *name = NULL;

    if (layout->kind == TB_LAYOUT_BOOL) {
        add(text, number != 0 ? "true" : "false");
        return;
    }
    if (layout->kind == TB_LAYOUT_ENUM) {
        name = member_name(btf, btf__type_by_id(btf, layout->type_id), number);
    }
    if (name != NULL) {
        add_text(text, name, strlen(name));
    }
    else {
        add_number(text, number, layout->is_signed);
    }
}

static void
add_array(struct tb_text *text, const struct btf *btf, const struct tb_layout *layout,
          const char *data, size_t size)
{
    const struct tb_layout *element = layout->element;
    size_t n = layout->is_flexible ? size / element->size : layout->n;

    add(text, "[");
    for (size_t i = 0; i < n; i++) {
        add(text, i ? "," : "");
        tb_json_add(text, btf, element, data + i * element->size, element->size);
    }
    add(text, "]");
}

/* A struct or a union with all of its members. */
static void
add_object(struct tb_text *text, const struct btf *btf, const struct tb_layout *layout,
           const char *data, size_t size)
{
    add(text, "{");
    for (uint32_t i = 0; i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];

        add(text, i ? "," : "");
        add_text(text, field->name, strlen(field->name));
        add(text, ":");
        tb_json_add_field(text, btf, field, data, size);
    }
    add(text, "}");
}

int
tb_json_add_field(struct tb_text *text, const struct btf *btf,
                  const struct tb_field *field, const void *base, size_t size)
{
    const char *at = (const char *)base + field->offset;

    if (field->bits == 0) {
        return tb_json_add(text, btf, field->layout, at,
                           field->is_tail ? size - field->offset : field->layout->size);
    }
    add_bits(text, btf, field, at);
    return text->err;
}

void
tb_json_add_hex(struct tb_text *text, const unsigned char *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        const char both[] = {digits[data[i] >> 4], digits[data[i] & 0xf]};

        tb_text_add(text, both, sizeof(both));
    }
}

int
tb_json_add(struct tb_text *text, const struct btf *btf, const struct tb_layout *layout,
            const void *data, size_t size)
{
    const struct tb_field whole = {.layout = layout,
                                   .bits = (uint8_t)(layout->size * 8)};

    if (!layout->is_flexible && !tb_layout_is_aggregate(layout)) {
        size = layout->size;
    }
    switch (layout->kind) {
    case TB_LAYOUT_TEXT:
        add_text(text, data, size);
        break;
    case TB_LAYOUT_BYTES:
        add_hex(text, data, size);
        break;
    case TB_LAYOUT_FLOAT:
        add_float(text, data, size);
        break;
    case TB_LAYOUT_ARRAY:
        add_array(text, btf, layout, data, size);
        break;
    case TB_LAYOUT_STRUCT:
    case TB_LAYOUT_UNION:
        add_object(text, btf, layout, data, size);
        break;
    default:
        add_bits(text, btf, &whole, data);
    }
    return text->err;
}
