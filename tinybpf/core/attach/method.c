/* SPDX-License-Identifier: MIT
 *
 * Calls attach_ methods by their rows (attach/method.h). Which types of program a hook
 * takes is checked here: libbpf asks nobody, it would give a cgroup's descriptor to an
 * XDP program as the number of an interface.
 */
#include "attach/method.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The names of a row's arguments; their count. */
static int
names_of(const struct tb_attach_method *method, const char *names[TB_ATTACH_ARGUMENTS])
{
    int n = 0;

    while (n < TB_ATTACH_ARGUMENTS && method->arguments[n].name != NULL) {
        names[n] = method->arguments[n].name;
        n++;
    }
    return n;
}

/* Raise for a keyword that is no argument, or of one that was given by position. */
static void
refuse_keyword(const struct tb_attach_method *method, PyObject *key, int is_known)
{
    const char *names[TB_ATTACH_ARGUMENTS];
    int n = names_of(method, names);
    const char *text = PyUnicode_AsUTF8AndSize(key, NULL);
    const char *nearest = text ? tb_args_nearest(text, names, (size_t)n) : NULL;

    if (text == NULL) {
        return;
    }
    if (is_known) {
        PyErr_Format(PyExc_TypeError, "%s() got the argument %R twice", method->name,
                     key);
    }
    else if (nearest != NULL) {
        PyErr_Format(PyExc_TypeError, "%s() has no argument %R\n  nearest: '%s'",
                     method->name, key, nearest);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() has no argument %R", method->name, key);
    }
}

/* Put a keyword's value where it belongs; 0, or -1 with an exception. */
static int
place_keyword(const struct tb_attach_method *method, PyObject *key, PyObject *value,
              PyObject *v[TB_ATTACH_ARGUMENTS])
{
    const char *names[TB_ATTACH_ARGUMENTS];
    int n = names_of(method, names), i = 0;

    while (i < n && PyUnicode_CompareWithASCIIString(key, names[i]) != 0) {
        i++;
    }
    if (i == n || v[i] != NULL) {
        refuse_keyword(method, key, i < n);
        return -1;
    }
    v[i] = value;
    return 0;
}

/* The values that a method was given, borrowed; NULL where one was left out, or is None
 * and need not be given. Without args what must be given may come from elsewhere. 0, or
 * -1 with TypeError. */
static int
read_values(PyObject *args, PyObject *kwargs, const struct tb_attach_method *method,
            PyObject *v[TB_ATTACH_ARGUMENTS])
{
    Py_ssize_t n = args ? PyTuple_Size(args) : 0, at = 0;
    int needed = args ? method->n_needed : 0;
    PyObject *key, *value;

    if (n > 0 && method->n_positional == 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes keywords only", method->name);
        return -1;
    }
    if (n > method->n_positional) {
        PyErr_Format(PyExc_TypeError,
                     "%s() takes up to %d arguments by position (%zd given)",
                     method->name, method->n_positional, n);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        v[i] = PyTuple_GetItem(args, i);
    }
    while (kwargs != NULL && PyDict_Next(kwargs, &at, &key, &value)) {
        if (place_keyword(method, key, value, v) < 0) {
            return -1;
        }
    }
    for (int i = 0; i < needed; i++) {
        if (v[i] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() lacks the argument '%s'", method->name,
                         method->arguments[i].name);
            return -1;
        }
    }
    for (int i = needed; i < TB_ATTACH_ARGUMENTS; i++) {
        v[i] = v[i] == Py_None ? NULL : v[i];
    }
    return 0;
}

/* Read them into what is asked for; 0, or -1 with an exception. */
static int
take_all(BpfProgram *program, const struct tb_attach_method *method,
         PyObject *const v[TB_ATTACH_ARGUMENTS], struct tb_attach *attach)
{
    for (int i = 0; i < TB_ATTACH_ARGUMENTS && method->arguments[i].name; i++) {
        const struct tb_argument argument = {
            .program = program,
            .name = method->arguments[i].name,
            .value = v[i],
            .attach = attach,
            .field = (char *)attach + method->arguments[i].at,
        };

        if (v[i] != NULL && method->arguments[i].form(&argument) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Whether the section says what must be given and was not: a text of the target. */
static int
has_needed(const struct tb_attach_method *method,
           PyObject *const v[TB_ATTACH_ARGUMENTS], const struct tb_attach *attach)
{
    for (int i = 0; i < method->n_needed; i++) {
        size_t at = method->arguments[i].at;
        int is_text = at < TB_TARGET_AT(names);

        if (v[i] == NULL &&
            !(is_text && *(const char *const *)((const char *)attach + at) != NULL)) {
            PyErr_Format(PyExc_TypeError,
                         "attach() lacks the argument '%s': the program's section does "
                         "not say it",
                         method->arguments[i].name);
            return 0;
        }
    }
    return 1;
}

/* Whether the hook takes the program; else an exception says what it takes. */
static int
is_taken(BpfProgram *self, const struct tb_hook_kind *hook, PyObject *name)
{
    struct bpf_program *handle = tb_program_handle(self);
    int type = handle ? (int)bpf_program__type(handle) : 0;
    char all[160] = "";
    size_t n = 0;

    if (handle == NULL) {
        return 0;
    }
    for (const int *taken = hook->types; *taken >= 0 && n < sizeof(all); taken++) {
        if (*taken == type) {
            return 1;
        }
        n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "",
                              libbpf_bpf_prog_type_str((enum bpf_prog_type) * taken));
    }
    tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                   "attach of program %R to %U failed: it is of type %s (section "
                   "'%s'), and there go programs of type %s",
                   self->name, name, libbpf_bpf_prog_type_str((enum bpf_prog_type)type),
                   bpf_program__section_name(handle), all);
    return 0;
}

/* The row's hook that is the program's own, or else its first. */
static const struct tb_hook_kind *
choose_hook(const struct tb_attach_method *method, const struct tb_hook_kind *own)
{
    for (int i = 0; i < TB_ATTACH_HOOKS && method->hooks[i] != NULL; i++) {
        if (own != NULL && strcmp(own->name, method->hooks[i]) == 0) {
            return own;
        }
    }
    return tb_catalog_hook(method->hooks[0]);
}

/* What is asked for when nothing was given yet: what the section says, or the kind of
 * hook alone. room is where that may keep parts. NULL with an exception; the caller
 * frees. */
static struct tb_attach *
begin(BpfProgram *self, const struct tb_attach_method *method, int by_section,
      char *room, size_t size)
{
    struct bpf_program *handle = tb_program_handle(self);
    struct tb_attach *attach;
    struct tb_target target;

    if (handle == NULL) {
        return NULL;
    }
    tb_target_parse(bpf_program__section_name(handle), &target, room, size);
    attach = calloc(1, method->size ? method->size : sizeof(*attach));
    if (attach == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    attach->kept = PyList_New(0);
    if (attach->kept == NULL) {
        free(attach);
        return NULL;
    }
    attach->target = by_section ? target : (struct tb_target){.pid = -1, .fd = -1};
    attach->target.hook = choose_hook(method, target.hook);
    attach->target.retprobe |= method->retprobe;
    return attach;
}

/* Its descriptors and what it points into end with the call. */
static void
end(struct tb_attach *attach)
{
    if (attach == NULL) {
        return;
    }
    for (int i = 0; i < attach->n_fds; i++) {
        close(attach->fds[i]);
    }
    Py_CLEAR(attach->kept);
    free(attach);
}

PyObject *
tb_attach_by_method(PyObject *program, PyObject *args, PyObject *kwargs,
                    const struct tb_attach_method *method)
{
    BpfProgram *self = (BpfProgram *)program;
    PyObject *v[TB_ATTACH_ARGUMENTS] = {NULL};
    PyObject *name = NULL, *link = NULL;
    char room[512];
    struct tb_attach *attach = begin(self, method, args == NULL, room, sizeof(room));

    if (attach != NULL && read_values(args, kwargs, method, v) == 0 &&
        take_all(self, method, v, attach) == 0 && has_needed(method, v, attach) &&
        (method->prepare == NULL || method->prepare(self, attach) == 0)) {
        name = method->write(self, attach);
    }
    if (name != NULL && is_taken(self, attach->target.hook, name)) {
        link = tb_attach_by(self, &method->way, attach, name, NULL);
    }
    Py_XDECREF(name);
    end(attach);
    return link;
}
