/* SPDX-License-Identifier: MIT
 *
 * Records to events (stream/event.h).
 */
#include "stream/event.h"

#include "base/args.h"
#include "error/raise.h"
#include "stream/event_declared.h"
#include "value/record.h"
#include "value/record_make.h"
#include "value/shape.h"

#include <string.h>

/* Settle several types that the C source says, where a program says nothing: 1, 0 if it
 * does not say several, or -1 with an exception. */
static int
settle_declared(BpfMap *map, const struct tb_event_request *request,
                struct tb_event_type *out)
{
    struct tb_event_request several = *request;
    int rc;

    if (tb_args_is_given(request->type) || request->btf_name != NULL ||
        request->key != NULL || request->is_view) {
        return 0;
    }
    rc = tb_event_declared_find(map, &several.type, &several.key);
    if (rc == 1) {
        out->kinds = tb_event_kinds_new(map, &several);
        rc = out->kinds ? 1 : -1;
    }
    Py_XDECREF(several.type);
    Py_XDECREF(several.key);
    return rc;
}

/* The class of events that may be given out again. */
static PyTypeObject *
refilled_class(const struct tb_state *state, const struct tb_codec *codec)
{
    if (!state->bytes_are_known) {
        return NULL;
    }
    if (codec->kind == TB_CODEC_BYTES) {
        return &PyBytes_Type;
    }
    return codec->kind == TB_CODEC_RECORD &&
                   tb_shape_of_own((PyTypeObject *)codec->type) != NULL
               ? (PyTypeObject *)codec->type
               : NULL;
}

int
tb_event_type_settle(BpfMap *map, const struct tb_event_request *request,
                     struct tb_event_type *out)
{
    PyObject *type = request->type != NULL && request->type != Py_None
                         ? request->type
                         : request->otherwise;
    int is_function, rc;

    *out = (struct tb_event_type){.codec.kind = TB_CODEC_BYTES};
    out->is_partial = request->is_partial;
    rc = settle_declared(map, request, out);
    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    if (type != NULL && PyDict_Check(type)) {
        struct tb_event_request several = *request;

        several.type = type;
        out->kinds = tb_event_kinds_new(map, &several);
        return out->kinds != NULL ? 0 : -1;
    }
    if (request->key != NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "event_key is for several types: event_type={0: ..., 1: ...}");
        return -1;
    }
    is_function = type != NULL && !PyType_Check(type) && !PyUnicode_Check(type) &&
                  PyCallable_Check(type);
    if (is_function && request->btf_name == NULL) {
        out->function = tb_new_ref(type);
        return 0;
    }
    if (tb_event_codec_find(map, request, &out->codec) < 0) {
        return -1;
    }
    out->refilled = refilled_class(tb_state_of(map), &out->codec);
    out->drops_padding = out->codec.kind == TB_CODEC_RECORD && !out->is_partial &&
                         !tb_record_is_open_ended(&out->codec);
    if (out->codec.kind == TB_CODEC_CTYPE && !out->codec.is_number) {
        out->from_copy = tb_args_attr(out->codec.type, "from_buffer_copy");
        if (out->from_copy == NULL) {
            tb_event_type_drop(out);
            return -1;
        }
    }
    return 0;
}

void
tb_event_type_drop(struct tb_event_type *type)
{
    struct tb_event_kinds *kinds = type->kinds;

    type->kinds = NULL;
    tb_event_kinds_free(kinds);
    Py_CLEAR(type->codec.type);
    Py_CLEAR(type->function);
    Py_CLEAR(type->from_copy);
}

int
tb_event_type_traverse(const struct tb_event_type *type, visitproc visit, void *arg)
{
    Py_VISIT(type->codec.type);
    Py_VISIT(type->function);
    Py_VISIT(type->from_copy);
    return tb_event_kinds_traverse(type->kinds, visit, arg);
}

int
tb_event_type_is_same(const struct tb_event_type *a, const struct tb_event_type *b)
{
    return a->codec.type == b->codec.type && a->function == b->function &&
           a->is_partial == b->is_partial && tb_event_kinds_is_same(a->kinds, b->kinds);
}

static PyObject *
raise_size(struct tb_state *state, const struct tb_codec *codec, size_t size)
{
    PyObject *name = tb_codec_type_name(codec->type);

    if (name != NULL) {
        tb_error_validation_steal(
            state, PyList_New(0),
            "Event size mismatch: expected %u bytes, got %zu (event_type %U)\n"
            "  name the struct that the program writes; event_type=bytes takes records "
            "of any size, partial=True fills up shorter ones, and keeps the rest of "
            "longer ones as _rest",
            codec->size, size, name);
    }
    Py_XDECREF(name);
    return NULL;
}

/* A value with zeros in place of what a short record lacks. */
static PyObject *
fill_up(const struct tb_codec *codec, const void *data, size_t size)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)codec->size);
    PyObject *event;
    char *to;

    if (bytes == NULL) {
        return NULL;
    }
    to = PyBytes_AsString(bytes);
    memcpy(to, data, size);
    memset(to + size, 0, codec->size - size);
    event = codec->kind == TB_CODEC_RECORD ? tb_record_decode(codec, to, codec->size)
                                           : tb_codec_decode(codec, to);
    Py_DECREF(bytes);
    return event;
}

/* What a function makes of a record. */
static PyObject *
make(PyObject *function, const void *data, size_t size)
{
    PyObject *bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    PyObject *event =
        bytes ? PyObject_CallFunctionObjArgs(function, bytes, NULL) : NULL;

    Py_XDECREF(bytes);
    return event;
}

/* The value of a record of one type. */
static PyObject *
decode(struct tb_state *state, const struct tb_codec *codec,
       const struct tb_event_type *type, const void *data, size_t size)
{
    if (codec->kind == TB_CODEC_BYTES) {
        return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    }
    if (size < codec->size) {
        return type->is_partial ? fill_up(codec, data, size)
                                : raise_size(state, codec, size);
    }
    if (type->from_copy != NULL) {
        return make(type->from_copy, data, codec->size);
    }
    if (codec->kind != TB_CODEC_RECORD) {
        return tb_codec_decode(codec, data);
    }
    if (size == codec->size || type->is_partial || tb_record_is_open_ended(codec)) {
        return tb_record_decode(codec, data, size);
    }
    return size - codec->size > type->padding
               ? raise_size(state, codec, size)
               : tb_record_decode(codec, data, codec->size);
}

PyObject *
tb_event_decode(struct tb_state *state, const struct tb_event_type *type,
                const void *data, size_t size)
{
    const struct tb_codec *codec = &type->codec;

    if (type->function != NULL) {
        return make(type->function, data, size);
    }
    if (type->kinds != NULL) {
        codec = tb_event_kinds_pick(type->kinds, data, size);
    }
    return codec != NULL ? decode(state, codec, type, data, size) : NULL;
}

PyObject *
tb_event_next(struct tb_state *state, const struct tb_event_type *type, PyObject **last,
              const void *data, size_t size)
{
    PyObject *event, *old = *last;

    if (old != NULL && tb_event_refill(type, old, 1, data, size)) {
        return tb_new_ref(old);
    }
    event = tb_event_decode(state, type, data, size);
    if (type->refilled != NULL) {
        old = *last; /* another one by now, if Python code has read on */
        Py_XINCREF(event);
        *last = event;
        Py_XDECREF(old);
    }
    return event;
}
