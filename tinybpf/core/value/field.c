/* SPDX-License-Identifier: MIT
 *
 * Field descriptors (value/field.h). Reading one is the path that programs take most
 * often: plain numbers go from the bytes to Python at once, and all others as
 * values of any layout are. Bytes of any origin are safe to read from, as long as there
 * are enough.
 *
 * Where the structures of classes are known (base/abi3.h), a record's class finds the
 * field by the address of its name, which both intern, in place of a search of its
 * ancestors that ends with the same descriptor: as long as its attributes are those
 * that it was made with.
 */
#include "value/field.h"

#include "value/decode.h"
#include "value/record_make.h"
#include "value/scalar.h"
#include "value/shape.h"

#define NAME_ALIGNMENT 16 /* bytes: of the addresses of objects */

typedef struct {
    PyObject_HEAD
    Btf *btf;                     /* owned */
    const struct tb_field *field; /* borrowed from btf */
    Py_ssize_t end;               /* bytes that a record must have at least */
    size_t at;                    /* where it lies in records, of the own class */
    tb_scalar_read read;          /* of a plain number, else NULL */
    PyTypeObject *owner;  /* owned; the class that it stands in; NULL: not yet, or bytes
                           * do not lie as they are known to */
    PyObject *name;       /* owned; interned str; NULL: it is not found by it */
    unsigned int version; /* of the owner, when the field stood there; 0: unknown */
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
    self->at = TB_RECORD_DATA + field->offset;
    self->end = (Py_ssize_t)field->offset + tb_layout_span(field);
    if (field->bits == 0 && field->layout->kind != TB_LAYOUT_ENUM) {
        struct tb_codec codec = tb_scalar_codec(field->layout);

        self->read = tb_scalar_reader(&codec);
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

/* The value of the field in an object of any class. */
static PyObject *
read_foreign(const Field *self, PyObject *obj)
{
    Py_ssize_t size = PyBytes_Size(obj); /* -1 if it is no bytes */
    const char *data;

    if (size < self->end) {
        return raise_foreign(self, obj);
    }
    data = PyBytes_AsString(obj);
    if (self->read != NULL) {
        return self->read(data + self->field->offset);
    }
    return tb_value_decode_field(self->btf, self->field, data, (size_t)size);
}

/* The object is of any class for whoever calls it by hand; of the own class it is in
 * programs, and then it is known where its bytes are. */
static inline PyObject *
read_field(const Field *self, PyObject *obj)
{
    if (Py_TYPE(obj) == self->owner && Py_SIZE(obj) >= self->end &&
        self->read != NULL) {
        return self->read((const char *)obj + self->at);
    }
    return read_foreign(self, obj);
}

static PyObject *
field_get(PyObject *op, PyObject *obj, PyObject *type)
{
    (void)type;
    return obj == NULL ? tb_new_ref(op) : read_field((Field *)op, obj);
}

/* Where the field of that name is among those of a shape, or would be. */
static PyObject **
find_slot(const Shape *shape, const PyObject *name)
{
    size_t at = (uintptr_t)name / NAME_ALIGNMENT;

    while (shape->fields[at & (shape->n_slots - 1)] != NULL &&
           ((Field *)shape->fields[at & (shape->n_slots - 1)])->name != name) {
        at++;
    }
    return &shape->fields[at & (shape->n_slots - 1)];
}

/* What a name leads to: a field that stands there by that name, if its class still has
 * it, or what the class has now. By itself, so that those who do not come here save no
 * registers. */
static __attribute__((noinline)) PyObject *
look_up(Field *self, PyObject *record, PyObject *name)
{
    PyTypeObject *class = Py_TYPE(record);

    if (self != NULL &&
        (self->version == 0 || self->version != tb_class_version(class))) {
        int has = tb_class_has(class, name, (PyObject *)self);

        self->version = has ? tb_class_version(class) : 0;
    }
    return self != NULL && self->version != 0 ? read_field(self, record)
                                              : PyObject_GenericGetAttr(record, name);
}

PyObject *
tb_field_of_record(PyObject *record, PyObject *name)
{
    const Shape *shape = tb_class_token(Py_TYPE(record));
    Field *self = shape && shape->fields ? (Field *)*find_slot(shape, name) : NULL;
    unsigned int version = tb_class_version(Py_TYPE(record));

    if (self == NULL || version == 0 || version != self->version ||
        Py_SIZE(record) < self->end || self->read == NULL) {
        return look_up(self, record, name);
    }
    return self->read((const char *)record + self->at);
}

/* Whether the field is one of a class's own. */
static int
is_own(const Field *self, const Shape *shape)
{
    for (uint32_t i = 0; i < shape->layout->n; i++) {
        if (&shape->layout->fields[i] == self->field) {
            return 1;
        }
    }
    return 0;
}

/* Let a class find the field by its name; without memory it is as if it were not known
 * how. */
static void
put_into_slot(Field *self, Shape *shape, PyObject *name)
{
    if (shape->fields == NULL) {
        size_t n = 2;

        while (n < 2 * (size_t)shape->layout->n) {
            n *= 2;
        }
        shape->fields = PyMem_Calloc(n, sizeof(*shape->fields));
        shape->n_slots = shape->fields ? n : 0;
    }
    if (shape->fields != NULL) {
        self->name = tb_new_ref(name);
        *find_slot(shape, name) = tb_new_ref(self);
    }
}

void
tb_field_set_owner(PyObject *op, PyObject *class, PyObject *name)
{
    Shape *shape = tb_shape_of_own((PyTypeObject *)class);
    const struct tb_state *state = shape ? tb_state_of(shape->btf) : NULL;
    Field *self = (Field *)op;

    if (state != NULL && state->bytes_are_known &&
        Py_TYPE(op) == state->types[TB_TYPE_FIELD] && is_own(self, shape)) {
        self->owner = (PyTypeObject *)tb_new_ref(class);
        if (TB_CLASSES_ARE_KNOWN) {
            put_into_slot(self, shape, name);
        }
    }
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
    Py_CLEAR(self->name);
    tb_state_free(op);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "A field of a Record class."},
    {Py_tp_new, tb_state_no_new},
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
