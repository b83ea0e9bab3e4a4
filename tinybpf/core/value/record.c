/* SPDX-License-Identifier: MIT
 *
 * Record (value/record.h): how records are built from values and what all of them can
 * do. Their fields are descriptors (value/field.h) of their classes.
 */
#include "value/record.h"

#include "base/args.h"
#include "btf/find.h"
#include "value/class.h"
#include "value/decode.h"
#include "value/encode.h"
#include "value/json.h"
#include "value/pickle.h"
#include "value/record_make.h"
#include "value/record_size.h"
#include "value/shape.h"
#include "value/text.h"

#include <string.h>

int
tb_record_is_open_ended(const struct tb_codec *codec)
{
    return tb_record_size_tail(codec->shape->layout) != NULL;
}

struct tb_codec
tb_record_codec(PyObject *class)
{
    Shape *shape = tb_shape_of(class);

    if (shape == NULL) {
        return (struct tb_codec){.kind = TB_CODEC_BYTES};
    }
    return (struct tb_codec){
        .kind = TB_CODEC_RECORD,
        .size = shape->layout->size,
        .type = tb_new_ref(class),
        .shape = shape,
    };
}

int
tb_record_codec_of(Btf *btf, uint32_t type_id, uint32_t size,
                   struct tb_codec *out_codec)
{
    PyObject *class = NULL;
    Shape *shape;

    *out_codec = (struct tb_codec){.kind = TB_CODEC_BYTES, .size = size};
    if (tb_btf_has_class(btf->handle, type_id)) {
        class = tb_value_class_by_id(btf, type_id);
    }
    if (class == NULL && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(tb_state_of(btf)->errors[TB_ERROR])) {
            return -1;
        }
        PyErr_Clear(); /* broken BTF: the bytes are still there */
    }
    shape = class ? tb_shape_of(class) : NULL;
    if (shape != NULL && shape->layout->size == size) {
        *out_codec = tb_record_codec(class);
    }
    return 0;
}

int
tb_record_encode(const struct tb_codec *codec, const struct tb_path *at,
                 PyObject *value, void *out)
{
    return tb_value_encode(codec->shape->layout, at, value,
                           (struct tb_span){out, codec->size, 0});
}

PyObject *
tb_record_decode(const struct tb_codec *codec, const void *data, size_t size)
{
    return tb_record_make(codec->shape->btf, codec->type, data, (Py_ssize_t)size);
}

/* The shape of a record's class, or NULL with TypeError. */
static Shape *
shape_of(PyObject *class)
{
    Shape *shape = tb_shape_of(class);

    if (shape == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "%R is no type of BTF: their classes are in the types of an "
                     "object, such as obj.types.event",
                     class);
    }
    return shape;
}

static struct tb_path
root_of(const Shape *shape)
{
    return (struct tb_path){.name = PyUnicode_AsUTF8AndSize(shape->name, NULL)};
}

/* Fill the memory of a record with a value, and then with fields. A record whose
 * flexible array is given anew keeps what stands before it. */
static int
fill(const Shape *shape, PyObject *value, PyObject *fields, struct tb_span out)
{
    struct tb_path root = root_of(shape);
    int rc = root.name ? 0 : -1;

    memset(out.data, 0, out.size);
    if (rc == 0 && value != NULL && PyBytes_Check(value) && fields != NULL &&
        tb_shape_of((PyObject *)Py_TYPE(value)) == shape) {
        size_t n = (size_t)PyBytes_Size(value);

        memcpy(out.data, PyBytes_AsString(value), n < out.size ? n : out.size);
    }
    else if (rc == 0 && value != NULL) {
        rc = tb_value_encode(shape->layout, &root, value, out);
    }
    if (rc == 0 && fields != NULL) {
        out.is_set = value != NULL;
        rc = tb_value_encode_some(shape->layout, &root, fields, out);
    }
    return rc;
}

/* A new record of a class from a value, fields or both; each may be NULL. */
static PyObject *
build(PyObject *class, PyObject *value, PyObject *fields)
{
    Shape *shape = shape_of(class);
    Py_ssize_t size = shape ? tb_record_size(shape->layout, value, fields) : -1;
    PyObject *self = NULL;
    char *data;

    if (size < 0) {
        return NULL;
    }
    data = PyMem_Malloc((size_t)size + 1);
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    if (fill(shape, value, fields, (struct tb_span){data, (size_t)size, 0}) == 0) {
        self = tb_record_make(shape->btf, class, data, size);
    }
    PyMem_Free(data);
    return self;
}

/* The form that is made most often, at once. */
static PyObject *
from_bytes(PyObject *class, PyObject *bytes)
{
    Shape *shape = shape_of(class);
    Py_ssize_t size;
    char *data;

    if (shape != NULL && PyBytes_AsStringAndSize(bytes, &data, &size) == 0 &&
        size == (Py_ssize_t)shape->layout->size) {
        return tb_record_make(shape->btf, class, data, size);
    }
    return shape ? build(class, bytes, NULL) : NULL;
}

/* Py_tp_new of all Record classes: fields by name, one value for all of them, or both.
 */
static PyObject *
record_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_Size(args);
    PyObject *value = n > 0 ? PyTuple_GetItem(args, 0) : NULL;

    if (n > 1) {
        PyErr_Format(PyExc_TypeError,
                     "a record takes its fields by name, or one dict, tuple or bytes "
                     "of all of them (%zd positional arguments given)",
                     n);
        return NULL;
    }
    if (kwargs != NULL && PyDict_Size(kwargs) == 0) {
        kwargs = NULL;
    }
    if (value != NULL && kwargs == NULL && PyBytes_Check(value)) {
        return from_bytes((PyObject *)type, value);
    }
    return build((PyObject *)type, value, kwargs);
}

static PyObject *
record_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_Size(args) != 0) {
        PyErr_SetString(PyExc_TypeError, "_replace() takes fields by name only");
        return NULL;
    }
    return kwargs == NULL ? tb_new_ref(self)
                          : build((PyObject *)Py_TYPE(self), self, kwargs);
}

/* The shape of a record, which has the bytes that it needs; NULL with TypeError. Its
 * class may have been set by hand, by object's own descriptor of __class__. */
static Shape *
shape_of_record(PyObject *self)
{
    Shape *shape = shape_of((PyObject *)Py_TYPE(self));

    if (shape != NULL && PyBytes_Size(self) < (Py_ssize_t)shape->layout->size) {
        PyErr_Format(PyExc_TypeError, "%R needs %u bytes, and this record has %zd",
                     Py_TYPE(self), shape->layout->size, PyBytes_Size(self));
        return NULL;
    }
    return shape;
}

/* A field of a record by name, for what reads it; NULL with KeyError. */
static const struct tb_field *
find(const Shape *shape, PyObject *name)
{
    const char *text =
        PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    const struct tb_field *field = text ? tb_layout_field(shape->layout, text) : NULL;

    if (field == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_KeyError, name);
    }
    return field;
}

static PyObject *
record_raw(PyObject *self, PyObject *name)
{
    Shape *shape = shape_of_record(self);
    const struct tb_field *field = shape ? find(shape, name) : NULL;
    const char *data = PyBytes_AsString(self);
    Py_ssize_t n;

    if (field == NULL) {
        return NULL;
    }
    n = field->is_tail ? PyBytes_Size(self) - (Py_ssize_t)field->offset
                       : (Py_ssize_t)tb_layout_span(field);
    return PyBytes_FromStringAndSize(data + field->offset, n);
}

/* record["class"]; numbers and slices are those of bytes. */
static PyObject *
record_subscript(PyObject *self, PyObject *key)
{
    PyObject *method, *result = NULL;
    const struct tb_field *field;
    Shape *shape;

    if (!PyUnicode_Check(key)) {
        method = tb_args_attr((PyObject *)&PyBytes_Type, "__getitem__");
        if (method != NULL) {
            result = PyObject_CallFunctionObjArgs(method, self, key, NULL);
        }
        Py_XDECREF(method);
        return result;
    }
    shape = shape_of_record(self);
    field = shape ? find(shape, key) : NULL;
    if (field == NULL) {
        return NULL;
    }
    return tb_value_decode_field(shape->btf, field, PyBytes_AsString(self),
                                 (size_t)PyBytes_Size(self));
}

static PyObject *
record_asdict(PyObject *self, PyObject *unused)
{
    Shape *shape = shape_of_record(self);

    (void)unused;
    if (shape == NULL) {
        return NULL;
    }
    return tb_value_plain(shape->btf, shape->layout, PyBytes_AsString(self),
                          (size_t)PyBytes_Size(self));
}

/* Record._json(): the whole of it, its flexible array too. */
static PyObject *
record_json(PyObject *self, PyObject *unused)
{
    Shape *shape = shape_of((PyObject *)Py_TYPE(self));
    struct tb_text text = {0};
    PyObject *json = NULL;

    (void)unused;
    if (shape == NULL) {
        return NULL;
    }
    if (tb_json_add(&text, shape->btf->handle, shape->layout, PyBytes_AsString(self),
                    (size_t)PyBytes_Size(self)) == 0) {
        json = PyUnicode_FromStringAndSize(text.data, (Py_ssize_t)text.len);
    }
    else {
        PyErr_NoMemory();
    }
    tb_text_free(&text);
    return json;
}

static PyObject *
record_text(PyObject *self, int with_padding)
{
    Shape *shape = shape_of_record(self);
    PyObject *fields, *name, *text = NULL;

    if (shape == NULL) {
        return NULL;
    }
    fields = tb_value_text(shape->btf, shape->layout, PyBytes_AsString(self),
                           (size_t)PyBytes_Size(self), with_padding);
    name = fields ? tb_args_attr((PyObject *)Py_TYPE(self), "__name__") : NULL;
    if (name != NULL) {
        text = PyUnicode_FromFormat("%U(%U)", name, fields);
    }
    Py_XDECREF(fields);
    Py_XDECREF(name);
    return text;
}

/* For who looks for a difference. */
static PyObject *
record_repr(PyObject *self)
{
    return record_text(self, 1);
}

/* For people. */
static PyObject *
record_str(PyObject *self)
{
    return record_text(self, 0);
}

/* Of __copy__ and __deepcopy__: what cannot change is its own copy. */
static PyObject *
record_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    return tb_new_ref(self);
}

static PyObject *
record_reduce(PyObject *self, PyObject *unused)
{
    Shape *shape = shape_of((PyObject *)Py_TYPE(self));

    (void)unused;
    return shape ? tb_pickle_reduce(shape, self) : NULL;
}

static PyMethodDef methods[] = {
    {"_asdict", record_asdict, METH_NOARGS,
     "_asdict($self)\n--\n\n"
     "Return the fields as a dict, with dicts in it for nested structs."},
    {"_json", record_json, METH_NOARGS,
     "_json($self)\n--\n\n"
     "Return the fields as JSON, on one line."},
    {"_replace", TB_METHOD(record_replace), METH_VARARGS | METH_KEYWORDS,
     "_replace($self, **fields)\n--\n\n"
     "Return a record with other values in some of its fields."},
    {"_raw", record_raw, METH_O,
     "_raw($self, name, /)\n--\n\n"
     "Return the bytes of one field."},
    {"__reduce__", record_reduce, METH_NOARGS, NULL},
    {"__copy__", record_copy, METH_NOARGS, NULL},
    {"__deepcopy__", record_copy, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

/* The classes have tuples of their own in place of this. */
static PyObject *
record_fields(PyObject *self, void *unused)
{
    (void)self;
    (void)unused;
    return PyTuple_New(0);
}

/* Of a record that was taken although it is longer than its struct. */
static PyObject *
record_rest(PyObject *self, void *unused)
{
    Shape *shape = shape_of_record(self);
    const char *data = PyBytes_AsString(self);
    Py_ssize_t size;

    (void)unused;
    if (shape == NULL) {
        return NULL;
    }
    size = tb_record_size_tail(shape->layout)
               ? 0
               : PyBytes_Size(self) - (Py_ssize_t)shape->layout->size;
    return PyBytes_FromStringAndSize(data + shape->layout->size, size);
}

static PyObject *
record_get_class(PyObject *self, void *unused)
{
    (void)unused;
    return tb_new_ref(Py_TYPE(self));
}

/* Python takes all Record classes for interchangeable, as none adds anything to bytes.
 */
static int
record_set_class(PyObject *self, PyObject *value, void *unused)
{
    (void)self;
    (void)value;
    (void)unused;
    PyErr_SetString(PyExc_TypeError,
                    "the __class__ of a record cannot be changed: make a record of the "
                    "other class of its bytes, as by cls(bytes(record))");
    return -1;
}

static PyGetSetDef getset[] = {
    {"_fields", record_fields, NULL, "Names of the fields in the order of C.", NULL},
    {"_rest", record_rest, NULL,
     "What a record that was read with partial=True has behind its struct.", NULL},
    {"__class__", record_get_class, record_set_class, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A value of a C struct: its bytes, and its fields by their names."},
    {Py_tp_new, record_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_repr, record_repr},
    {Py_tp_str, record_str},
    {Py_mp_subscript, record_subscript},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.Record",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

/* The class, and whether its instances may be made directly (value/record_make.h). */
int
tb_record_add(PyObject *module)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *bases = PyTuple_Pack(1, &PyBytes_Type);
    PyObject *type = bases ? tb_state_type(module, &spec, bases) : NULL;
    int rc = type ? tb_record_make_check(type) : -1;

    Py_XDECREF(bases);
    if (rc < 0) {
        Py_XDECREF(type);
        return -1;
    }
    state->bytes_are_known = rc;
    state->types[TB_TYPE_RECORD] = (PyTypeObject *)type;
    Py_INCREF(type);
    if (PyModule_AddObject(module, "Record", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    return 0;
}
