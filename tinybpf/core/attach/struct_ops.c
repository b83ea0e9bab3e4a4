/* SPDX-License-Identifier: MIT
 *
 * Registering of struct_ops (attach/struct_ops.h). One of a section .struct_ops.link
 * has a link of the kernel; for one of a section .struct_ops libbpf puts the descriptor
 * of the map where that of a link is (bpf_map__attach_struct_ops).
 */
#include "attach/struct_ops.h"

#include "attach/attach.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "host/kernel.h"
#include "owner/link.h"
#include "owner/map.h"
#include "owner/program.h"

#include <errno.h>
#include <stdio.h>

int
tb_struct_ops_is_wanted(const BpfObject *object, size_t index)
{
    const struct bpf_map *map = object->maps.items[index].handle;

    return bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS && bpf_map__autocreate(map) &&
           bpf_map__autoattach(map);
}

/* Say what the kernel's bare errno means here. */
static void *
raise_refused(BpfMap *self, int err, const struct tb_log *log)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .log = log, .hint = &hint};

    if (err == -EEXIST) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "the kernel has one of that name already, and each name once");
    }
    else if (err == -EBUSY) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "it is attached already, or was, in its one life");
    }
    tb_hint_of_call("attaching", "a struct_ops", &hint);
    return tb_error_refused(tb_state_of(self), &failure, "attach of struct_ops %R",
                            self->name);
}

/* The link of what libbpf has attached; takes it also when it fails. */
static PyObject *
keep_steal(BpfMap *self, struct bpf_link *handle, int is_linked)
{
    PyObject *target = PyUnicode_FromFormat("struct_ops:%U", self->name);
    PyObject *link = NULL;

    if (target == NULL) {
        bpf_link__destroy(handle);
        return NULL;
    }
    link = tb_link_new_of_steal(self->object, self->name, handle, target);
    if (link != NULL && !is_linked) {
        ((BpfLink *)link)->why_no_fd =
            "a struct_ops of the section .struct_ops has no link in the kernel; one of "
            "the section .struct_ops.link has (Linux 6.4)";
    }
    Py_DECREF(target);
    return link;
}

PyObject *
tb_struct_ops_attach(PyObject *op, PyObject *unused)
{
    BpfMap *self = (BpfMap *)op;
    struct bpf_link *link;
    struct bpf_map *handle;
    PyObject *made = NULL;
    struct tb_log log;
    int err;

    (void)unused;
    if (self->traits.type != BPF_MAP_TYPE_STRUCT_OPS || tb_map_is_standalone(self)) {
        return tb_error_raise(
            tb_state_of(self), TB_ERROR, EINVAL,
            "map %R is no struct_ops of an object: only what stands "
            "in a section .struct_ops or .struct_ops.link is attached",
            self->name);
    }
    if (tb_object_reached(self->object, TB_LOADED) == NULL ||
        tb_map_acquire(self) < 0) {
        return NULL;
    }
    handle = self->object->maps.items[self->index].handle;
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    link = bpf_map__attach_struct_ops(handle);
    err = link ? 0 : -errno;
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (link == NULL) {
        raise_refused(self, err, &log);
    }
    else if (!tb_object_is_open(self->object)) {
        bpf_link__destroy(link);
        tb_map_fd(self);
    }
    else {
        made = keep_steal(self, link, (self->traits.flags & BPF_F_LINK) != 0);
    }
    tb_log_free(&log);
    tb_map_release(self);
    return made;
}

/* Say what the kernel's bare errno means here. */
static void *
raise_unassociated(BpfProgram *self, const BpfMap *map, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};
    char release[64];

    if (err == -EBUSY) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "it belongs to another struct_ops already, for as long as it lives");
    }
    else if (err == -EINVAL && tb_kernel_is_before("7.0", release, sizeof(release))) {
        hint.lacking = 1;
        snprintf(hint.cause, sizeof(hint.cause),
                 "it is in Linux since 7.0, and this is %s", release);
    }
    else if (err == -EINVAL) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "a program of a struct_ops belongs to the one that it is made for");
    }
    tb_hint_of_call("associating", "a program", &hint);
    return tb_error_refused(tb_state_of(self), &failure,
                            "association of program %R with struct_ops %R", self->name,
                            map->name);
}

PyObject *
tb_struct_ops_associate(PyObject *op, PyObject *map_op)
{
    BpfProgram *self = (BpfProgram *)op;
    struct tb_state *state = tb_state_of(self);
    BpfMap *map = (BpfMap *)map_op;
    int program_fd, map_fd = -1, err = 0;

    if (Py_TYPE(map_op) != state->types[TB_TYPE_MAP]) {
        return PyErr_Format(PyExc_TypeError, "a BpfMap is needed, not %R",
                            Py_TYPE(map_op));
    }
    if (map->traits.type != BPF_MAP_TYPE_STRUCT_OPS) {
        return tb_error_raise(state, TB_ERROR, EINVAL, "map %R is no struct_ops",
                              map->name);
    }
    program_fd = tb_program_acquire(self);
    if (program_fd >= 0) {
        map_fd = tb_map_acquire(map);
    }
    if (map_fd >= 0) {
        Py_BEGIN_ALLOW_THREADS
        err = bpf_prog_assoc_struct_ops(program_fd, map_fd, NULL);
        Py_END_ALLOW_THREADS
        tb_map_release(map);
    }
    if (program_fd >= 0) {
        tb_program_release(self);
    }
    if (map_fd < 0) {
        return NULL;
    }
    return err < 0 ? raise_unassociated(self, map, err) : tb_new_ref(Py_None);
}
