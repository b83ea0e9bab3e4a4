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
#include "owner/link.h"
#include "owner/map.h"

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
