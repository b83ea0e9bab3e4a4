/* SPDX-License-Identifier: MIT
 *
 * The class Symbol (system/symbol.h), whole: four fields that are compared and hashed
 * together. It is outside of the collector, for it holds texts and numbers alone.
 */
#include "system/symbol.h"

#include "base/args.h"

#include <stdio.h>

typedef struct {
    PyObject_HEAD
    PyObject *name;   /* owned; str or None */
    PyObject *module; /* owned; str or None */
    unsigned long long offset;
    unsigned long long address;
} Symbol;

/* Take name and module, also if it fails; NULL: MemoryError, or one that is set. */
static PyObject *
make_steal(PyTypeObject *type, PyObject *name, PyObject *module)
{
    Symbol *self = name && module ? (Symbol *)PyType_GenericAlloc(type, 0) : NULL;

    if (self == NULL) {
        Py_XDECREF(name);
        Py_XDECREF(module);
        return NULL;
    }
    self->name = name;
    self->module = module;
    return (PyObject *)self;
}

static PyObject *
text_or_none(const char *text)
{
    return text != NULL ? tb_args_text(text) : tb_new_ref(Py_None);
}

PyObject *
tb_symbol_new(struct tb_state *state, const struct tb_symbol_found *found)
{
    PyObject *name = text_or_none(found->name);
    PyObject *module = name != NULL ? text_or_none(found->module) : NULL;
    Symbol *self = (Symbol *)make_steal(state->types[TB_TYPE_SYMBOL], name, module);

    if (self != NULL) {
        self->offset = found->offset;
        self->address = found->address;
    }
    return (PyObject *)self;
}

/* Whether a value is None or a str; raises TypeError if not. */
static int
is_text(PyObject *value, const char *what)
{
    if (value == Py_None || PyUnicode_Check(value)) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "%s of a Symbol is a str or None, not %R", what,
                 (PyObject *)Py_TYPE(value));
    return 0;
}

/* Symbol(name, offset=0, module=None, address=0): Py_tp_new. */
static PyObject *
symbol_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "offset", "module", "address", NULL};
    PyObject *name, *module = Py_None, *offset = NULL, *address = NULL;
    uint64_t at = 0, in = 0;
    Symbol *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OOO:Symbol", (char **)names,
                                     &name, &offset, &module, &address) ||
        !is_text(name, "name") || !is_text(module, "module") ||
        (offset && tb_args_number(offset, "offset", UINT64_MAX, &in) < 0) ||
        (address && tb_args_number(address, "address", UINT64_MAX, &at) < 0)) {
        return NULL;
    }
    self = (Symbol *)make_steal(type, tb_new_ref(name), tb_new_ref(module));
    if (self != NULL) {
        self->offset = in;
        self->address = at;
    }
    return (PyObject *)self;
}

static Py_hash_t
symbol_hash(PyObject *op)
{
    Symbol *self = (Symbol *)op;
    Py_hash_t name = PyObject_Hash(self->name);
    Py_hash_t hash = name ^ (Py_hash_t)(self->address * 0x9e3779b97f4a7c15ULL);

    if (name == -1) {
        return -1;
    }
    return hash == -1 ? -2 : hash;
}

/* Whether all fields are the same; -1 with an exception. */
static int
is_equal(const Symbol *a, const Symbol *b)
{
    int is_same;

    if (a->offset != b->offset || a->address != b->address) {
        return 0;
    }
    is_same = PyObject_RichCompareBool(a->name, b->name, Py_EQ);
    return is_same > 0 ? PyObject_RichCompareBool(a->module, b->module, Py_EQ)
                       : is_same;
}

static PyObject *
symbol_compare(PyObject *op, PyObject *other, int how)
{
    int is_same;

    if (Py_TYPE(op) != Py_TYPE(other) || (how != Py_EQ && how != Py_NE)) {
        return tb_new_ref(Py_NotImplemented);
    }
    is_same = op == other ? 1 : is_equal((Symbol *)op, (Symbol *)other);
    return is_same < 0 ? NULL : PyBool_FromLong(is_same == (how == Py_EQ));
}

#define HEX_SIZE 20 /* "0x", 16 digits, and the end */

/* A number as 0x1f; PyUnicode_FromFormat() has none of 64 bits before Python 3.12. */
static const char *
hex(char text[HEX_SIZE], unsigned long long number)
{
    snprintf(text, HEX_SIZE, "0x%llx", number);
    return text;
}

static PyObject *
symbol_repr(PyObject *op)
{
    Symbol *self = (Symbol *)op;
    char address[HEX_SIZE];

    return PyUnicode_FromFormat("Symbol(name=%R, offset=%llu, module=%R, address=%s)",
                                self->name, self->offset, self->module,
                                hex(address, self->address));
}

/* As people write it: "vfs_read+0x4f", "/usr/lib/libx.so+0x1234", "0x7f0000001234". */
static PyObject *
symbol_str(PyObject *op)
{
    Symbol *self = (Symbol *)op;
    PyObject *what = self->name != Py_None ? self->name : self->module;
    char text[HEX_SIZE];

    return what != Py_None
               ? PyUnicode_FromFormat("%U+%s", what, hex(text, self->offset))
               : PyUnicode_FromString(hex(text, self->address));
}

static PyObject *
symbol_reduce(PyObject *op, PyObject *unused)
{
    Symbol *self = (Symbol *)op;

    (void)unused;
    return Py_BuildValue("(O(OKOK))", (PyObject *)Py_TYPE(op), self->name, self->offset,
                         self->module, self->address);
}

static void
symbol_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    Py_XDECREF(((Symbol *)op)->name);
    Py_XDECREF(((Symbol *)op)->module);
    PyObject_Free(op);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"__reduce__", symbol_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(Symbol, name), READONLY,
     "Name of the function; None where it is not known."},
    {"offset", T_ULONGLONG, offsetof(Symbol, offset), READONLY,
     "Bytes from the begin of the function; of the module, if only that is known."},
    {"module", T_OBJECT, offsetof(Symbol, module), READONLY,
     "The kernel (\"kernel\"), one of its modules, \"bpf\", or a file's path; None: "
     "unknown."},
    {"address", T_ULONGLONG, offsetof(Symbol, address), READONLY,
     "The address that was asked for."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Symbol(name, offset=0, module=None, address=0)\n--\n\n"
                "Whose code an address is."},
    {Py_tp_new, symbol_new},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_hash, symbol_hash},
    {Py_tp_richcompare, symbol_compare},
    {Py_tp_repr, symbol_repr},
    {Py_tp_str, symbol_str},
    {Py_tp_dealloc, symbol_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.Symbol",
    .basicsize = sizeof(Symbol),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
tb_symbol_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_SYMBOL, &spec);
}
