/* SPDX-License-Identifier: MIT
 *
 * IntEnums made from libbpf's own tables of names, so that they never drift from
 * the library inside. Importing enum takes a few milliseconds, so it waits until a
 * program asks for a type.
 */
#include "base/enums.h"

#include "base/libbpf.h"

#include <string.h>

static const char *
map_type_name(int value)
{
    return libbpf_bpf_map_type_str(value);
}

static const char *
prog_type_name(int value)
{
    return libbpf_bpf_prog_type_str(value);
}

static const char *
attach_type_name(int value)
{
    return libbpf_bpf_attach_type_str(value);
}

/* libbpf keeps its names to itself. */
static const char *
btf_kind_name(int value)
{
    static const char *const names[] = {
        "unkn", "int",     "ptr",      "array",    "struct",   "union",  "enum",
        "fwd",  "typedef", "volatile", "const",    "restrict", "func",   "func_proto",
        "var",  "datasec", "float",    "decl_tag", "type_tag", "enum64",
    };

    _Static_assert(sizeof(names) / sizeof(names[0]) == NR_BTF_KINDS, "a new kind");
    return value < NR_BTF_KINDS ? names[value] : NULL;
}

static const struct {
    const char *name;
    const char *doc;
    const char *(*member)(int value); /* lower case; NULL beyond the last */
} enums[TB_ENUM_COUNT] = {
    [TB_ENUM_MAP_TYPE] =
        {"BpfMapType",
         "Kinds of BPF map, with the names of `enum bpf_map_type` less "
         "BPF_MAP_TYPE_.",
         map_type_name},
    [TB_ENUM_PROG_TYPE] =
        {"BpfProgType",
         "Kinds of BPF program, with the names of `enum bpf_prog_type` less "
         "BPF_PROG_TYPE_.",
         prog_type_name},
    [TB_ENUM_ATTACH_TYPE] = {"BpfAttachType",
                             "Kinds of hook, with the names of `enum bpf_attach_type` "
                             "less BPF_.",
                             attach_type_name},
    [TB_ENUM_BTF_KIND] = {"BtfKind",
                          "Kinds of type in BTF, with the names of BTF_KIND_*.",
                          btf_kind_name},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
    {"BPF_ANY", BPF_ANY},
    {"BPF_NOEXIST", BPF_NOEXIST},
    {"BPF_EXIST", BPF_EXIST},
    {"BPF_F_LOCK", BPF_F_LOCK},
    {"BPF_F_CPU", BPF_F_CPU},
    {"BPF_F_ALL_CPUS", BPF_F_ALL_CPUS},
    {"BPF_F_NO_PREALLOC", BPF_F_NO_PREALLOC},
    {"BPF_F_NO_COMMON_LRU", BPF_F_NO_COMMON_LRU},
    {"BPF_F_RDONLY", BPF_F_RDONLY},
    {"BPF_F_WRONLY", BPF_F_WRONLY},
    {"BPF_F_STACK_BUILD_ID", BPF_F_STACK_BUILD_ID},
    {"BPF_F_RDONLY_PROG", BPF_F_RDONLY_PROG},
    {"BPF_F_WRONLY_PROG", BPF_F_WRONLY_PROG},
    {"BPF_F_MMAPABLE", BPF_F_MMAPABLE},
    {"BPF_F_PRESERVE_ELEMS", BPF_F_PRESERVE_ELEMS},
    {"BPF_F_INNER_MAP", BPF_F_INNER_MAP},
};

/* The members as a list of (NAME, value). */
static PyObject *
list_members(const char *(*member)(int))
{
    PyObject *members = PyList_New(0);
    const char *name;

    for (int value = 0; members != NULL && (name = member(value)) != NULL; value++) {
        PyObject *lower = PyUnicode_FromString(name);
        PyObject *upper = lower ? PyObject_CallMethod(lower, "upper", NULL) : NULL;
        PyObject *pair = upper ? Py_BuildValue("(Oi)", upper, value) : NULL;

        if (pair == NULL || PyList_Append(members, pair) < 0) {
            Py_CLEAR(members);
        }
        Py_XDECREF(lower);
        Py_XDECREF(upper);
        Py_XDECREF(pair);
    }
    return members;
}

/* enum.IntEnum(name, members, module="tinybpf") with a docstring. */
static PyObject *
make_class(enum tb_enum_class which)
{
    PyObject *module = PyImport_ImportModule("enum");
    PyObject *base = module ? PyObject_GetAttrString(module, "IntEnum") : NULL;
    PyObject *members = base ? list_members(enums[which].member) : NULL;
    PyObject *args = NULL, *kwargs = NULL, *class = NULL, *doc = NULL;

    if (members != NULL) {
        args = Py_BuildValue("(sO)", enums[which].name, members);
    }
    if (args != NULL) {
        kwargs = Py_BuildValue("{ss}", "module", "tinybpf");
    }
    if (kwargs != NULL) {
        class = PyObject_Call(base, args, kwargs);
    }
    if (class != NULL) {
        doc = PyUnicode_FromString(enums[which].doc);
    }
    if (doc == NULL || PyObject_SetAttrString(class, "__doc__", doc) < 0) {
        Py_CLEAR(class);
    }
    Py_XDECREF(module);
    Py_XDECREF(base);
    Py_XDECREF(members);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(doc);
    return class;
}

PyObject *
tb_enums_class(struct tb_state *state, enum tb_enum_class which)
{
    PyObject *class = state->enums[which] ? NULL : make_class(which);

    if (state->enums[which] == NULL) { /* nor has the making itself asked for it */
        state->enums[which] = class;
    }
    else {
        Py_XDECREF(class);
    }
    return state->enums[which];
}

PyObject *
tb_enums_member(struct tb_state *state, enum tb_enum_class which, long value)
{
    PyObject *class;

    if (value < 0 || enums[which].member((int)value) == NULL) {
        return PyLong_FromLong(value);
    }
    class = tb_enums_class(state, which);
    return class ? PyObject_CallFunction(class, "l", value) : NULL;
}

PyObject *
tb_enums_getattr(PyObject *module, PyObject *name)
{
    struct tb_state *state = tb_state_of_module(module);

    if (!PyUnicode_Check(name)) {
        return PyErr_Format(PyExc_TypeError, "attribute name must be string, not %R",
                            Py_TYPE(name));
    }
    for (int i = 0; i < TB_ENUM_COUNT; i++) {
        PyObject *class;

        if (PyUnicode_CompareWithASCIIString(name, enums[i].name) != 0) {
            continue;
        }
        class = tb_enums_class(state, i);
        if (class == NULL || PyObject_SetAttr(module, name, class) < 0) {
            return NULL;
        }
        return tb_new_ref(class);
    }
    PyErr_Format(PyExc_AttributeError, "module %R has no attribute %R", module, name);
    return NULL;
}

int
tb_enums_add(PyObject *module)
{
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) <
            0) {
            return -1;
        }
    }
    return 0;
}
