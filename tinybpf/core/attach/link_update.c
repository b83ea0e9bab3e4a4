/* SPDX-License-Identifier: MIT
 *
 * Changes of links (attach/link_update.h). The kernel puts one program in the place of
 * another without a gap: no packet, no event meets none of them or both.
 */
#include "attach/link_update.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "host/hint.h"
#include "owner/link.h"
#include "owner/map.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Kinds of link that have an update_prog in their struct bpf_link_ops. */
static const enum bpf_link_type updated[] = {
    BPF_LINK_TYPE_CGROUP,  BPF_LINK_TYPE_ITER, BPF_LINK_TYPE_NETNS,
    BPF_LINK_TYPE_XDP,     BPF_LINK_TYPE_TCX,  BPF_LINK_TYPE_NETKIT,
    BPF_LINK_TYPE_SOCKMAP,
};

/* The kind of a link's descriptor. */
static enum bpf_link_type
type_of_nogil(int fd)
{
    struct bpf_link_info info;
    uint32_t size = sizeof(info);

    memset(&info, 0, sizeof(info));
    return bpf_link_get_info_by_fd(fd, &info, &size) < 0
               ? BPF_LINK_TYPE_UNSPEC
               : (enum bpf_link_type)info.type;
}

/* What is given as the program that is expected: one of ours, or None; 0 or -1. */
static int
read_expected(BpfLink *self, PyObject *expected)
{
    if (expected == NULL ||
        Py_TYPE(expected) == tb_state_of(self)->types[TB_TYPE_PROGRAM]) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "expected must be a BpfProgram or None, not %R",
                 Py_TYPE(expected));
    return -1;
}

/* The cause of a refusal, by the kind of the link; whether the kind is what the kernel
 * cannot do. */
static int
explain(enum bpf_link_type type, int err, char *text, size_t size)
{
    const char *kind = libbpf_bpf_link_type_str(type);
    int is_updated = 0;

    for (size_t i = 0; i < sizeof(updated) / sizeof(updated[0]); i++) {
        is_updated |= updated[i] == type;
    }
    if (err == -EINVAL && !is_updated) {
        snprintf(text, size,
                 "a link of the kind %s keeps its program: only those of xdp, tcx, "
                 "netkit, cgroup, netns, sockmap and iterators take another",
                 kind ? kind : "unknown");
    }
    else if (err == -EINVAL) {
        snprintf(text, size,
                 "the program is not of the same type, and made for the same hook, as "
                 "the one that the link runs");
    }
    else if (err == -ENOLINK || err == -ENODEV) {
        snprintf(text, size, "the link is detached");
    }
    return err == -EINVAL && !is_updated;
}

/* Raise for an update that the kernel refused. */
static void *
raise_update(BpfLink *self, BpfProgram *program, enum bpf_link_type type, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    hint.lacking = explain(type, err, hint.cause, sizeof(hint.cause));
    tb_hint_of_call("updating", "a link", &hint);
    return tb_error_refused(tb_state_of(self), &failure,
                            "update of the link of program %R to %R", self->program,
                            program->name);
}

/* Take the descriptors of both programs, and one of the link; *err tells what the
 * kernel said. 0, or -1 with an exception. */
static int
call(BpfLink *self, BpfProgram *program, BpfProgram *expected, enum bpf_link_type *type,
     int *err)
{
    LIBBPF_OPTS(bpf_link_update_opts, opts);
    int fd = tb_link_duplicate(self, "updated"), rc = -1;
    int program_fd = fd < 0 ? -1 : tb_program_acquire(program);
    int old_fd = program_fd < 0 || expected == NULL ? -1 : tb_program_acquire(expected);

    if (program_fd >= 0 && (expected == NULL || old_fd >= 0)) {
        if (expected != NULL) {
            opts.flags = BPF_F_REPLACE;
            opts.old_prog_fd = (uint32_t)old_fd;
        }
        Py_BEGIN_ALLOW_THREADS
        *err = bpf_link_update(fd, program_fd, &opts);
        *type = *err < 0 ? type_of_nogil(fd) : BPF_LINK_TYPE_UNSPEC;
        Py_END_ALLOW_THREADS
        rc = 0;
    }
    if (old_fd >= 0) {
        tb_program_release(expected);
    }
    if (program_fd >= 0) {
        tb_program_release(program);
    }
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

PyObject *
tb_link_update(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"program", "expected", NULL};
    BpfLink *self = (BpfLink *)op;
    enum bpf_link_type type = BPF_LINK_TYPE_UNSPEC;
    PyObject *program, *expected = NULL;
    int err = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|O:update", (char **)names,
                                     tb_state_of(self)->types[TB_TYPE_PROGRAM],
                                     &program, &expected)) {
        return NULL;
    }
    expected = tb_args_is_given(expected) ? expected : NULL;
    if (read_expected(self, expected) < 0 ||
        call(self, (BpfProgram *)program, (BpfProgram *)expected, &type, &err) < 0) {
        return NULL;
    }
    if (err == -EPERM && expected != NULL) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EPERM,
                              "update of the link of program %R to %R failed: it runs "
                              "another program than the one that is expected",
                              self->program, ((BpfProgram *)program)->name);
    }
    if (err < 0) {
        return raise_update(self, (BpfProgram *)program, type, err);
    }
    if (tb_link_is_open(self)) {
        tb_link_adopt(self, (BpfProgram *)program);
    }
    Py_RETURN_NONE;
}

/* Raise for a map that cannot take the place of another; NULL. */
static void *
raise_map(BpfLink *self, BpfMap *map, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    if (err == -EINVAL) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "both must be struct_ops, in a section .struct_ops.link, of one type, "
                 "which must allow it");
    }
    return tb_error_refused(tb_state_of(self), &failure,
                            "update of the link to %U to map %R", self->target,
                            map->name);
}

/* Whether libbpf's handle of the link is one of a struct_ops, which libbpf takes for
 * granted (bpf_link__update_map): an exception tells if not. */
static int
is_of_struct_ops(BpfLink *self, BpfMap *map)
{
    int fd = tb_link_duplicate(self, "updated");
    struct bpf_link_info info = {0};
    int is_one;

    if (fd < 0) {
        return 0;
    }
    is_one = tb_fd_link_info_nogil(fd, &info) == 0 && self->handle != NULL &&
             info.type == BPF_LINK_TYPE_STRUCT_OPS;
    close(fd);
    if (!is_one || tb_map_is_standalone(map)) {
        tb_error_raise(tb_state_of(self), TB_ERROR_NOT_SUPPORTED, ENOTSUP,
                       "update of the link to %U to map %R failed: both must be "
                       "struct_ops of objects that are loaded here",
                       self->target, map->name);
        return 0;
    }
    return 1;
}

/* libbpf's own handles are needed: it keeps what the kernel is given. */
PyObject *
tb_link_update_map(PyObject *op, PyObject *arg)
{
    BpfLink *self = (BpfLink *)op;
    BpfMap *map = (BpfMap *)arg;
    struct bpf_map *handle;
    int err;

    if (Py_TYPE(arg) != tb_state_of(self)->types[TB_TYPE_MAP]) {
        return PyErr_Format(PyExc_TypeError, "a BpfMap is needed, not %R",
                            Py_TYPE(arg));
    }
    if (!is_of_struct_ops(self, map) || tb_map_acquire(map) < 0) {
        return NULL;
    }
    handle = map->object->maps.items[map->index].handle;
    err = bpf_map__type(handle) == BPF_MAP_TYPE_STRUCT_OPS
              ? bpf_link__update_map(self->handle, handle)
              : -EINVAL;
    tb_map_release(map);
    return err < 0 ? raise_map(self, map, err) : tb_new_ref(Py_None);
}

/* Unlike its end, this reaches a link that a pin or another process keeps. */
PyObject *
tb_link_update_detach(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint};
    int fd = tb_link_duplicate(self, "detached by force");

    (void)unused;
    if (fd < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    failure.err = bpf_link_detach(fd);
    close(fd);
    Py_END_ALLOW_THREADS
    if (failure.err == 0) {
        self->detached = 1;
        Py_RETURN_NONE;
    }
    if (failure.err == -EOPNOTSUPP) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "links of this kind are detached by the end of the last descriptor "
                 "and pin alone; those of cgroup, netns, xdp, tcx, netkit and "
                 "netfilter at any time");
    }
    tb_hint_of_call("detaching", "a link", &hint);
    return tb_error_refused(tb_state_of(self), &failure,
                            "detach of the link of program %R to %U", self->program,
                            self->target);
}
