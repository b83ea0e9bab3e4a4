/* SPDX-License-Identifier: MIT
 *
 * Filters of records (row/filter.h): what was written is read once, by the type of the
 * field that it is compared with.
 */
#include "row/filter.h"

#include "base/libbpf.h"
#include "btf/member.h"
#include "value/json.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* By enum tb_row_relation. */
static const char *const relations[] = {"==", "!=", "<", "<=", ">", ">=", "~"};

/* Read a whole number, decimal or 0x: 0, or -1 if the text is none. */
static int
read_number(const char *text, tb_signed_wide *out)
{
    const char *digits = text + (text[0] == '-');
    int is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    unsigned long long number;
    char *end;

    if (digits[0] < '0' || digits[0] > '9') {
        return -1;
    }
    errno = 0;
    number = strtoull(digits, &end, is_hex ? 16 : 10);
    if (*end != '\0' || errno != 0) {
        return -1;
    }
    *out = text[0] == '-' ? -(tb_signed_wide)number : (tb_signed_wide)number;
    return 0;
}

/* The number of an enum's member of that name; -1 if there is none. */
static int
read_member(const struct btf *btf, uint32_t type_id, const char *text,
            tb_signed_wide *out)
{
    struct tb_enum_member member;

    if (!tb_member_find_in(btf, btf__type_by_id(btf, type_id), text, &member)) {
        return -1;
    }
    *out = member.is_signed ? (tb_signed_wide)(int64_t)member.bits
                            : (tb_signed_wide)member.bits;
    return 0;
}

static int
read_bool(const char *text, tb_signed_wide *out)
{
    *out = strcmp(text, "true") == 0;
    return *out || strcmp(text, "false") == 0 ? 0 : read_number(text, out);
}

/* Read what a number is compared with: 0, or -1 if the text is none. */
static int
read_by_type(struct tb_row_filter *filter, const char *text)
{
    const struct tb_layout *layout = filter->place.field.layout;

    filter->how = TB_ROW_AS_NUMBER;
    switch (layout->kind) {
    case TB_LAYOUT_BOOL:
        return read_bool(text, &filter->number);
    case TB_LAYOUT_ENUM:
        return read_number(text, &filter->number) == 0
                   ? 0
                   : read_member(filter->place.btf->handle, layout->type_id, text,
                                 &filter->number);
    case TB_LAYOUT_UNSIGNED:
    case TB_LAYOUT_SIGNED:
    case TB_LAYOUT_POINTER:
        return read_number(text, &filter->number);
    case TB_LAYOUT_FLOAT:
        filter->how = TB_ROW_AS_FLOAT;
        filter->real = PyOS_string_to_double(text, NULL, NULL);
        if (PyErr_Occurred()) {
            PyErr_Clear();
            return -1;
        }
        return 0;
    default:
        filter->how = TB_ROW_AS_TEXT;
        return 0;
    }
}

/* Settle how the comparison is done; 0, or -1 with ValueError. What has a function is a
 * number if it is compared with one, else what the function shows. */
static int
settle(struct tb_row_filter *filter, const char *path, const char *text)
{
    int is_order =
        filter->relation >= TB_ROW_LESS && filter->relation <= TB_ROW_AT_LEAST;
    enum tb_layout_kind kind = filter->place.field.layout->kind;

    if (filter->relation == TB_ROW_LIKE) {
        filter->how = TB_ROW_AS_TEXT;
    }
    else if (read_by_type(filter, text) < 0) {
        if (filter->place.function == NULL || is_order) {
            PyErr_Format(PyExc_ValueError, "'%s' is nothing that the field '%s' can be",
                         text, path);
            return -1;
        }
        filter->how = TB_ROW_AS_TEXT;
    }
    if (is_order && filter->how == TB_ROW_AS_TEXT && kind != TB_LAYOUT_TEXT) {
        PyErr_Format(PyExc_ValueError,
                     "the field '%s' has no order: compare it by ==, != or ~", path);
        return -1;
    }
    return 0;
}

int
tb_row_filter_make(const Shape *shape, PyObject *given, struct tb_row_filter *out)
{
    const char *path, *relation, *text;
    PyObject *function;
    size_t i = 0;

    *out = (struct tb_row_filter){.text = NULL};
    if (!PyArg_ParseTuple(given, "sssO:filter", &path, &relation, &text, &function) ||
        tb_row_place_find(shape, path, function, &out->place) < 0) {
        return -1;
    }
    while (i < TB_ROW_LIKE && strcmp(relations[i], relation) != 0) {
        i++;
    }
    out->relation = (enum tb_row_relation)i;
    out->text = strdup(text);
    if (out->text == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return settle(out, path, text);
}

void
tb_row_filter_drop(struct tb_row_filter *filter)
{
    tb_row_place_drop(&filter->place);
    free(filter->text);
    filter->text = NULL;
}

/* Whether an order (negative, 0, positive) is what was asked for. */
static int
is_met(enum tb_row_relation relation, int order)
{
    switch (relation) {
    case TB_ROW_EQUAL:
        return order == 0;
    case TB_ROW_UNEQUAL:
        return order != 0;
    case TB_ROW_LESS:
        return order < 0;
    case TB_ROW_AT_MOST:
        return order <= 0;
    case TB_ROW_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

static int
number_passes(const struct tb_row_filter *filter, const char *data)
{
    const struct tb_field *field = &filter->place.field;
    unsigned int bits = field->bits ? field->bits : field->layout->size * 8;
    const char *at = data + field->offset;
    tb_signed_wide value = field->layout->is_signed
                               ? tb_bits_load_signed(at, field->shift, bits)
                               : (tb_signed_wide)tb_bits_load(at, field->shift, bits);

    if (field->layout->kind == TB_LAYOUT_BOOL) {
        value = value != 0;
    }
    return is_met(filter->relation,
                  (value > filter->number) - (value < filter->number));
}

/* What is no number is unequal to all. */
static int
float_passes(const struct tb_row_filter *filter, const char *data)
{
    const char *at = data + filter->place.field.offset;
    double value;
    float half;

    if (filter->place.field.layout->size == sizeof(half)) {
        memcpy(&half, at, sizeof(half));
        value = half;
    }
    else {
        memcpy(&value, at, sizeof(value));
    }
    if (value != value) {
        return filter->relation == TB_ROW_UNEQUAL;
    }
    return is_met(filter->relation, (value > filter->real) - (value < filter->real));
}

static int
text_is_met(const struct tb_row_filter *filter, const char *shown)
{
    if (filter->relation == TB_ROW_LIKE) {
        return fnmatch(filter->text, shown, 0) == 0;
    }
    return is_met(filter->relation, strcmp(shown, filter->text));
}

/* By what is shown. */
static int
text_passes(const struct tb_row_filter *filter, const char *data, size_t size)
{
    struct tb_text text = {0};
    int result = tb_row_place_add(&text, &filter->place, data, size, 0);

    if (result == 0) {
        result = text_is_met(filter, text.data ? text.data : "");
    }
    tb_text_free(&text);
    return result;
}

int
tb_row_filter_passes(const struct tb_row_filter *filter, const char *data, size_t size)
{
    switch (filter->how) {
    case TB_ROW_AS_NUMBER:
        return number_passes(filter, data);
    case TB_ROW_AS_FLOAT:
        return float_passes(filter, data);
    default:
        return text_passes(filter, data, size);
    }
}
