/* SPDX-License-Identifier: MIT
 *
 * Pins of programs (program/pin.h): a pin keeps its program in the kernel, and attached
 * to nothing by itself.
 */
#include "program/pin.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "owner/pin.h"
#include "owner/program.h"
#include "program/open.h"

#include <errno.h>
#include <unistd.h>

/* The id of a program's descriptor; 0 if it is none. */
static uint32_t
program_id(int fd)
{
    struct bpf_prog_info info;

    return tb_fd_program_info_nogil(fd, &info) < 0 ? 0 : info.id;
}

PyObject *
tb_program_pin(PyObject *op, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"pin", {"path"}, 1};
    BpfProgram *self = (BpfProgram *)op;
    PyObject *path, *result = NULL;
    struct tb_pin_file pin;
    int fd, err;

    if (tb_args_read(&signature, args, n, names, &path) < 0) {
        return NULL;
    }
    if (tb_pin_file_init(&pin, path, "pin of program %R at %R", self->name) < 0) {
        goto done;
    }
    fd = tb_program_acquire(self);
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_pin_make_nogil(fd, pin.path);
    Py_END_ALLOW_THREADS
    tb_program_release(self);
    result = tb_pin_made(tb_state_of(self), &pin, err);
done:
    tb_pin_file_free(&pin);
    return result;
}

PyObject *
tb_program_unpin(PyObject *op, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"unpin", {"path"}, 1};
    BpfProgram *self = (BpfProgram *)op;
    PyObject *path, *result = NULL;
    struct tb_pin_file pin;
    int fd, err;

    if (tb_args_read(&signature, args, n, names, &path) < 0) {
        return NULL;
    }
    if (tb_pin_file_init(&pin, path, "unpin of program %R at %R", self->name) < 0) {
        goto done;
    }
    fd = tb_program_acquire(self);
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_pin_remove_nogil(pin.path, program_id(fd), program_id);
    Py_END_ALLOW_THREADS
    tb_program_release(self);
    result = tb_pin_removed(tb_state_of(self), &pin, err,
                            "that is not a pin of this program");
done:
    tb_pin_file_free(&pin);
    return result;
}

/* Open what is pinned: a descriptor, -errno, or -EBADF if it is no program. */
static int
open_nogil(const char *path, struct bpf_prog_info *info)
{
    int fd = bpf_obj_get(path);
    int err = fd < 0 ? fd : tb_fd_program_info_nogil(fd, info);

    if (fd >= 0 && err < 0) {
        close(fd);
    }
    return err < 0 ? err : fd;
}

PyObject *
tb_program_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", NULL};
    struct tb_state *state = tb_state_of_module(module);
    PyObject *path, *program = NULL;
    struct bpf_prog_info info;
    struct tb_pin_file pin;
    int fd;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:open_pinned_program",
                                     (char **)names, &path)) {
        return NULL;
    }
    if (tb_pin_file_init(&pin, path, "open of pinned program %R", NULL) < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = open_nogil(pin.path, &info);
    Py_END_ALLOW_THREADS
    if (fd >= 0) {
        program = tb_program_wrap_steal(state, fd, &info);
    }
    else if (fd == -EBADF) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "%U failed: what is pinned there is not a program", pin.what);
    }
    else {
        tb_pin_raise(state, &pin, fd);
    }
done:
    tb_pin_file_free(&pin);
    return program;
}
