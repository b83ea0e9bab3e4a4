/* SPDX-License-Identifier: MIT
 *
 * IntEnums made from libbpf's own tables of names, or with the values of its headers,
 * so that they never drift from the library inside. Importing enum takes a few
 * milliseconds, so it waits until a program asks for a type.
 */
#include "base/enums.h"

#include "base/actions.h"
#include "base/args.h"
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

static const char *
link_type_name(int value)
{
    return libbpf_bpf_link_type_str(value);
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
    const struct tb_action *actions;  /* in place of that; NULL ends them */
    const char *prefix;               /* of members as names of the module */
} enums[TB_ENUM_COUNT] = {
    [TB_ENUM_MAP_TYPE] =
        {.name = "BpfMapType",
         .doc = "Kinds of BPF map, with the names of `enum bpf_map_type` less "
                "BPF_MAP_TYPE_.",
         .member = map_type_name},
    [TB_ENUM_PROG_TYPE] =
        {.name = "BpfProgType",
         .doc = "Kinds of BPF program, with the names of `enum bpf_prog_type` less "
                "BPF_PROG_TYPE_.",
         .member = prog_type_name},
    [TB_ENUM_ATTACH_TYPE] =
        {.name = "BpfAttachType",
         .doc = "Kinds of hook, with the names of `enum bpf_attach_type` less BPF_.",
         .member = attach_type_name},
    [TB_ENUM_LINK_TYPE] =
        {.name = "BpfLinkType",
         .doc = "Kinds of BPF link, with the names of `enum bpf_link_type` less "
                "BPF_LINK_TYPE_.",
         .member = link_type_name},
    [TB_ENUM_BTF_KIND] = {.name = "BtfKind",
                          .doc = "Kinds of type in BTF, with the names of BTF_KIND_*.",
                          .member = btf_kind_name},
    [TB_ENUM_XDP_ACTION] =
        {.name = "XdpAction",
         .doc =
             "What an XDP program returns: the names of `enum xdp_action` less XDP_.",
         .actions = tb_actions_xdp,
         .prefix = "XDP_"},
    [TB_ENUM_TC_ACTION] =
        {.name = "TcAction",
         .doc = "What a tc program returns: the names of TC_ACT_* less that.",
         .actions = tb_actions_tc,
         .prefix = "TC_ACT_"},
    [TB_ENUM_TCX_ACTION] =
        {.name = "TcxAction",
         .doc = "What a tcx program returns: the names of `enum tcx_action_base` less "
                "TCX_.",
         .actions = tb_actions_tcx,
         .prefix = "TCX_"},
    [TB_ENUM_NETKIT_ACTION] =
        {.name = "NetkitAction",
         .doc = "What a netkit program returns: the names of `enum netkit_action` less "
                "NETKIT_.",
         .actions = tb_actions_netkit,
         .prefix = "NETKIT_"},
    [TB_ENUM_SK_ACTION] =
        {.name = "SkAction",
         .doc = "What a program of sockets returns: the names of `enum sk_action` less "
                "SK_.",
         .actions = tb_actions_sk,
         .prefix = "SK_"},
    [TB_ENUM_NF_VERDICT] =
        {.name = "NfVerdict",
         .doc = "What a netfilter program returns: the names of NF_* less that.",
         .actions = tb_actions_nf,
         .prefix = "NF_"},
    [TB_ENUM_BPF_RET_CODE] = {.name = "BpfRetCode",
                              .doc = "What a program of lwt or flow_dissector returns: "
                                     "`enum bpf_ret_code` less BPF_.",
                              .actions = tb_actions_generic,
                              .prefix = "BPF_"},
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

/* The members of a table as a list of (NAME, value). */
static PyObject *
list_actions(const struct tb_action *actions)
{
    PyObject *members = PyList_New(0);

    for (; members != NULL && actions->name != NULL; actions++) {
        PyObject *pair = Py_BuildValue("(si)", actions->name, actions->value);

        if (tb_args_append_steal(members, pair) < 0) {
            Py_CLEAR(members);
        }
    }
    return members;
}

/* libbpf's name of a value; NULL: it has none, or what programs return is no member. */
static const char *
name_of(enum tb_enum_class which, long value)
{
    return value < 0 || enums[which].actions != NULL ? NULL
                                                     : enums[which].member((int)value);
}

/* A new str in upper case. */
static PyObject *
upper(const char *name)
{
    PyObject *lower = PyUnicode_FromString(name);
    PyObject *text = lower ? PyObject_CallMethod(lower, "upper", NULL) : NULL;

    Py_XDECREF(lower);
    return text;
}

PyObject *
tb_enums_name(enum tb_enum_class which, long value)
{
    const char *name = name_of(which, value);

    return name ? upper(name) : PyUnicode_FromFormat("%ld", value);
}

/* The members that libbpf names, in the same form. */
static PyObject *
list_members(const char *(*member)(int))
{
    PyObject *members = PyList_New(0);
    const char *name;

    for (int value = 0; members != NULL && (name = member(value)) != NULL; value++) {
        PyObject *text = upper(name);
        PyObject *pair = text ? Py_BuildValue("(Oi)", text, value) : NULL;

        if (pair == NULL || PyList_Append(members, pair) < 0) {
            Py_CLEAR(members);
        }
        Py_XDECREF(text);
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
    PyObject *members = NULL;
    PyObject *args = NULL, *kwargs = NULL, *class = NULL, *doc = NULL;

    if (base != NULL) {
        members = enums[which].actions ? list_actions(enums[which].actions)
                                       : list_members(enums[which].member);
    }
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

    if (name_of(which, value) == NULL) {
        return PyLong_FromLong(value);
    }
    class = tb_enums_class(state, which);
    return class ? PyObject_CallFunction(class, "l", value) : NULL;
}

/* Keep what the module was asked for as its attribute: that again, or NULL with an
 * exception. */
static PyObject *
keep_steal(PyObject *module, PyObject *name, PyObject *value)
{
    if (value == NULL || PyObject_SetAttr(module, name, value) < 0) {
        Py_XDECREF(value);
        return NULL;
    }
    return value;
}

/* Whether a name is that of an action: its prefix and a member. */
static int
is_action(const char *name, enum tb_enum_class which)
{
    const char *prefix = enums[which].prefix;
    const struct tb_action *action = enums[which].actions;
    size_t n = prefix ? strlen(prefix) : 0;

    if (prefix == NULL || strncmp(name, prefix, n) != 0) {
        return 0;
    }
    while (action->name != NULL && strcmp(name + n, action->name) != 0) {
        action++;
    }
    return action->name != NULL;
}

PyObject *
tb_enums_getattr(PyObject *module, PyObject *name)
{
    struct tb_state *state = tb_state_of_module(module);
    const char *text;

    if (!PyUnicode_Check(name)) {
        return PyErr_Format(PyExc_TypeError, "attribute name must be string, not %R",
                            Py_TYPE(name));
    }
    text = PyUnicode_AsUTF8AndSize(name, NULL);
    for (int i = 0; i < TB_ENUM_COUNT && text != NULL; i++) {
        int is_class = strcmp(text, enums[i].name) == 0;
        PyObject *class, *value;

        if (!is_class && !is_action(text, i)) {
            continue;
        }
        class = tb_enums_class(state, i);
        if (class == NULL) {
            return NULL;
        }
        value = is_class
                    ? tb_new_ref(class)
                    : PyObject_GetAttrString(class, text + strlen(enums[i].prefix));
        return keep_steal(module, name, value);
    }
    if (text == NULL) {
        return NULL;
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
