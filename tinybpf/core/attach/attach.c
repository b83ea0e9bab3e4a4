/* SPDX-License-Identifier: MIT
 *
 * Attaching (attach/attach.h): what is the same for all kinds of hook, once it is known
 * how libbpf is called, where to, and how the link names its target.
 */
#include "attach/attach.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "host/support.h"
#include "owner/attachment.h"
#include "owner/link.h"

#include <errno.h>

/* Whether the program said what a path or an interface is; names of functions are
 * looked up in the kernel. */
static int
is_named_outside(const struct tb_target *target)
{
    enum tb_hook_target kind = target->hook ? target->hook->target : TB_TARGET_NONE;

    return kind == TB_TARGET_INTERFACE || kind == TB_TARGET_CGROUP ||
           kind == TB_TARGET_NETNS || kind == TB_TARGET_DEVICE;
}

/* Raise for a failed call, with what it may mean. The object is acquired. */
static void
raise_refused(BpfProgram *self, const struct tb_target *target,
              struct tb_failure *failure, PyObject *name)
{
    struct tb_hint hint = {.lacking = 0};

    failure->hint = &hint;
    failure->is_outside = is_named_outside(target);
    Py_BEGIN_ALLOW_THREADS
    tb_hint_of_attach(self->handle, target, failure->err, &hint);
    Py_END_ALLOW_THREADS
    tb_error_refused(tb_state_of(self), failure, "attach of program %R to %U",
                     self->name, name);
}

void
tb_attach_discard(PyObject *link)
{
    PyObject *type, *value, *tb, *done;

    PyErr_Fetch(&type, &value, &tb);
    done = tb_args_call(link, "destroy", NULL);
    if (done == NULL) {
        PyErr_WriteUnraisable(link);
    }
    Py_XDECREF(done);
    PyErr_Restore(type, value, tb);
}

/* Whether an LSM program would run; else an exception says why not. */
static int
would_run(BpfProgram *self, PyObject *name)
{
    char why[640];

    if (bpf_program__type(self->handle) != BPF_PROG_TYPE_LSM ||
        !tb_support_of_lsm(why, sizeof(why))) {
        return 1;
    }
    tb_error_raise(tb_state_of(self), TB_ERROR_NOT_SUPPORTED, EOPNOTSUPP,
                   "attach of program %R to %U failed: %s", self->name, name, why);
    return 0;
}

/* What a way has come to. */
struct made {
    struct bpf_link *link; /* owned; NULL: none */
    struct tb_attachment *attachment;
    int err; /* 0 if it has come to one of them */
};

static void
make_nogil(BpfProgram *self, const struct tb_attach_way *way, struct tb_attach *attach,
           struct made *made)
{
    if (way->link != NULL) {
        made->link = way->link(self->handle, attach);
    }
    else {
        made->attachment = way->attachment(self->handle, attach);
    }
    made->err = made->link || made->attachment ? 0 : -errno;
}

static int
is_usdt(const struct tb_target *target)
{
    return target->hook != NULL && target->hook->target == TB_TARGET_USDT;
}

/* Without the GIL; but with it for USDT, as tb_link_destroy() says. */
static void
make(BpfProgram *self, const struct tb_attach_way *way, struct tb_attach *attach,
     struct made *made)
{
    if (is_usdt(&attach->target)) {
        make_nogil(self, way, attach, made);
        return;
    }
    Py_BEGIN_ALLOW_THREADS
    make_nogil(self, way, attach, made);
    Py_END_ALLOW_THREADS
}

/* The BpfLink of what was made, or NULL with an exception. */
static PyObject *
keep(BpfProgram *self, const struct made *made, const struct tb_target *target,
     PyObject *name)
{
    PyObject *link;

    if (made->attachment != NULL) {
        return tb_link_new_attachment_steal(self, made->attachment, name);
    }
    link = tb_link_new_steal(self, made->link, name);
    if (link != NULL && is_usdt(target)) {
        ((BpfLink *)link)->why_no_fd = "libbpf attaches a USDT probe by several links, "
                                       "and keeps their descriptors";
    }
    return link;
}

/* Undo what nobody is to get. */
static void
undo_made(const struct made *made)
{
    if (made->attachment != NULL) {
        made->attachment->end(made->attachment, 0);
    }
    bpf_link__destroy(made->link);
}

/* Another thread may close the object while the GIL is released, or the collector while
 * the link is made: such a link is not left behind. A signal that came meanwhile takes
 * it back. */
PyObject *
tb_attach_by(BpfProgram *self, const struct tb_attach_way *way,
             struct tb_attach *attach, PyObject *name, int *unhooked)
{
    const struct tb_target *target = &attach->target;
    struct made made = {NULL, NULL, 0};
    PyObject *link = NULL;
    struct tb_log log;

    if (tb_program_loaded(self) == NULL || !would_run(self, name) ||
        tb_object_acquire(self->object) == NULL) {
        return NULL;
    }
    tb_log_start(&log);
    make(self, way, attach, &made);
    tb_log_stop(&log);
    if (!tb_object_is_open(self->object)) {
        undo_made(&made);
        tb_program_handle(self);
    }
    else if (made.err == 0) {
        link = keep(self, &made, target, name);
    }
    else if (unhooked != NULL && made.err == -EOPNOTSUPP && tb_log_is_empty(&log)) {
        *unhooked = 1;
    }
    else {
        struct tb_failure failure = {.err = made.err, .log = &log};

        raise_refused(self, target, &failure, name);
    }
    tb_log_free(&log);
    tb_object_release(self->object);
    if (link != NULL && (tb_program_handle(self) == NULL || PyErr_CheckSignals() < 0)) {
        tb_attach_discard(link);
        Py_CLEAR(link);
    }
    return link;
}
