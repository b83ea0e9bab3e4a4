/* SPDX-License-Identifier: MIT
 *
 * Field descriptors (value/field.h). Reading one is the path that programs take most
 * often: plain numbers go from the bytes to Python at once, and all others as
 * values of any layout are. Bytes of any origin are safe to read from, as long as there
 * are enough.
 */
#include "value/field.h"

#include "value/decode.h"
#include "value/record_make.h"
#include "value/scalar.h"
#include "value/shape.h"

typedef struct {
    PyObject_HEAD
    Btf *btf;                     /* owned */
    const struct tb_field *field; /* borrowed from btf */
    Py_ssize_t end;               /* bytes that a record must have at least */
    struct tb_codec codec;        /* of a plain number, else of kind BYTES */
    PyTypeObject *owner; /* owned; the class that it stands in; NULL: not yet, or bytes
                          * do not lie as they are known to */
} Field;

PyObject *
tb_field_new(Btf *btf, const struct tb_field *field)
{
    Field *self = tb_state_new(tb_state_of(btf), TB_TYPE_FIELD);

    if (self == NULL) {
        return NULL;
    }
    self->btf = (Btf *)tb_new_ref(btf);
    self->field = field;
    self->end = (Py_ssize_t)field->offset + tb_layout_span(field);
    if (field->bits == 0 && field->layout->kind != TB_LAYOUT_ENUM) {
        self->codec = tb_scalar_codec(field->layout);
    }
    return (PyObject *)self;
}

/* Raise TypeError for an object that the field cannot be read from. */
static PyObject *
raise_foreign(const Field *self, PyObject *obj)
{
    PyErr_Clear();
    PyErr_Format(PyExc_TypeError, "field '%s' needs a record of %zd bytes, not %R",
                 self->field->name, self->end, Py_TYPE(obj));
    return NULL;
}

/* The object is of any class for whoever calls it by hand; of the own class it is in
 * programs, and then it is known where its bytes are. */
static PyObject *
field_get(PyObject *op, PyObject *obj, PyObject *type)
{
    Field *self = (Field *)op;
    Py_ssize_t size;
    const char *data;

    (void)type;
    if (obj == NULL) {
        return tb_new_ref(op);
    }
    if (Py_TYPE(obj) == self->owner && Py_SIZE(obj) >= self->end &&
        self->codec.kind != TB_CODEC_BYTES) {
        data = (const char *)obj + TB_RECORD_DATA;
        return tb_scalar_decode(&self->codec, data + self->field->offset);
    }
    size = PyBytes_Size(obj); /* -1 if it is no bytes */
    if (size < self->end) {
        return raise_foreign(self, obj);
    }
    data = PyBytes_AsString(obj);
    if (self->codec.kind != TB_CODEC_BYTES) {
        return tb_scalar_decode(&self->codec, data + self->field->offset);
    }
    return tb_value_decode_field(self->btf, self->field, data, (size_t)size);
}

/* Whether the field is one of a class's own. */
static int
is_own(const Field *self, PyObject *class)
{
    const Shape *shape = tb_shape_of(class);

    for (uint32_t i = 0; shape != NULL && i < shape->layout->n; i++) {
        if (&shape->layout->fields[i] == self->field) {
            return 1;
        }
    }
    return 0;
}

/* Called by the making of the class, and of another one that somebody puts the field
 * into: that one's records have other bytes. */
static PyObject *
field_set_name(PyObject *op, PyObject *args)
{
    Field *self = (Field *)op;
    PyObject *owner, *name;

    if (!PyArg_ParseTuple(args, "O!O:__set_name__", &PyType_Type, &owner, &name)) {
        return NULL;
    }
    if (self->owner == NULL && tb_state_of(self)->bytes_are_known &&
        is_own(self, owner)) {
        self->owner = (PyTypeObject *)tb_new_ref(owner);
    }
    Py_RETURN_NONE;
}

/* A data descriptor: looked at first, and what cannot be done is said. */
static int
field_set(PyObject *op, PyObject *obj, PyObject *value)
{
    const char *name = ((Field *)op)->field->name;

    (void)obj;
    PyErr_Format(PyExc_AttributeError,
                 "a record is immutable, as bytes are: record._replace(%s=...) makes "
                 "another%s",
                 name, value ? "" : " one; nothing can be deleted");
    return -1;
}

static PyObject *
field_repr(PyObject *op)
{
    const struct tb_field *field = ((Field *)op)->field;

    if (field->bits != 0) {
        return PyUnicode_FromFormat("<field '%s', offset=%u, shift=%u, bits=%u>",
                                    field->name, field->offset, field->shift,
                                    field->bits);
    }
    return PyUnicode_FromFormat("<field '%s', offset=%u, size=%u>", field->name,
                                field->offset, field->layout->size);
}

static int
field_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Field *)op)->btf);
    Py_VISIT(((Field *)op)->owner);
    return 0;
}

/* Not a finaliser: finalisers of the same cycle may still read the field. */
static void
field_dealloc(PyObject *op)
{
    Field *self = (Field *)op;

    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->btf);
    Py_CLEAR(self->owner);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"__set_name__", field_set_name, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A field of a Record class."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_descr_get, field_get},
    {Py_tp_descr_set, field_set},
    {Py_tp_repr, field_repr},
    {Py_tp_traverse, field_traverse},
    {Py_tp_dealloc, field_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Field",
    .basicsize = sizeof(Field),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_field_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_FIELD, &spec);
}
