/* SPDX-License-Identifier: MIT
 *
 * Questions of Python about features (system/features.h), led to who asks the kernel,
 * or to the catalog. Types come as numbers, which the enums have; the rest by name.
 */
#include "system/features.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "base/state.h"
#include "catalog/helper.h"
#include "catalog/hook.h"
#include "catalog/map.h"
#include "catalog/program.h"
#include "host/hint.h"
#include "host/privilege.h"
#include "system/feature.h"
#include "system/feature_hook.h"
#include "system/feature_kfunc.h"

#include <string.h>

/* One question. */
struct question {
    const char *kind;
    unsigned int type;   /* of a map or a program */
    unsigned int helper; /* its number */
    const char *name;    /* of a hook or a kfunc */
};

/* Ask the kernel; since when there is the thing, or NULL. A kind that is unknown leaves
 * "cannot tell". */
static const char *
ask_nogil(const struct question *question, struct tb_feature *out)
{
    const struct tb_hook_kind *hook;

    if (strcmp(question->kind, "map") == 0) {
        tb_feature_map_nogil((enum bpf_map_type)question->type, out);
        return tb_catalog_map(question->type)->needs.since;
    }
    if (strcmp(question->kind, "program") == 0) {
        tb_feature_program_nogil((enum bpf_prog_type)question->type, out);
        return tb_catalog_program(question->type)->needs.since;
    }
    if (strcmp(question->kind, "helper") == 0) {
        tb_feature_helper_nogil((enum bpf_prog_type)question->type, question->helper,
                                out);
    }
    else if (strcmp(question->kind, "kfunc") == 0) {
        tb_feature_kfunc_nogil(question->name, out);
    }
    else if (strcmp(question->kind, "token") == 0) {
        tb_feature_token_nogil(out);
        return "6.9";
    }
    else if ((hook = tb_catalog_hook(question->name)) != NULL) {
        tb_feature_hook_nogil(hook, out);
        return hook->needs.since
                   ? hook->needs.since
                   : tb_catalog_program((uint32_t)hook->types[0])->needs.since;
    }
    return NULL;
}

PyObject *
tb_features_ask(PyObject *module, PyObject *args)
{
    struct question question = {.name = ""};
    struct tb_feature feature = {.supported = -1, .reason = ""};
    const char *since;

    (void)module;
    if (!PyArg_ParseTuple(args, "s|IIs:_feature", &question.kind, &question.type,
                          &question.helper, &question.name)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    since = ask_nogil(&question, &feature);
    Py_END_ALLOW_THREADS
    return Py_BuildValue("(Osz)",
                         feature.supported < 0    ? Py_None
                         : feature.supported == 0 ? Py_False
                                                  : Py_True,
                         feature.reason, since);
}

/* Add all names, with their numbers; 0 or -1. */
static int
add_helpers(PyObject *found)
{
    for (size_t i = 1; i < tb_catalog_helper_end(); i++) {
        const char *name = tb_catalog_helper((uint32_t)i);
        PyObject *number = name ? PyLong_FromSize_t(i) : NULL;
        int rc = number ? PyDict_SetItemString(found, name, number) : name ? -1 : 0;

        Py_XDECREF(number);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

/* The attach types of a hook, as numbers. */
static PyObject *
list_attach_types(const struct tb_hook_kind *hook)
{
    PyObject *found = PyList_New(0);

    for (const int *type = hook->attach_types; found && type && *type >= 0; type++) {
        if (tb_args_append_steal(found, PyLong_FromLong(*type)) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

static int
add_hooks(PyObject *found)
{
    const struct tb_hook_kind *hook;

    for (size_t i = 0; (hook = tb_catalog_hook_at(i)) != NULL; i++) {
        PyObject *types = list_attach_types(hook);
        int rc = types ? PyDict_SetItemString(found, hook->name, types) : -1;

        Py_XDECREF(types);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *
tb_features_names(PyObject *module, PyObject *unused)
{
    PyObject *helpers = PyDict_New(), *hooks = helpers ? PyDict_New() : NULL;
    PyObject *both = NULL;

    (void)module;
    (void)unused;
    if (hooks != NULL && add_helpers(helpers) == 0 && add_hooks(hooks) == 0) {
        both = PyTuple_Pack(2, helpers, hooks);
    }
    Py_XDECREF(helpers);
    Py_XDECREF(hooks);
    return both;
}

/* By way of what it gets to its target, in words. */
static PyObject *
list_ways(unsigned by)
{
    static const struct {
        unsigned bit;
        const char *name;
    } ways[] = {
        {TB_BY_LINK, "link"},       {TB_BY_PERF, "perf"},
        {TB_BY_TRACEFS, "tracefs"}, {TB_BY_ATTACH, "attach"},
        {TB_BY_NETLINK, "netlink"},
    };
    PyObject *found = PyList_New(0);

    for (size_t i = 0; found != NULL && i < sizeof(ways) / sizeof(ways[0]); i++) {
        if ((by & ways[i].bit) &&
            tb_args_append_steal(found, PyUnicode_FromString(ways[i].name)) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

/* The needs of a kind, those to attach apart. */
static PyObject *
build_needs(const char *hook, const struct tb_needs *needs, uint64_t attach,
            unsigned by)
{
    char load[160], more[160];

    tb_privilege_write(TB_NEEDS_BPF | needs->caps, load, sizeof(load));
    tb_privilege_write(attach, more, sizeof(more));
    return Py_BuildValue("(zzzssN)", hook, needs->since, needs->config, load, more,
                         list_ways(by));
}

PyObject *
tb_features_needs(PyObject *module, PyObject *args)
{
    const char *kind, *section = "", *rest;
    const struct tb_hook_kind *hook;
    const struct tb_program_kind *program;
    struct tb_needs needs;
    unsigned int type;

    (void)module;
    if (!PyArg_ParseTuple(args, "sI|s:_needs", &kind, &type, &section)) {
        return NULL;
    }
    if (strcmp(kind, "map") == 0) {
        return build_needs(NULL, &tb_catalog_map(type)->needs, 0, 0);
    }
    program = tb_catalog_program(type);
    hook = tb_catalog_hook_of_section(section, &rest);
    needs = program->needs;
    if (hook != NULL && hook->needs.since != NULL) {
        needs.since = hook->needs.since;
        needs.config = hook->needs.config;
    }
    return build_needs(hook ? hook->name : NULL, &needs,
                       program->attach | (hook ? hook->needs.caps : 0),
                       hook ? hook->by : 0);
}

PyObject *
tb_features_look(PyObject *module, PyObject *args)
{
    char text[1024] = "";
    const char *section;
    int rc;

    (void)module;
    if (!PyArg_ParseTuple(args, "s:_look", &section)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = tb_hint_of_section(section, text, sizeof(text));
    Py_END_ALLOW_THREADS
    if (rc < 0) {
        Py_RETURN_NONE;
    }
    return tb_args_text(text);
}
