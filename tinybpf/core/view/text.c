/* SPDX-License-Identifier: MIT
 *
 * Views as text for a person (view/text.h).
 */
#include "view/text.h"

#include "base/args.h"
#include "base/libbpf.h"

#define SHOWN 16 /* elements of an array */

/* "name=", or "", and what repr() says of a value; a view in it without its frame.
 * Steals the value. */
static PyObject *part_text_steal(View *self, const char *name, PyObject *value);

/* The parts between commas; of an array not more than SHOWN. */
static PyObject *
join_parts(View *self)
{
    int is_aggregate = tb_layout_is_aggregate(self->layout);
    Py_ssize_t n =
        is_aggregate ? (Py_ssize_t)self->layout->n : (Py_ssize_t)tb_view_length(self);
    Py_ssize_t shown = is_aggregate || n <= SHOWN ? n : SHOWN;
    PyObject *parts = PyList_New(0), *comma = NULL, *text = NULL;

    for (Py_ssize_t i = 0; parts != NULL && i < shown; i++) {
        const struct tb_field *field = is_aggregate ? &self->layout->fields[i] : NULL;
        PyObject *part = part_text_steal(self, field ? field->name : NULL,
                                         field ? tb_view_get_field(self, field)
                                               : tb_view_get_element(self, (size_t)i));

        if (part == NULL || PyList_Append(parts, part) < 0) {
            Py_CLEAR(parts);
        }
        Py_XDECREF(part);
    }
    if (parts != NULL) {
        comma = PyUnicode_FromString(", ");
    }
    if (comma != NULL) {
        text = PyUnicode_Join(comma, parts);
    }
    Py_XDECREF(parts);
    Py_XDECREF(comma);
    if (text != NULL && shown < n) {
        PyObject *whole = PyUnicode_FromFormat("%U, ... %zd in all", text, n);

        Py_DECREF(text);
        text = whole;
    }
    return text;
}

PyObject *
tb_view_text(View *self)
{
    PyObject *parts = join_parts(self), *text = NULL;
    const char *name = tb_view_name(self);

    if (parts != NULL && !tb_layout_is_aggregate(self->layout)) {
        text = PyUnicode_FromFormat("[%U]", parts);
    }
    else if (parts != NULL) {
        if (self->layout->type_id != 0) {
            const struct btf *btf = tb_view_btf(self)->handle;

            name = btf__name_by_offset(
                btf, btf__type_by_id(btf, self->layout->type_id)->name_off);
        }
        text = PyUnicode_FromFormat("%s(%U)", name ? name : "", parts);
    }
    Py_XDECREF(parts);
    return text;
}

/* A value that is a part of a view, as "name=value" or, without a name, alone. */
static PyObject *
part_text_steal(View *self, const char *name, PyObject *value)
{
    PyObject *inner = NULL, *label = name ? tb_args_text(name) : NULL, *text = NULL;

    if (value != NULL) {
        inner = Py_TYPE(value) == Py_TYPE(self) ? tb_view_text((View *)value)
                                                : PyObject_Repr(value);
    }
    if (inner != NULL && name == NULL) {
        text = tb_new_ref(inner);
    }
    else if (inner != NULL && label != NULL) {
        text = PyUnicode_FromFormat("%U=%U", label, inner);
    }
    Py_XDECREF(label);
    Py_XDECREF(value);
    Py_XDECREF(inner);
    return text;
}
