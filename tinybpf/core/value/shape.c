/* SPDX-License-Identifier: MIT
 *
 * Shapes (value/shape.h).
 */
#include "value/shape.h"

static int
shape_traverse(PyObject *module, visitproc visit, void *arg)
{
    Shape *self = PyModule_GetState(module);

    Py_VISIT(self->btf);
    for (size_t i = 0; i < self->n_slots; i++) {
        Py_VISIT(self->fields[i]);
    }
    return 0;
}

/* There is no m_clear: finalisers of the same cycle may still use the class. */
static void
shape_free(void *module)
{
    Shape *self = PyModule_GetState(module);

    for (size_t i = 0; i < self->n_slots; i++) {
        Py_CLEAR(self->fields[i]);
    }
    PyMem_Free(self->fields);
    Py_CLEAR(self->btf);
    Py_CLEAR(self->name);
    Py_CLEAR(self->definition);
}

static PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "tinybpf._shape",
    .m_size = sizeof(Shape),
    .m_traverse = shape_traverse,
    .m_free = shape_free,
};

PyObject *
tb_shape_new(Btf *btf, const struct tb_layout *layout, PyObject *name)
{
    PyObject *module = PyModule_Create(&definition);

    if (module != NULL) {
        Shape *self = PyModule_GetState(module);

        self->btf = (Btf *)tb_new_ref(btf);
        self->layout = layout;
        self->name = tb_new_ref(name);
    }
    return module;
}

Shape *
tb_shape_of_own(PyTypeObject *type)
{
    PyObject *module = tb_class_module(type);

    return module != NULL && PyModule_GetDef(module) == &definition
               ? PyModule_GetState(module)
               : NULL;
}

/* Subclasses written in Python are from no module; their base is. */
Shape *
tb_shape_of(PyObject *op)
{
    PyTypeObject *type = PyType_Check(op) ? (PyTypeObject *)op : NULL;

    while (type != NULL && (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0) {
        Shape *shape = tb_shape_of_own(type);

        if (shape != NULL) {
            return shape;
        }
        type = PyType_GetSlot(type, Py_tp_base);
    }
    return NULL;
}
