/* SPDX-License-Identifier: MIT
 *
 * The class Symbols (class/symbols.h): the tables of its methods and slots.
 */
#include "class/symbols.h"

#include "system/symbols.h"

static int
symbols_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyMethodDef methods[] = {
    {"kernel", tb_symbols_kernel, METH_O,
     "kernel($self, addresses, /)\n--\n\nName addresses of the kernel."},
    {"user", TB_METHOD(tb_symbols_user), METH_FASTCALL,
     "user($self, pid, addresses, /)\n--\n\nName addresses of a process."},
    {"observe", tb_symbols_observe, METH_O,
     "observe($self, pid, /)\n--\n\n"
     "Read what names the addresses of a process, for after its end."},
    {"file", TB_METHOD(tb_symbols_file), METH_FASTCALL,
     "file($self, path, offsets, /)\n--\n\n"
     "Name places of a program or library."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Symbols()\n--\n\n"
                "Names for addresses of the kernel, of processes and of files."},
    {Py_tp_new, tb_symbols_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, tb_symbols_repr},
    {Py_tp_traverse, symbols_traverse},
    {Py_tp_dealloc, tb_symbols_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.Symbols",
    .basicsize = sizeof(Symbols),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_symbols_class_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_SYMBOLS, &spec);
}
