/* SPDX-License-Identifier: MIT
 *
 * Opening of maps that exist (map/open.h).
 */
#include "map/open.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "map/describe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

PyObject *
tb_map_wrap_steal(struct tb_state *state, int fd, const struct bpf_map_info *info)
{
    PyObject *name = PyUnicode_DecodeFSDefault(info->name);
    PyObject *holder = NULL, *map = NULL;
    struct btf *btf = NULL;

    if (name != NULL && info->btf_id != 0) {
        Py_BEGIN_ALLOW_THREADS
        btf = btf__load_from_kernel_by_id(info->btf_id);
        Py_END_ALLOW_THREADS
    }
    if (btf != NULL) {
        holder = tb_btf_new_steal(state, btf, name, NULL);
    }
    if (PyErr_Occurred()) {
        close(fd);
    }
    else {
        map = tb_map_new_steal(state, fd, info, (Btf *)holder);
    }
    Py_XDECREF(name);
    Py_XDECREF(holder);
    return map;
}

PyObject *
tb_map_open_id(struct tb_state *state, uint32_t id, PyObject *what)
{
    struct bpf_map_info info;
    int fd, err;

    Py_BEGIN_ALLOW_THREADS
    fd = bpf_map_get_fd_by_id(id);
    err = fd < 0 ? fd : tb_fd_map_info_nogil(fd, &info);
    Py_END_ALLOW_THREADS
    if (err == 0) {
        return tb_map_wrap_steal(state, fd, &info);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (err == -ENOENT) {
        return tb_error_raise(state, TB_ERROR, ENOENT, "%U failed: there is no map %u",
                              what, id);
    }
    return tb_error_libbpf(state, err, NULL, "%U", what);
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
    map = tb_map_open_id(tb_state_of_class(cls), (uint32_t)id, what);
    Py_DECREF(what);
    return map;
}

PyObject *
tb_map_from_fd(PyObject *cls, PyObject *number)
{
    struct tb_state *state = tb_state_of_class(cls);
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
    if (fd < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    close(fd);
    if (err == -EBADF) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "open of descriptor %ld failed: it is not a map", given);
    }
    return tb_error_libbpf(state, err, NULL, "open of descriptor %ld", given);
}
