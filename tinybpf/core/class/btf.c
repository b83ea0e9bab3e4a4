/* SPDX-License-Identifier: MIT
 *
 * The class Btf (class/btf.h): its table of methods, and its end.
 */
#include "class/btf.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/dump.h"
#include "btf/layout.h"
#include "btf/minimize.h"
#include "btf/open.h"
#include "btf/query.h"
#include "value/collection.h"

static PyObject *
btf_repr(PyObject *op)
{
    Btf *self = (Btf *)op;

    return PyUnicode_FromFormat("<Btf %R, types=%zd>", self->name,
                                tb_btf_query_length(op));
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
    PyObject *classes = ((Btf *)op)->classes;

    if (classes != NULL) { /* only emptied: a class may still be asked for */
        PyDict_Clear(classes);
    }
    return 0;
}

/* Not a finaliser: what is made from it may still be used by finalisers of a cycle
 * that both are in, until nothing refers to it. */
static void
btf_dealloc(PyObject *op)
{
    Btf *self = (Btf *)op;

    PyObject_GC_UnTrack(op);
    tb_layout_free_all(&self->layouts);
    btf__free(self->handle);
    Py_CLEAR(self->classes);
    Py_CLEAR(self->name);
    Py_CLEAR(self->base);
    tb_state_free(op);
}

static PyObject *
btf_bytes(PyObject *op, PyObject *unused)
{
    Btf *self = (Btf *)op;
    uint32_t size = 0;
    const void *data = btf__raw_data(self->handle, &size);

    (void)unused;
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
}

static PyObject *
btf_classes(PyObject *op, void *unused)
{
    (void)unused;
    return tb_value_types_new((Btf *)op);
}

static PyMethodDef methods[] = {
    {"kernel", tb_btf_open_kernel, METH_NOARGS | METH_CLASS,
     "kernel($type)\n--\n\nReturn the types of the running kernel."},
    {"module", tb_btf_open_module, METH_O | METH_CLASS,
     "module($type, name, /)\n--\n\n"
     "Return the types of a loaded kernel module."},
    {"file", TB_METHOD(tb_btf_open_file), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "file($type, path, base=None)\n--\n\n"
     "Read the types in a file: an ELF file of any kind, or BTF alone."},
    {"parse", TB_METHOD(tb_btf_open_parse), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "parse($type, data, base=None, name='<bytes>')\n--\n\n"
     "Read the types in bytes: those of an ELF file, or BTF alone."},
    {"from_id", tb_btf_open_id, METH_O | METH_CLASS,
     "from_id($type, id, /)\n--\n\n"
     "Return the types that the kernel keeps under a number."},
    {"find", TB_METHOD(tb_btf_query_find), METH_VARARGS | METH_KEYWORDS,
     "find($self, name, kind=None)\n--\n\n"
     "Return the type of that name, and of that kind if one is given."},
    {"types", TB_METHOD(tb_btf_query_types), METH_VARARGS | METH_KEYWORDS,
     "types($self, kind=None)\n--\n\n"
     "Iterate over the types, or over those of one kind."},
    {"names", TB_METHOD(tb_btf_query_names), METH_VARARGS | METH_KEYWORDS,
     "names($self, kind=None)\n--\n\n"
     "List the names of the types, or of those of one kind."},
    {"dump", TB_METHOD(tb_btf_dump), METH_VARARGS | METH_KEYWORDS,
     "dump($self, name=None, *, complete=False)\n--\n\n"
     "Write C: all types as one header, or the definition of one."},
    {"minimize", tb_btf_minimize, METH_VARARGS,
     "minimize($self, *objects)\n--\n\n"
     "Return the part of the types that objects need to be loaded."},
    {"__bytes__", btf_bytes, METH_NOARGS,
     "__bytes__($self, /)\n--\n\n"
     "Return the BTF itself, as a file that other tools read."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(Btf, name), READONLY,
     "What the types belong to: 'vmlinux', a module, an object, a file."},
    {"base", T_OBJECT, offsetof(Btf, base), READONLY,
     "The Btf that this one goes on from, as a module's from the kernel's; else None."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"classes", btf_classes, NULL, "Classes of the types by name.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Type information (BTF) of a kernel, a module, an object or a file."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, getset},
    {Py_tp_repr, btf_repr},
    {Py_tp_iter, tb_btf_query_iter},
    {Py_mp_subscript, tb_btf_query_getitem},
    {Py_mp_length, tb_btf_query_length},
    {Py_sq_contains, tb_btf_query_contains},
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
tb_btf_class_add(PyObject *module)
{
    return tb_btf_query_add(module) < 0 ? -1
                                        : tb_state_add_type(module, TB_TYPE_BTF, &spec);
}
