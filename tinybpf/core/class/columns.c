/* SPDX-License-Identifier: MIT
 *
 * The class Columns (class/columns.h): the tables of its methods, properties and slots.
 */
#include "class/columns.h"

#include "column/columns.h"
#include "column/export.h"
#include "column/rebuild.h"

static int
columns_traverse(PyObject *self, visitproc visit, void *arg)
{
    (void)self;
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyMethodDef methods[] = {
    {"keys", tb_columns_keys, METH_NOARGS,
     "keys($self)\n--\n\nReturn the names of the columns."},
    {"values", tb_columns_values, METH_NOARGS,
     "values($self)\n--\n\nReturn the columns, a memoryview each."},
    {"items", tb_columns_items, METH_NOARGS,
     "items($self)\n--\n\nReturn pairs of names and columns."},
    {"write_ipc", tb_export_write_ipc, METH_O,
     "write_ipc($self, file, /)\n--\n\n"
     "Write the rows to a file, as a stream of Arrow's IPC format."},
    {"__arrow_c_schema__", tb_export_schema, METH_NOARGS,
     "__arrow_c_schema__($self)\n--\n\n"
     "Return the types of the columns as a capsule of Arrow."},
    {"__arrow_c_array__", TB_METHOD(tb_export_array), METH_VARARGS | METH_KEYWORDS,
     "__arrow_c_array__($self, requested_schema=None)\n--\n\n"
     "Return types and rows as capsules of Arrow."},
    {"__arrow_c_stream__", TB_METHOD(tb_export_stream), METH_VARARGS | METH_KEYWORDS,
     "__arrow_c_stream__($self, requested_schema=None)\n--\n\n"
     "Return a stream of the rows as a capsule of Arrow."},
    {"__reduce__", tb_rebuild_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"names", tb_columns_names, NULL,
     "Names of the columns, those of nested structs as \"hdr.pid\".", NULL},
    {"schema", tb_export_types, NULL,
     "Types of the columns in the words of Arrow, by name.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Rows of records or of a map, one typed buffer for each field.\n"
                "\n"
                "    cols = rb.read_columns(timeout=1.0)\n"
                "    print(len(cols), cols.names)\n"
                "    print(max(cols[\"latency_ns\"]))"},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_repr, tb_columns_repr},
    {Py_tp_iter, tb_columns_iter},
    {Py_mp_subscript, tb_columns_subscript},
    {Py_mp_length, tb_columns_length},
    {Py_sq_contains, tb_columns_contains},
    {Py_tp_traverse, columns_traverse},
    {Py_tp_dealloc, tb_columns_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.Columns",
    .basicsize = sizeof(Columns),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_columns_class_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_COLUMNS, &spec);
}
