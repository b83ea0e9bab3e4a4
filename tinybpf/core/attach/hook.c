/* SPDX-License-Identifier: MIT
 *
 * The kinds of hook that a program can be attached to by hand (attach/hook.h): for
 * each, how libbpf is called, and a method that reads its arguments and names the
 * target.
 */
#include "attach/hook.h"

#include "attach/attach.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

static struct bpf_link *
to_kprobe(const struct bpf_program *program, const struct tb_hook *hook)
{
    LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = hook->retprobe);

    return bpf_program__attach_kprobe_opts(program, hook->name, &opts);
}

static struct bpf_link *
to_tracepoint(const struct bpf_program *program, const struct tb_hook *hook)
{
    return bpf_program__attach_tracepoint(program, hook->category, hook->name);
}

static struct bpf_link *
to_raw_tracepoint(const struct bpf_program *program, const struct tb_hook *hook)
{
    return bpf_program__attach_raw_tracepoint(program, hook->name);
}

static struct bpf_link *
to_uprobe(const struct bpf_program *program, const struct tb_hook *hook)
{
    LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = hook->retprobe,
                .func_name = hook->name);

    return bpf_program__attach_uprobe_opts(program, hook->pid, hook->path, hook->offset,
                                           &opts);
}

static struct bpf_link *
to_xdp(const struct bpf_program *program, const struct tb_hook *hook)
{
    return bpf_program__attach_xdp(program, hook->ifindex);
}

static struct bpf_link *
to_cgroup(const struct bpf_program *program, const struct tb_hook *hook)
{
    struct bpf_link *link;
    int fd = hook->fd, err;

    if (hook->path != NULL) {
        fd = open(hook->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0) {
        return NULL;
    }
    link = bpf_program__attach_cgroup(program, fd);
    err = errno;
    if (hook->path != NULL) {
        close(fd);
    }
    errno = err;
    return link;
}

/* Which types of program each kind takes. libbpf asks nobody: it would give a cgroup's
 * descriptor to an XDP program as the number of an interface. 0: none. */
static const struct {
    tb_attach_call call;
    enum bpf_prog_type types[8];
} takes[] = {
    {to_kprobe, {BPF_PROG_TYPE_KPROBE}},
    {to_uprobe, {BPF_PROG_TYPE_KPROBE}},
    {to_tracepoint, {BPF_PROG_TYPE_TRACEPOINT}},
    {to_raw_tracepoint,
     {BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE}},
    {to_xdp, {BPF_PROG_TYPE_XDP}},
    {to_cgroup,
     {BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_CGROUP_SOCK, BPF_PROG_TYPE_CGROUP_DEVICE,
      BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_PROG_TYPE_CGROUP_SYSCTL,
      BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_PROG_TYPE_SOCK_OPS, BPF_PROG_TYPE_LSM}},
};

/* Whether the kind takes the program; else an exception says what it takes. */
static int
is_taken(BpfProgram *self, tb_attach_call call, PyObject *target)
{
    struct bpf_program *handle = tb_program_handle(self);
    enum bpf_prog_type type = handle ? bpf_program__type(handle) : 0;
    char all[160] = "";
    size_t n = 0;

    for (size_t i = 0; handle != NULL && i < sizeof(takes) / sizeof(takes[0]); i++) {
        for (int j = 0; takes[i].call == call && j < 8 && takes[i].types[j]; j++) {
            if (takes[i].types[j] == type) {
                return 1;
            }
            n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "",
                                  libbpf_bpf_prog_type_str(takes[i].types[j]));
        }
    }
    if (handle != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                       "attach of program %R to %U failed: it is of type %s (section "
                       "'%s'), and there go programs of type %s",
                       self->name, target, libbpf_bpf_prog_type_str(type),
                       bpf_program__section_name(handle), all);
    }
    return 0;
}

/* Attach to a hook whose target is made from a format. */
static PyObject *
attach_to(PyObject *op, tb_attach_call call, const struct tb_hook *hook,
          PyObject *target)
{
    BpfProgram *self = (BpfProgram *)op;
    PyObject *link = NULL;

    if (target != NULL && is_taken(self, call, target)) {
        link = tb_attach(self, call, hook, target, NULL);
    }
    Py_XDECREF(target);
    return link;
}

static PyObject *
attach_function(PyObject *op, const char *name, int retprobe)
{
    const struct tb_hook hook = {.name = name, .retprobe = retprobe};

    return attach_to(
        op, to_kprobe, &hook,
        PyUnicode_FromFormat("%s:%s", retprobe ? "kretprobe" : "kprobe", name));
}

PyObject *
tb_attach_kprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"func", "retprobe", NULL};
    const char *func;
    int retprobe = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|p:attach_kprobe", (char **)names,
                                     &func, &retprobe)) {
        return NULL;
    }
    return attach_function(op, func, retprobe);
}

PyObject *
tb_attach_kretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"func", NULL};
    const char *func;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s:attach_kretprobe", (char **)names,
                                     &func)) {
        return NULL;
    }
    return attach_function(op, func, 1);
}

PyObject *
tb_attach_tracepoint(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"category", "name", NULL};
    struct tb_hook hook = {.pid = -1};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "ss:attach_tracepoint",
                                     (char **)names, &hook.category, &hook.name)) {
        return NULL;
    }
    return attach_to(
        op, to_tracepoint, &hook,
        PyUnicode_FromFormat("tracepoint:%s/%s", hook.category, hook.name));
}

PyObject *
tb_attach_raw_tracepoint(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", NULL};
    struct tb_hook hook = {.pid = -1};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s:attach_raw_tracepoint",
                                     (char **)names, &hook.name)) {
        return NULL;
    }
    return attach_to(op, to_raw_tracepoint, &hook,
                     PyUnicode_FromFormat("raw_tracepoint:%s", hook.name));
}

/* uprobe:/bin/sh:main+0x10. Takes the path, a bytes. */
static PyObject *
attach_binary_steal(PyObject *op, struct tb_hook *hook, PyObject *path,
                    Py_ssize_t offset)
{
    const char *kind = hook->retprobe ? "uretprobe" : "uprobe";
    const char *name = hook->name ? hook->name : "";
    PyObject *link = NULL;
    char place[32];

    hook->path = PyBytes_AsString(path);
    hook->offset = (size_t)offset;
    snprintf(place, sizeof(place), "+%#zx", hook->offset);
    if (offset < 0) {
        PyErr_Format(PyExc_ValueError, "offset out of range: %zd", offset);
    }
    else {
        link = attach_to(op, to_uprobe, hook,
                         PyUnicode_FromFormat("%s:%s%s%s%s", kind, hook->path,
                                              hook->name ? ":" : "", name, place));
    }
    Py_DECREF(path);
    return link;
}

PyObject *
tb_attach_uprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"binary",   "offset",    "pid",
                                        "retprobe", "func_name", NULL};
    struct tb_hook hook = {.pid = -1};
    PyObject *path;
    Py_ssize_t offset = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|nipz:attach_uprobe",
                                     (char **)names, PyUnicode_FSConverter, &path,
                                     &offset, &hook.pid, &hook.retprobe, &hook.name)) {
        return NULL;
    }
    return attach_binary_steal(op, &hook, path, offset);
}

PyObject *
tb_attach_uretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"binary", "offset", "pid", "func_name", NULL};
    struct tb_hook hook = {.pid = -1, .retprobe = 1};
    PyObject *path;
    Py_ssize_t offset = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|niz:attach_uretprobe",
                                     (char **)names, PyUnicode_FSConverter, &path,
                                     &offset, &hook.pid, &hook.name)) {
        return NULL;
    }
    return attach_binary_steal(op, &hook, path, offset);
}

/* An interface by name or index; 0 with an exception if there is none of the
 * name. */
static unsigned int
find_interface(BpfProgram *self, PyObject *interface)
{
    char near[128];
    const char *name;
    unsigned int index;

    if (PyLong_Check(interface)) {
        long number = PyLong_AsLong(interface);

        if (number > 0 && number <= INT_MAX) {
            return (unsigned int)number;
        }
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "interface index out of range: %R", interface);
        return 0;
    }
    if (!PyUnicode_Check(interface)) {
        PyErr_Format(PyExc_TypeError, "interface must be a name or an index, not %R",
                     Py_TYPE(interface));
        return 0;
    }
    name = PyUnicode_AsUTF8AndSize(interface, NULL);
    if (name == NULL) {
        return 0;
    }
    index = if_nametoindex(name);
    if (index == 0) {
        tb_target_interface(name, near, sizeof(near));
        tb_error_raise(
            tb_state_of(self), TB_ERROR, ENODEV,
            "attach of program %R failed: there is no interface '%s' in this "
            "network namespace%s",
            self->name, name, near);
    }
    return index;
}

PyObject *
tb_attach_xdp(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"interface", NULL};
    struct tb_hook hook = {.pid = -1};
    char name[IF_NAMESIZE] = "";
    PyObject *interface;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:attach_xdp", (char **)names,
                                     &interface)) {
        return NULL;
    }
    hook.ifindex = (int)find_interface((BpfProgram *)op, interface);
    if (hook.ifindex == 0) {
        return NULL;
    }
    if (if_indextoname((unsigned int)hook.ifindex, name) == NULL) {
        return tb_error_raise(tb_state_of(op), TB_ERROR, ENODEV,
                              "attach of program %R failed: there is no interface of "
                              "index %d in this network namespace",
                              ((BpfProgram *)op)->name, hook.ifindex);
    }
    return attach_to(op, to_xdp, &hook, PyUnicode_FromFormat("xdp:%s", name));
}

PyObject *
tb_attach_cgroup(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"cgroup", NULL};
    struct tb_hook hook = {.fd = -1};
    PyObject *cgroup, *path = NULL, *link;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:attach_cgroup", (char **)names,
                                     &cgroup)) {
        return NULL;
    }
    if (PyLong_Check(cgroup)) {
        long number = PyLong_AsLong(cgroup);

        if (number < 0 || number > INT_MAX) {
            PyErr_Clear();
            PyErr_Format(PyExc_ValueError, "cgroup descriptor out of range: %R",
                         cgroup);
            return NULL;
        }
        hook.fd = (int)number;
        return attach_to(op, to_cgroup, &hook, PyUnicode_FromString("cgroup:fd"));
    }
    if (!PyUnicode_FSConverter(cgroup, &path)) {
        return NULL;
    }
    hook.path = PyBytes_AsString(path);
    link =
        attach_to(op, to_cgroup, &hook, PyUnicode_FromFormat("cgroup:%s", hook.path));
    Py_DECREF(path);
    return link;
}
