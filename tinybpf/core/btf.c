/* SPDX-License-Identifier: MIT
 *
 * Btf (btf.h): its life. How values lie in memory stands in layout.c.
 */
#include "btf.h"

#include "error.h"
#include "libbpf.h"

#include <errno.h>

PyObject *
tb_btf_new_steal(struct tb_state *state, struct btf *handle, PyObject *name, Btf *base)
{
    Btf *self = tb_state_new(state, TB_TYPE_BTF);

    if (self == NULL) {
        btf__free(handle);
        return NULL;
    }
    self->handle = handle;
    self->layouts.btf = handle;
    self->name = tb_new_ref(name);
    Py_XINCREF(base);
    self->base = base;
    self->classes = PyDict_New();
    if (self->classes == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

PyObject *
tb_btf_new_copy(struct tb_state *state, const struct btf *source, PyObject *name)
{
    __u32 size = 0;
    const void *data = btf__raw_data(source, &size);
    struct btf *handle = data != NULL ? btf__new(data, size) : NULL;

    if (handle == NULL) {
        return tb_error_libbpf(state, -errno, NULL, "copy of the BTF of %R", name);
    }
    return tb_btf_new_steal(state, handle, name, NULL);
}

static PyObject *
btf_repr(PyObject *op)
{
    Btf *self = (Btf *)op;

    return PyUnicode_FromFormat("<Btf %R, types=%u>", self->name,
                                btf__type_cnt(self->handle) - 1);
}

static int
btf_traverse(PyObject *op, visitproc visit, void *arg)
{
    Btf *self = (Btf *)op;

    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->base);
    Py_VISIT(self->classes);
    return 0;
}

static int
btf_clear(PyObject *op)
{
    Py_CLEAR(((Btf *)op)->classes);
    return 0;
}

/* Not a finaliser: what is made from it may still be used by finalisers of a cycle
 * that both are in, until nothing refers to it. */
static void
btf_dealloc(PyObject *op)
{
    Btf *self = (Btf *)op;
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    tb_layout_free_all(&self->layouts);
    btf__free(self->handle);
    Py_CLEAR(self->classes);
    Py_CLEAR(self->name);
    Py_CLEAR(self->base);
    PyObject_GC_Del(op);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(Btf, name), READONLY,
     "What the types belong to: 'vmlinux', a module, an object, a file."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Type information (BTF) of a kernel, a module, an object or a file."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_members, members},
    {Py_tp_repr, btf_repr},
    {Py_tp_traverse, btf_traverse},
    {Py_tp_clear, btf_clear},
    {Py_tp_dealloc, btf_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.Btf",
    .basicsize = sizeof(Btf),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_btf_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_BTF, &spec);
}
