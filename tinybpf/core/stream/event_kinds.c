/* SPDX-License-Identifier: MIT
 *
 * Several types in one ring (stream/event_kinds.h). The types stand in an array; a dict
 * finds the place of one by what the field says.
 */
#include "stream/event_kinds.h"

#include "base/args.h"
#include "error/raise.h"
#include "value/record.h"
#include "value/shape.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 8 /* bytes of a field that tells */

struct tb_event_kinds {
    size_t n;
    struct tb_codec *codecs;      /* owned array; their classes are owned */
    const struct tb_codec *other; /* borrowed from codecs; NULL: an error */
    PyObject *places;             /* owned; dict: key -> place in codecs */
    PyObject *function;           /* owned; that tells; NULL: a field does */
    PyObject *field;              /* owned; str, its name */
    struct tb_codec key;          /* of the field: a number; kind BYTES: none yet */
    uint64_t offset;              /* of the field */
};

/* Where a class has its field. */
struct place {
    struct tb_codec codec;
    uint64_t offset;
};

void
tb_event_kinds_free(struct tb_event_kinds *kinds)
{
    if (kinds == NULL) {
        return;
    }
    for (size_t i = 0; i < kinds->n; i++) {
        Py_CLEAR(kinds->codecs[i].type);
    }
    free(kinds->codecs);
    Py_CLEAR(kinds->places);
    Py_CLEAR(kinds->function);
    Py_CLEAR(kinds->field);
    free(kinds);
}

int
tb_event_kinds_traverse(const struct tb_event_kinds *kinds, visitproc visit, void *arg)
{
    for (size_t i = 0; kinds != NULL && i < kinds->n; i++) {
        Py_VISIT(kinds->codecs[i].type);
    }
    if (kinds != NULL) {
        Py_VISIT(kinds->places);
        Py_VISIT(kinds->function);
    }
    return 0;
}

/* A field of a layout by its way, "type" or "hdr.type": 1, 0 if there is none, or it is
 * no whole number. */
static int
find_in_layout(const struct tb_layout *layout, const char *way, struct place *out)
{
    const char *dot = strchr(way, '.');
    size_t len = dot ? (size_t)(dot - way) : strlen(way);

    for (uint32_t i = 0; i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];

        if (strncmp(field->name, way, len) != 0 || field->name[len] != '\0') {
            continue;
        }
        out->offset += field->offset;
        if (dot != NULL) {
            return find_in_layout(field->layout, dot + 1, out);
        }
        out->codec = tb_scalar_codec(field->layout);
        return field->bits == 0 && out->codec.kind != TB_CODEC_BYTES &&
               out->codec.kind != TB_CODEC_FLOAT && out->codec.size <= KEY_MAX;
    }
    return 0;
}

/* A number of a descriptor of ctypes, "offset" or "size"; -1 with an exception. */
static int
read_number(PyObject *field, const char *name, uint64_t *out)
{
    PyObject *number = tb_args_attr(field, name);
    int rc = number ? tb_args_number(number, name, UINT32_MAX, out) : -1;

    Py_XDECREF(number);
    return rc;
}

/* The same of a class of ctypes: 1, 0, or -1 with an exception. */
static int
find_in_class(PyObject *class, const char *name, struct place *out)
{
    PyObject *field = NULL;
    uint64_t size = 0;
    int rc = tb_args_find(class, name, &field);

    if (rc == 1) {
        rc = tb_args_has(field, "offset") && read_number(field, "size", &size) == 0 &&
             read_number(field, "offset", &out->offset) == 0;
        rc = PyErr_Occurred() ? -1 : rc;
    }
    Py_XDECREF(field);
    out->codec = (struct tb_codec){.kind = TB_CODEC_UNSIGNED, .size = (uint32_t)size};
    return rc == 1 ? size == 1 || size == 2 || size == 4 || size == 8 : rc;
}

/* Find the field in one type: 1 it is where the others have it, 0 the type has no
 * fields, -1 with an exception. */
static int
check_field(BpfMap *map, struct tb_event_kinds *kinds, const struct tb_codec *codec)
{
    const char *way = PyUnicode_AsUTF8AndSize(kinds->field, NULL);
    struct place place = {.offset = 0};
    int rc;

    if (way == NULL || codec->kind == TB_CODEC_BYTES) {
        return way == NULL ? -1 : 0;
    }
    rc = codec->kind == TB_CODEC_RECORD
             ? find_in_layout(codec->shape->layout, way, &place)
             : find_in_class(codec->type, way, &place);
    if (rc == 0) {
        tb_error_validation_steal(tb_state_of(map), PyList_New(0),
                                  "event_key: %R has no field %R that is a number",
                                  codec->type, kinds->field);
    }
    if (rc <= 0) {
        return -1;
    }
    if (kinds->key.kind == TB_CODEC_BYTES) {
        kinds->key = place.codec;
        kinds->offset = place.offset;
    }
    if (kinds->key.size == place.codec.size && kinds->offset == place.offset) {
        return 1;
    }
    tb_error_validation_steal(tb_state_of(map), PyList_New(0),
                              "event_key: field %R of %R has %u bytes at offset %llu, "
                              "and of the types before "
                              "%u at %llu: all have it in one place",
                              kinds->field, codec->type, place.codec.size,
                              (unsigned long long)place.offset, kinds->key.size,
                              (unsigned long long)kinds->offset);
    return -1;
}

/* Keep one type of the dict; 0, or -1 with an exception. */
static int
add(BpfMap *map, struct tb_event_kinds *kinds, PyObject *key, PyObject *type)
{
    struct tb_codec *codec = &kinds->codecs[kinds->n];
    PyObject *place;
    int rc;

    if (tb_event_codec_given(map, type, codec) < 0) {
        return -1;
    }
    kinds->n++;
    if (key == Py_None) { /* of records that may end before the field */
        kinds->other = codec;
    }
    else if (kinds->field != NULL && check_field(map, kinds, codec) < 0) {
        return -1;
    }
    place = key == Py_None ? NULL : PyLong_FromSize_t(kinds->n - 1);
    rc =
        place ? PyDict_SetItem(kinds->places, key, place) : -(PyErr_Occurred() != NULL);
    Py_XDECREF(place);
    return rc;
}

/* Check that the field can have what the dict's keys are; 0, or -1 with an exception.
 */
static int
check_keys(const struct tb_event_kinds *kinds)
{
    struct tb_path at = {.name = "event_type"};
    unsigned char bytes[KEY_MAX];
    PyObject *key, *value;
    Py_ssize_t i = 0;

    if (kinds->field == NULL) {
        return 0;
    }
    if (kinds->key.kind == TB_CODEC_BYTES) {
        PyErr_Format(PyExc_ValueError,
                     "event_key: no type in event_type has a field %R", kinds->field);
        return -1;
    }
    while (PyDict_Next(kinds->places, &i, &key, &value)) {
        if (!PyLong_Check(key)) {
            PyErr_Format(
                PyExc_TypeError,
                "event_type: keys are what the field %R says, and None, not %R",
                kinds->field, key);
            return -1;
        }
        if (tb_scalar_encode(&kinds->key, &at, key, bytes) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Keep how the types are told apart; 0, or -1 with an exception. */
static int
keep_key(struct tb_event_kinds *kinds, PyObject *key)
{
    if (key != NULL && PyUnicode_Check(key)) {
        kinds->field = tb_new_ref(key);
        return 0;
    }
    if (key != NULL && PyCallable_Check(key)) {
        kinds->function = tb_new_ref(key);
        return 0;
    }
    PyErr_SetString(
        PyExc_TypeError,
        "event_type of several types needs event_key: the name of the field "
        "that tells them, or a function of the bytes");
    return -1;
}

/* Fill it from (key, type) pairs; 0, or -1 with an exception. */
static int
fill(struct tb_event_kinds *kinds, BpfMap *map, PyObject *pairs)
{
    Py_ssize_t n = PyList_Size(pairs);
    int rc = n > 0 ? 0 : -1;

    if (rc < 0) {
        PyErr_SetString(PyExc_ValueError, "event_type has no types");
        return -1;
    }
    kinds->codecs = calloc((size_t)n, sizeof(*kinds->codecs));
    if (kinds->codecs == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; rc == 0 && i < n; i++) {
        PyObject *pair = PyList_GetItem(pairs, i);

        rc = add(map, kinds, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
    }
    return rc == 0 ? check_keys(kinds) : rc;
}

struct tb_event_kinds *
tb_event_kinds_new(BpfMap *map, const struct tb_event_request *request)
{
    struct tb_event_kinds *kinds = calloc(1, sizeof(*kinds));
    PyObject *pairs = NULL;
    int rc = -1;

    if (kinds == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    kinds->key.kind = TB_CODEC_BYTES;
    kinds->places = PyDict_New();
    pairs = kinds->places ? PyDict_Items(request->type) : NULL;
    if (pairs != NULL && keep_key(kinds, request->key) == 0) {
        rc = fill(kinds, map, pairs);
    }
    Py_XDECREF(pairs);
    if (rc == 0) {
        return kinds;
    }
    tb_event_kinds_free(kinds);
    return NULL;
}

int
tb_event_kinds_is_same(const struct tb_event_kinds *a, const struct tb_event_kinds *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (a->n != b->n || a->function != b->function || a->offset != b->offset ||
        PyObject_RichCompareBool(a->places, b->places, Py_EQ) != 1) {
        PyErr_Clear();
        return 0;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (a->codecs[i].type != b->codecs[i].type ||
            a->codecs[i].kind != b->codecs[i].kind) {
            return 0;
        }
    }
    return 1;
}

/* What the function, or the field, says of a record: a new reference, or NULL, without
 * an exception if the record ends before the field. */
static PyObject *
key_of(const struct tb_event_kinds *kinds, const void *data, size_t size)
{
    PyObject *bytes, *key = NULL;

    if (kinds->function == NULL) {
        return kinds->offset + kinds->key.size > size
                   ? NULL
                   : tb_scalar_decode(&kinds->key, (const char *)data + kinds->offset);
    }
    bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    if (bytes != NULL) {
        key = PyObject_CallFunctionObjArgs(kinds->function, bytes, NULL);
        Py_DECREF(bytes);
    }
    return key;
}

/* The codec of all others; NULL with ValueError: there is none. */
static const struct tb_codec *
other(const struct tb_event_kinds *kinds, PyObject *key, size_t size)
{
    const char *what = kinds->function ? "event_key" : "field";
    PyObject *name = kinds->function ? kinds->function : kinds->field;
    PyObject *keys;

    if (kinds->other != NULL) {
        return kinds->other;
    }
    if (key == NULL) {
        PyErr_Format(PyExc_ValueError,
                     "record of %zu bytes ends before its field %R (%u bytes at %llu)\n"
                     "  event_type={..., None: bytes} takes it as bytes",
                     size, name, kinds->key.size, (unsigned long long)kinds->offset);
        return NULL;
    }
    keys = PyDict_Keys(kinds->places);
    if (keys != NULL) {
        PyErr_Format(PyExc_ValueError,
                     "record whose %s %R says %R: event_type knows %R\n"
                     "  event_type={..., None: bytes} takes others as bytes",
                     what, name, key, keys);
    }
    Py_XDECREF(keys);
    return NULL;
}

const struct tb_codec *
tb_event_kinds_pick(const struct tb_event_kinds *kinds, const void *data, size_t size)
{
    PyObject *key = key_of(kinds, data, size), *place;
    const struct tb_codec *codec = NULL;

    if (key == NULL && PyErr_Occurred()) {
        return NULL;
    }
    place = key ? PyDict_GetItemWithError(kinds->places, key) : NULL;
    if (place != NULL) {
        codec = &kinds->codecs[PyLong_AsSsize_t(place)];
    }
    else if (!PyErr_Occurred()) {
        codec = other(kinds, key, size);
    }
    Py_XDECREF(key);
    return codec;
}

const struct tb_codec *
tb_event_kinds_at(const struct tb_event_kinds *kinds, size_t i)
{
    return i < kinds->n ? &kinds->codecs[i] : NULL;
}
