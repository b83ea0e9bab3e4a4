/* SPDX-License-Identifier: MIT
 *
 * Pins of maps (map/pin.h). A pin is a file of the BPF file system (bpffs) that keeps
 * its map in the kernel; whoever opens it gets a descriptor of his own.
 */
#include "map/pin.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "map/describe.h"
#include "map/open.h"
#include "owner/map.h"
#include "owner/pin.h"

#include <errno.h>
#include <unistd.h>

PyObject *
tb_map_pin(PyObject *op, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"pin", {"path"}, 1};
    BpfMap *self = (BpfMap *)op;
    PyObject *path, *result = NULL;
    struct tb_pin_file pin;
    int fd, err;

    if (tb_args_read(&signature, args, n, names, &path) < 0) {
        return NULL;
    }
    if (tb_pin_file_init(&pin, path, "pin of map %R at %R", self->name) < 0) {
        goto done;
    }
    fd = tb_map_acquire(self);
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_pin_make_nogil(fd, pin.path);
    Py_END_ALLOW_THREADS
    tb_map_release(self);
    result = tb_pin_made(tb_state_of(self), &pin, err);
done:
    tb_pin_file_free(&pin);
    return result;
}

/* Open what is pinned: a descriptor, -errno, or -EBADF if it is no map. */
static int
open_nogil(const char *path, struct bpf_map_info *info)
{
    int fd = bpf_obj_get(path);
    int err;

    if (fd < 0) {
        return fd;
    }
    err = tb_fd_map_info_nogil(fd, info);
    if (err == 0) {
        return fd;
    }
    close(fd);
    return err;
}

/* The id of a map's descriptor; 0 if it is none. */
static uint32_t
map_id(int fd)
{
    struct bpf_map_info info;

    return tb_fd_map_info_nogil(fd, &info) < 0 ? 0 : info.id;
}

PyObject *
tb_map_unpin(PyObject *op, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"unpin", {"path"}, 1};
    BpfMap *self = (BpfMap *)op;
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    PyObject *path, *result = NULL;
    struct tb_pin_file pin;
    int fd, err;

    if (tb_args_read(&signature, args, n, names, &path) < 0) {
        return NULL;
    }
    if (tb_pin_file_init(&pin, path, "unpin of map %R at %R", self->name) < 0) {
        goto done;
    }
    fd = tb_map_acquire(self);
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_map_get_info_by_fd(fd, &info, &size);
    if (err == 0) {
        err = tb_pin_remove_nogil(pin.path, info.id, map_id);
    }
    Py_END_ALLOW_THREADS
    tb_map_release(self);
    result =
        tb_pin_removed(tb_state_of(self), &pin, err, "that is not a pin of this map");
done:
    tb_pin_file_free(&pin);
    return result;
}

PyObject *
tb_map_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", "key_type", "value_type", NULL};
    struct tb_map_types types = {.check_names = 1};
    struct tb_state *state = tb_state_of_module(module);
    struct bpf_map_info info;
    PyObject *path, *map = NULL;
    struct tb_pin_file pin;
    int fd;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO:open_pinned_map",
                                     (char **)names, &path, &types.key, &types.value)) {
        return NULL;
    }
    types.key = types.key == Py_None ? NULL : types.key;
    types.value = types.value == Py_None ? NULL : types.value;
    if (tb_pin_file_init(&pin, path, "open of pinned map %R", NULL) < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = open_nogil(pin.path, &info);
    Py_END_ALLOW_THREADS
    if (fd >= 0) {
        map = tb_map_wrap_steal(state, fd, &info);
        if (map != NULL && tb_map_set_types((BpfMap *)map, &types) < 0) {
            tb_map_close((BpfMap *)map);
            Py_CLEAR(map);
        }
    }
    else if (fd == -EBADF) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "%U failed: what is pinned there is not a map", pin.what);
    }
    else {
        tb_pin_raise(state, &pin, fd);
    }
done:
    tb_pin_file_free(&pin);
    return map;
}
