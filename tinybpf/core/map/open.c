/* SPDX-License-Identifier: MIT
 *
 * Opening of maps that exist (map/open.h).
 */
#include "map/open.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/open.h"
#include "error/raise.h"
#include "host/fd.h"
#include "host/hint.h"
#include "map/describe.h"
#include "owner/found.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The BTF that the kernel keeps for a map, a new reference; NULL if there is none, it
 * is refused or malformed, or with an exception. */
static PyObject *
read_types(struct tb_state *state, const struct bpf_map_info *info)
{
    PyObject *name = tb_args_text(info->name), *holder = NULL;
    struct btf *btf = NULL;
    char problem[160];
    int err = 0;

    if (name != NULL && info->btf_id != 0) {
        Py_BEGIN_ALLOW_THREADS
        btf = tb_btf_open_loaded_nogil(info->btf_id, &err, problem);
        Py_END_ALLOW_THREADS
    }
    if (btf != NULL) {
        holder = tb_btf_new_steal(state, btf, name, NULL);
    }
    else if (err == -ENOMEM) {
        tb_error_libbpf(state, err, NULL, "reading of the types of map %R", name);
    }
    Py_XDECREF(name);
    return holder;
}

PyObject *
tb_map_wrap_steal(struct tb_state *state, int fd, const struct bpf_map_info *info)
{
    PyObject *types = read_types(state, info), *map = NULL;

    if (PyErr_Occurred()) {
        close(fd);
    }
    else {
        map = tb_map_new_steal(state, fd, info, (Btf *)types);
    }
    Py_XDECREF(types);
    return map;
}

/* BpfMap.complete of what was found. */
static int
complete(BpfMap *self, int fd)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    PyObject *types;
    int err = bpf_map_get_info_by_fd(fd, &info, &size), rc = -1;

    if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "info of map %R", self->name);
        return -1;
    }
    types = read_types(tb_state_of(self), &info);
    if (!PyErr_Occurred()) {
        rc = tb_map_learn(self, &info, (Btf *)types);
    }
    Py_XDECREF(types);
    return rc;
}

/* What the kernel says of the map of an id; 0 or -errno. */
static int
look(uint32_t id, struct bpf_map_info *out_info)
{
    uint32_t size = sizeof(*out_info);
    int fd = bpf_map_get_fd_by_id(id), err;

    if (fd < 0) {
        return fd;
    }
    memset(out_info, 0, sizeof(*out_info));
    err = bpf_map_get_info_by_fd(fd, out_info, &size);
    close(fd);
    return err;
}

PyObject *
tb_map_find(struct tb_state *state, uint32_t id, PyObject *scan)
{
    struct bpf_map_info info;
    int err = look(id, &info);
    BpfMap *map;

    if (err < 0) {
        return err == -ENOENT ? NULL : tb_found_refused(state, TB_FOUND_MAP, id, err);
    }
    map = (BpfMap *)tb_map_new_steal(state, -1, &info, NULL);
    if (map != NULL) {
        map->complete = complete;
        map->found = (struct tb_found){.id = id,
                                       .kind = TB_FOUND_MAP,
                                       .identity = tb_found_map_identity(&info),
                                       .is_quiet = 1,
                                       .scan = tb_new_ref(scan)};
    }
    return (PyObject *)map;
}

PyObject *
tb_map_open_id(struct tb_state *state, uint32_t id, int is_outside, PyObject *what)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint, .is_outside = is_outside};
    struct bpf_map_info info;
    int fd;

    Py_BEGIN_ALLOW_THREADS
    fd = bpf_map_get_fd_by_id(id);
    failure.err = fd < 0 ? fd : tb_fd_map_info_nogil(fd, &info);
    Py_END_ALLOW_THREADS
    if (failure.err == 0) {
        return tb_map_wrap_steal(state, fd, &info);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (failure.err == -ENOENT) {
        snprintf(hint.cause, sizeof(hint.cause), "there is no map %u", id);
    }
    tb_hint_of_admin("opening", "a map by its id", &hint);
    return tb_error_refused(state, &failure, "%U", what);
}

PyObject *
tb_map_from_id(PyObject *cls, PyObject *number)
{
    unsigned long id = PyLong_AsUnsignedLong(number);
    PyObject *what, *map;

    if (id == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (id > UINT32_MAX) {
        return PyErr_Format(PyExc_ValueError, "not the id of a map: %R", number);
    }
    what = PyUnicode_FromFormat("open of map %lu", id);
    if (what == NULL) {
        return NULL;
    }
    map = tb_map_open_id(tb_state_of_class(cls), (uint32_t)id, 1, what);
    Py_DECREF(what);
    return map;
}

PyObject *
tb_map_from_fd(PyObject *cls, PyObject *number)
{
    struct tb_state *state = tb_state_of_class(cls);
    struct tb_failure failure = {.is_outside = 1};
    struct bpf_map_info info;
    long given = tb_args_descriptor(number);
    int fd, err;

    if (given < 0) {
        return NULL;
    }
    fd = fcntl((int)given, F_DUPFD_CLOEXEC, 3);
    err = fd < 0 ? -errno : tb_fd_map_info_nogil(fd, &info);
    if (err == 0) {
        return tb_map_wrap_steal(state, fd, &info);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (fd >= 0 && err == -EBADF) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "open of descriptor %ld failed: it is not a map", given);
    }
    failure.err = err;
    return tb_error_refused(state, &failure, "open of descriptor %ld", given);
}
