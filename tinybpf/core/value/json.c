/* SPDX-License-Identifier: MIT
 *
 * Values as JSON (value/json.h). Errors are the text's: once it found no room nothing
 * is added any more, so they are looked at at the end only.
 */
#include "value/json.h"

#include "base/abi3.h"
#include "base/libbpf.h"
#include "value/bits.h"

#include <errno.h>
#include <string.h>

static void
add(struct tb_text *text, const char *more)
{
    tb_text_add(text, more, strlen(more));
}

static void __attribute__((format(printf, 2, 3)))
add_format(struct tb_text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tb_text_add_format(text, format, args);
    va_end(args);
}

/* The bytes of the character that begins a text of n bytes; 0: they are not UTF-8 (RFC
 * 3629: nothing overlong, no surrogates, nothing above U+10FFFF). */
static size_t
character_size(const unsigned char *text, size_t n)
{
    unsigned char lead = text[0];
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (size == 1) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4 || size > n || text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return size;
}

/* A character of size bytes (0: a byte that is none), within quotes. U+0080 to U+009F
 * are control characters, too. */
static void
add_character(struct tb_text *text, const unsigned char *at, size_t size)
{
    if (size == 0) {
        add_format(text, "\\\\x%02x", at[0]);
    }
    else if (at[0] == '"' || at[0] == '\\') {
        add_format(text, "\\%c", at[0]);
    }
    else if (at[0] < 0x20 || at[0] == 0x7f) {
        add_format(text, "\\u%04x", at[0]);
    }
    else if (at[0] == 0xc2 && at[1] < 0xa0) {
        add_format(text, "\\u%04x", at[1]);
    }
    else {
        tb_text_add(text, (const char *)at, size);
    }
}

/* Text in quotes, up to the first NUL. */
static void
add_text(struct tb_text *text, const char *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    size_t n = strnlen(data, size), taken;

    add(text, "\"");
    for (size_t at = 0; at < n; at += taken ? taken : 1) {
        taken = character_size(bytes + at, n - at);
        add_character(text, bytes + at, taken);
    }
    add(text, "\"");
}

static void
add_hex(struct tb_text *text, const unsigned char *data, size_t size)
{
    add(text, "\"");
    for (size_t i = 0; i < size; i++) {
        add_format(text, "%02x", data[i]);
    }
    add(text, "\"");
}

/* An integer of 128 bits, which is more than printf() knows. */
static void
add_number(struct tb_text *text, tb_wide number, int is_signed)
{
    char digits[48], *at = digits + sizeof(digits);
    int is_negative = is_signed && (tb_signed_wide)number < 0;

    if (is_negative) {
        number = -number;
    }
    *--at = '\0';
    do {
        *--at = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number != 0);
    if (is_negative) {
        *--at = '-';
    }
    add(text, at);
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

/* The number of an enum's member i, as the bits of a field of that type are read. */
static tb_wide
member_number(const struct btf_type *type, int i)
{
    int is_signed = btf_kflag(type);

    if (btf_is_enum64(type)) {
        uint64_t bits = btf_enum64_value(&btf_enum64(type)[i]);

        return is_signed ? (tb_wide)(int64_t)bits : bits;
    }
    return is_signed ? (tb_wide)btf_enum(type)[i].val : (uint32_t)btf_enum(type)[i].val;
}

/* The name of an enum's first member with that number; NULL if there is none. */
static const char *
member_name(const struct btf *btf, const struct btf_type *type, tb_wide number)
{
    for (int i = 0; i < btf_vlen(type); i++) {
        if (member_number(type, i) == number) {
            const char *name = btf__name_by_offset(
                btf, btf_is_enum64(type) ? btf_enum64(type)[i].name_off
                                         : btf_enum(type)[i].name_off);

            return name != NULL && name[0] != '\0' ? name : NULL;
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
        const char *at = data + field->offset;

        add(text, i ? "," : "");
        add_text(text, field->name, strlen(field->name));
        add(text, ":");
        if (field->bits != 0) {
            add_bits(text, btf, field, at);
        }
        else {
            tb_json_add(text, btf, field->layout, at,
                        field->is_tail ? size - field->offset : field->layout->size);
        }
    }
    add(text, "}");
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
