/* SPDX-License-Identifier: MIT
 *
 * Links that outlive their handle. A pin is a file that keeps the link in the kernel;
 * libbpf's own note of it (bpf_link__pin) is not used, so that pins of links and maps
 * are made, and refused, in one way. bpf_link__destroy() of a pinned link closes what
 * this process has of it, and no more: the perf event that it disables for kprobes,
 * uprobes and tracepoints does not run the program, the hook does
 * (perf_trace_run_bpf_submit, kernel/events/core.c).
 */
#include "attach/link_pin.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "host/kernel.h"
#include "host/fd.h"
#include "owner/link.h"
#include "owner/pin.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Before Linux 5.15 what a kprobe, uprobe or tracepoint has is a perf event, no link,
 * and later where attach_mode says so: pinning that is EINVAL. */
static PyObject *
pinned(BpfLink *self, const struct tb_pin_file *pin, int err)
{
    struct tb_state *state = tb_state_of(self);

    if (err == -EINVAL && !tb_kernel_is_before("5.15", NULL, 0)) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "%U failed: %U was attached without a link of the "
                              "kernel\n  attach it with attach_mode='link'",
                              pin->what, self->target);
    }
    if (err == -EINVAL) {
        return tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, EINVAL,
                              "%U failed: this kernel has no link for %U; kprobes, "
                              "uprobes and tracepoints have one since Linux 5.15",
                              pin->what, self->target);
    }
    return tb_pin_made(state, pin, err);
}

PyObject *
tb_link_pin_make(PyObject *op, PyObject *path)
{
    BpfLink *self = (BpfLink *)op;
    PyObject *result = NULL;
    struct tb_pin_file pin;
    int fd = -1, err;

    if (tb_pin_file_init(&pin, path, "pin of the link of program %R at %R",
                         self->program) < 0) {
        goto done;
    }
    if (self->pin != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EBUSY,
                       "%U failed: it is pinned at %R already", pin.what, self->pin);
        goto done;
    }
    fd = tb_link_duplicate(self, "pinned");
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_pin_make_nogil(fd, pin.path);
    close(fd);
    Py_END_ALLOW_THREADS
    if (err == 0) {
        Py_CLEAR(self->pin);
        self->pin = tb_new_ref(pin.text);
    }
    result = pinned(self, &pin, err);
done:
    tb_pin_file_free(&pin);
    return result;
}

/* The id of a link's descriptor; 0 if it is none. */
static uint32_t
link_id(int fd)
{
    struct bpf_link_info info;

    memset(&info, 0, sizeof(info));
    return tb_fd_link_info_nogil(fd, &info) < 0 ? 0 : info.id;
}

PyObject *
tb_link_pin_remove(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;
    struct tb_state *state = tb_state_of(self);
    PyObject *result = NULL;
    struct tb_pin_file pin;
    int fd = tb_link_duplicate(self, "unpinned"), err;

    (void)unused;
    if (fd < 0) {
        return NULL;
    }
    if (self->pin == NULL) {
        close(fd);
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "unpin of the link of program %R failed: it is not "
                              "pinned",
                              self->program);
    }
    if (tb_pin_file_init(&pin, self->pin, "unpin of the link of program %R at %R",
                         self->program) < 0) {
        close(fd);
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_pin_remove_nogil(pin.path, link_id(fd), link_id);
    close(fd);
    Py_END_ALLOW_THREADS
    if (err == 0) {
        Py_CLEAR(self->pin);
    }
    result = tb_pin_removed(state, &pin, err, "what is pinned there is not this link");
done:
    tb_pin_file_free(&pin);
    return result;
}

PyObject *
tb_link_pin_disconnect(PyObject *op, PyObject *unused)
{
    BpfLink *self = (BpfLink *)op;

    (void)unused;
    if (!tb_link_is_open(self)) {
        return tb_error_closed(tb_state_of(self), "link of program", self->program);
    }
    tb_link_disconnect(self);
    Py_RETURN_NONE;
}

PyObject *
tb_link_pin_path(PyObject *op, void *unused)
{
    BpfLink *self = (BpfLink *)op;

    (void)unused;
    return tb_new_ref(self->pin ? self->pin : Py_None);
}
