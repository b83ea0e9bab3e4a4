/* SPDX-License-Identifier: MIT
 *
 * Taking over of maps (map/reuse.h).
 */
#include "map/reuse.h"

#include "base/args.h"
#include "base/enums.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "map/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct tb_member *
member_of(BpfMap *self)
{
    return &self->object->maps.items[self->index];
}

/* The descriptor of a BpfMap, or a descriptor itself; -1 with an exception. */
static int
descriptor(BpfMap *self, PyObject *other)
{
    uint64_t fd;

    if (Py_TYPE(other) == Py_TYPE(self)) {
        return tb_map_fd((BpfMap *)other);
    }
    if (!PyLong_Check(other)) {
        PyErr_Format(PyExc_TypeError, "give a BpfMap or a descriptor of a map, not %R",
                     Py_TYPE(other));
        return -1;
    }
    return tb_args_number(other, "the descriptor", INT32_MAX, &fd) < 0 ? -1 : (int)fd;
}

int
tb_map_reuse_set(BpfMap *self, PyObject *other)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    int fd = descriptor(self, other), err;

    if (fd < 0) {
        return -1;
    }
    err = bpf_map_get_info_by_fd(fd, &info, &size);
    if (err == 0) { /* libbpf itself takes descriptors of other things, too */
        err = tb_map_is_map_nogil(fd, &info)
                  ? bpf_map__reuse_fd(member_of(self)->handle, fd)
                  : -EINVAL;
    }
    member_of(self)->is_reused |= err == 0;
    if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "reuse of %R as map %R", other,
                        self->name);
    }
    return err < 0 ? -1 : 0;
}

PyObject *
tb_map_inner_get(BpfMap *self)
{
    const struct bpf_map *inner = bpf_map__inner_map(member_of(self)->handle);
    PyObject *class, *type = NULL, *info = NULL;

    if (inner == NULL) {
        Py_RETURN_NONE;
    }
    class = tb_args_import("tinybpf._values", "MapInfo");
    if (class != NULL) {
        type = tb_enums_member(tb_state_of(self), TB_ENUM_MAP_TYPE,
                               (long)bpf_map__type(inner));
    }
    if (type != NULL) {
        info = PyObject_CallFunction(
            class, "sOIII", bpf_map__name(inner), type, bpf_map__key_size(inner),
            bpf_map__value_size(inner), bpf_map__max_entries(inner));
    }
    Py_XDECREF(class);
    Py_XDECREF(type);
    return info;
}

/* libbpf keeps the number of the descriptor until the map is created and does not own
 * it: a copy of ours stays as long. Another map can take the place of the copy. */
int
tb_map_inner_set(BpfMap *self, PyObject *other)
{
    struct tb_member *member = member_of(self);
    int fd = descriptor(self, other), copy, err;

    if (fd < 0) {
        return -1;
    }
    copy = member->inner_fd > 0 ? dup3(fd, member->inner_fd, O_CLOEXEC)
                                : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) {
        tb_error_libbpf(tb_state_of(self), -errno, NULL, "inner map of map %R",
                        self->name);
        return -1;
    }
    if (copy == member->inner_fd) {
        return 0;
    }
    err = bpf_map__set_inner_map_fd(member->handle, copy);
    if (err < 0) {
        close(copy);
        tb_error_raise(tb_state_of(self), TB_ERROR, -err,
                       "map %R has no inner maps: it is no map of maps", self->name);
        return -1;
    }
    member->inner_fd = copy;
    return 0;
}
