/* SPDX-License-Identifier: MIT
 *
 * Shapes (shape.h).
 */
#include "shape.h"

#include "args.h"
#include "record.h"

PyObject *
tb_shape_new(Btf *btf, const struct tb_layout *layout, PyObject *name)
{
    Shape *self = tb_state_new(tb_state_of(btf), TB_TYPE_SHAPE);

    if (self != NULL) {
        self->btf = (Btf *)tb_new_ref(btf);
        self->layout = layout;
        self->name = tb_new_ref(name);
    }
    return (PyObject *)self;
}

static int
shape_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Shape *)op)->btf);
    return 0;
}

/* Not a finaliser: finalisers of the same cycle may still use the class. */
static void
shape_dealloc(PyObject *op)
{
    Shape *self = (Shape *)op;
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->btf);
    Py_CLEAR(self->name);
    Py_CLEAR(self->recipe);
    PyObject_GC_Del(op);
    Py_DECREF(type);
}

/* Python code can put anything under the name, so what is there shows whose it is: a
 * static type cannot (3.9 refuses to be asked for its slots). */
static int
is_shape(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    return (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0 &&
           PyType_GetSlot(type, Py_tp_dealloc) == (void *)shape_dealloc;
}

/* Whether a type is Record itself. Others have another base, or are not made by it. */
static int
is_record_base(PyTypeObject *type)
{
    return (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0 &&
           PyType_GetSlot(type, Py_tp_new) == (void *)tb_record_new &&
           PyType_GetSlot(type, Py_tp_base) == (void *)&PyBytes_Type;
}

/* What stands under the name in a class. Those that classes.c makes are right below
 * Record, whose module has the name as a str. */
static PyObject *
look_up(PyTypeObject *type)
{
    PyTypeObject *base = NULL;

    if ((PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0) {
        base = PyType_GetSlot(type, Py_tp_base);
    }
    if (base != NULL && is_record_base(base)) {
        struct tb_state *state = PyType_GetModuleState(base);

        return PyObject_GetAttr((PyObject *)type, state->shape_name);
    }
    return tb_args_attr((PyObject *)type, TB_SHAPE_NAME);
}

Shape *
tb_shape_of(PyObject *type)
{
    PyObject *op = PyType_Check(type) ? look_up((PyTypeObject *)type) : NULL;
    Shape *shape = NULL;

    if (op == NULL) {
        PyErr_Clear();
        return NULL;
    }
    if (is_shape(op)) {
        shape = (Shape *)op;
    }
    Py_DECREF(op);
    return shape;
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "What a Record class knows of itself."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_traverse, shape_traverse},
    {Py_tp_dealloc, shape_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._Shape",
    .basicsize = sizeof(Shape),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_shape_add(PyObject *module)
{
    struct tb_state *state = tb_state_of_module(module);

    state->shape_name = PyUnicode_InternFromString(TB_SHAPE_NAME);
    return state->shape_name ? tb_state_make_type(module, TB_TYPE_SHAPE, &spec) : -1;
}
