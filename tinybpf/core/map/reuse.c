/* SPDX-License-Identifier: MIT
 *
 * Taking over of maps (map/reuse.h).
 */
#include "map/reuse.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "map/descriptor.h"
#include "map/info.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct tb_member *
member_of(BpfMap *self)
{
    return &self->object->maps.items[self->index];
}

/* The descriptor of what to take over; -1 with an exception. */
static int
read_other(BpfMap *self, PyObject *other)
{
    int fd = -1;

    if (tb_descriptor_of_map(tb_state_of(self), other, &fd) == 0) {
        PyErr_Format(PyExc_TypeError, "give a BpfMap or a descriptor of a map, not %R",
                     Py_TYPE(other));
    }
    return fd;
}

/* Whether a map can take the place of one that has memory already: libbpf frees as much
 * as the map that was taken over has. */
static int
has_its_memory(const struct bpf_map *handle, const struct bpf_map_info *info)
{
    int is_operations = bpf_map__type(handle) == BPF_MAP_TYPE_STRUCT_OPS ||
                        info->type == BPF_MAP_TYPE_STRUCT_OPS;

    return !is_operations && (!bpf_map__is_internal(handle) ||
                              (info->type == (uint32_t)bpf_map__type(handle) &&
                               info->value_size == bpf_map__value_size(handle) &&
                               info->max_entries == bpf_map__max_entries(handle)));
}

int
tb_map_reuse_set(BpfMap *self, PyObject *other)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    int fd = read_other(self, other), err;

    if (fd < 0) {
        return -1;
    }
    err = bpf_map_get_info_by_fd(fd, &info, &size);
    if (err == 0) { /* libbpf itself takes descriptors of other things, too */
        err = tb_fd_is_map_nogil(fd, &info) &&
                      has_its_memory(member_of(self)->handle, &info)
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
    PyObject *name, *info = NULL;

    if (inner == NULL) {
        Py_RETURN_NONE;
    }
    name = tb_args_text(bpf_map__name(inner));
    if (name != NULL) {
        info = tb_map_info_make(tb_state_of(self),
                                &(struct tb_map_brief){
                                    .name = name,
                                    .type = bpf_map__type(inner),
                                    .key_size = bpf_map__key_size(inner),
                                    .value_size = bpf_map__value_size(inner),
                                    .max_entries = bpf_map__max_entries(inner),
                                },
                                NULL);
        Py_DECREF(name);
    }
    return info;
}

/* libbpf keeps the number of the descriptor until the map is created and does not own
 * it: a copy of ours stays as long. Another map can take the place of the copy. */
int
tb_map_inner_set(BpfMap *self, PyObject *other)
{
    struct tb_member *member = member_of(self);
    int fd = read_other(self, other), copy, err;

    if (fd < 0) {
        return -1;
    }
    copy = member->lent_fd > 0 ? dup3(fd, member->lent_fd, O_CLOEXEC)
                               : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) {
        tb_error_libbpf(tb_state_of(self), -errno, NULL, "inner map of map %R",
                        self->name);
        return -1;
    }
    if (copy == member->lent_fd) {
        return 0;
    }
    err = bpf_map__set_inner_map_fd(member->handle, copy);
    if (err < 0) {
        close(copy);
        tb_error_raise(tb_state_of(self), TB_ERROR, -err,
                       "map %R has no inner maps: it is no map of maps", self->name);
        return -1;
    }
    member->lent_fd = copy;
    return 0;
}
