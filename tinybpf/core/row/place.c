/* SPDX-License-Identifier: MIT
 *
 * Fields by path, and their text (row/place.h).
 */
#include "row/place.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "base/state.h"
#include "value/class.h"
#include "value/decode.h"
#include "value/json.h"
#include "value/plain.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_BYTES 512

/* By enum tb_layout_kind. */
static const char *const kinds[] = {
    [TB_LAYOUT_BYTES] = "bytes",   [TB_LAYOUT_UNSIGNED] = "unsigned",
    [TB_LAYOUT_SIGNED] = "signed", [TB_LAYOUT_BOOL] = "bool",
    [TB_LAYOUT_FLOAT] = "float",   [TB_LAYOUT_POINTER] = "pointer",
    [TB_LAYOUT_ENUM] = "enum",     [TB_LAYOUT_TEXT] = "text",
    [TB_LAYOUT_ARRAY] = "array",   [TB_LAYOUT_STRUCT] = "struct",
    [TB_LAYOUT_UNION] = "union",
};

/* A path as far as it was followed. */
struct walk {
    const struct tb_layout *layout; /* NULL: there is no such field */
    struct tb_field field;
    int is_last; /* what follows the record follows the field, too */
};

/* Step into the field of that name. A flexible array takes what follows the record
 * only if all that it stands in is last. */
static void
step(struct walk *walk, const char *name)
{
    const struct tb_layout *layout = walk->layout;
    const struct tb_field *field =
        tb_layout_is_aggregate(layout) ? tb_layout_field(layout, name) : NULL;
    uint32_t offset = walk->field.offset;

    walk->layout = field ? field->layout : NULL;
    if (field == NULL) {
        return;
    }
    walk->field = *field;
    walk->field.offset += offset;
    walk->field.is_tail = field->is_tail && walk->is_last;
    walk->is_last &= field->offset + field->layout->size == layout->size;
}

int
tb_row_place_find(const Shape *shape, const char *path, PyObject *function,
                  struct tb_row_place *out)
{
    struct walk walk = {.layout = shape->layout, .is_last = 1};
    char kept[PATH_MAX_BYTES], *rest = NULL;

    if ((size_t)snprintf(kept, sizeof(kept), "%s", path) >= sizeof(kept)) {
        walk.layout = NULL;
    }
    for (char *name = strtok_r(kept, ".", &rest); walk.layout != NULL && name != NULL;
         name = strtok_r(NULL, ".", &rest)) {
        step(&walk, name);
    }
    if (walk.layout == NULL || walk.field.layout == NULL) {
        PyErr_Format(PyExc_KeyError, "there is no field '%s'", path);
        return -1;
    }
    *out = (struct tb_row_place){
        .btf = shape->btf,
        .field = walk.field,
        .function = function == Py_None ? NULL : tb_new_ref(function),
    };
    return 0;
}

void
tb_row_place_drop(struct tb_row_place *place)
{
    Py_CLEAR(place->function);
}

/* Add a str, or a number, that a function has made. */
static int
add_made(struct tb_text *text, PyObject *made, int is_json)
{
    PyObject *shown = PyUnicode_Check(made) ? tb_new_ref(made) : PyObject_Str(made);
    int is_quoted = is_json && PyUnicode_Check(made);
    Py_ssize_t n;
    const char *data = shown ? PyUnicode_AsUTF8AndSize(shown, &n) : NULL;

    if (data == NULL) {
        Py_XDECREF(shown);
        return -1;
    }
    tb_text_add(text, "\"", (size_t)is_quoted);
    tb_plain_add(text, data, (size_t)n, is_json ? TB_PLAIN_JSON : TB_PLAIN_CELL);
    tb_text_add(text, "\"", (size_t)is_quoted);
    Py_DECREF(shown);
    return 0;
}

/* Add what the function of a place makes of a value. */
static int
add_by_function(struct tb_text *text, const struct tb_row_place *place,
                const char *data, size_t size, int is_json)
{
    PyObject *value = tb_value_decode_field(place->btf, &place->field, data, size);
    PyObject *made =
        value ? PyObject_CallFunctionObjArgs(place->function, value, NULL) : NULL;
    int rc = made ? add_made(text, made, is_json) : -1;

    Py_XDECREF(value);
    Py_XDECREF(made);
    return rc;
}

/* Add a field for people: as JSON has it, but text and bytes without quotes, and
 * addresses as such are written. */
static void
add_cell(struct tb_text *text, const struct tb_row_place *place, const char *data,
         size_t size)
{
    const struct tb_field *field = &place->field;
    const char *at = data + field->offset;
    size_t begin = text->len;
    uint64_t address;
    char shown[24];

    if (field->layout->kind == TB_LAYOUT_TEXT) {
        size_t n = field->is_tail ? size - field->offset : field->layout->size;

        tb_plain_add(text, at, strnlen(at, n), TB_PLAIN_CELL);
        return;
    }
    if (field->layout->kind == TB_LAYOUT_POINTER &&
        field->layout->size == sizeof(address)) {
        memcpy(&address, at, sizeof(address));
        snprintf(shown, sizeof(shown), "0x%llx", (unsigned long long)address);
        tb_text_add(text, shown, strlen(shown));
        return;
    }
    if (tb_json_add_field(text, place->btf->handle, field, data, size) == 0 &&
        text->data[begin] == '"') {
        memmove(text->data + begin, text->data + begin + 1, text->len - begin - 2);
        text->len -= 2;
        text->data[text->len] = '\0';
    }
}

int
tb_row_place_add(struct tb_text *text, const struct tb_row_place *place,
                 const char *data, size_t size, int is_json)
{
    if (place->function != NULL) {
        if (add_by_function(text, place, data, size, is_json) < 0) {
            return -1;
        }
    }
    else if (is_json) {
        tb_json_add_field(text, place->btf->handle, &place->field, data, size);
    }
    else {
        add_cell(text, place, data, size);
    }
    if (text->err < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* Append the fields of a layout, which lie below a path; 0, or -1 with an exception.
 * Layouts are in one another no deeper than those who make them allow. */
static int
list_fields(PyObject *list, const struct tb_layout *layout, const char *path)
{
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];
        char longer[PATH_MAX_BYTES];
        int n = snprintf(longer, sizeof(longer), "%s%s%s", path, path[0] ? "." : "",
                         field->name);

        if (n <= 0 || (size_t)n >= sizeof(longer)) {
            continue;
        }
        rc = tb_args_append_steal(
            list,
            Py_BuildValue("(NsIII)", tb_args_text(longer), kinds[field->layout->kind],
                          field->layout->size, field->layout->n, layout->type_id));
        if (rc == 0 && field->layout->kind == TB_LAYOUT_STRUCT) {
            rc = list_fields(list, field->layout, longer);
        }
    }
    return rc;
}

PyObject *
tb_row_place_list(PyObject *module, PyObject *class)
{
    const Shape *shape = tb_shape_of(class);
    PyObject *list;

    (void)module;
    if (shape == NULL) {
        PyErr_Format(PyExc_TypeError, "%R is no Record class", class);
        return NULL;
    }
    list = PyList_New(0);
    if (list != NULL && list_fields(list, shape->layout, "") < 0) {
        Py_CLEAR(list);
    }
    return list;
}

/* The class of an enum that everybody gets is no Record class. */
PyObject *
tb_row_place_class(PyObject *module, PyObject *args)
{
    const struct tb_state *state = tb_state_of_module(module);
    const struct tb_layout *layout;
    unsigned int type_id;
    PyObject *class;
    Btf *btf;

    if (!PyArg_ParseTuple(args, "O!I:_row_class", state->types[TB_TYPE_BTF], &btf,
                          &type_id)) {
        return NULL;
    }
    layout = tb_btf_layout(btf, type_id);
    if (layout == NULL) {
        return NULL;
    }
    if (layout->kind != TB_LAYOUT_ENUM) {
        class = tb_value_class_by_id(btf, type_id);
        Py_XINCREF(class);
        return class;
    }
    layout = tb_layout_wrap(&btf->layouts, layout);
    return layout ? state->make_class((PyObject *)btf, layout, NULL) : PyErr_NoMemory();
}
