/* SPDX-License-Identifier: MIT
 *
 * Attaching (attach/attach.h): what is the same for all kinds of hook, once it is known
 * how libbpf is called, where to, and how the link names its target.
 */
#include "attach/attach.h"

#include "attach/links.h"
#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "owner/attachment.h"
#include "owner/link.h"

#include <errno.h>

static struct bpf_link *
by_section(const struct bpf_program *program, const struct tb_target *target)
{
    (void)target;
    return bpf_program__attach(program);
}

/* Whether the program said what a path or an interface is; names of functions are
 * looked up in the kernel. */
static int
is_named_outside(const struct tb_target *target)
{
    enum tb_hook_target kind = target->hook ? target->hook->target : TB_TARGET_NONE;

    return kind == TB_TARGET_INTERFACE || kind == TB_TARGET_CGROUP;
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

/* Destroy a link whose caller does not get it; the exception stays. */
static void
discard(PyObject *link)
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

/* What a way has come to. */
struct made {
    struct bpf_link *link; /* owned; NULL: none */
    struct tb_attachment *attachment;
    int err; /* 0 if it has come to one of them */
};

static void
make_nogil(BpfProgram *self, const struct tb_attach_way *way,
           const struct tb_target *target, struct made *made)
{
    if (way->link != NULL) {
        made->link = way->link(self->handle, target);
    }
    else {
        made->attachment = way->attachment(self->handle, target);
    }
    made->err = made->link || made->attachment ? 0 : -errno;
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
    if (link != NULL && target->hook != NULL) {
        ((BpfLink *)link)->is_compound = target->hook->target == TB_TARGET_USDT;
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
             const struct tb_target *target, PyObject *name, int *unhooked)
{
    struct made made = {NULL, NULL, 0};
    PyObject *link = NULL;
    struct tb_log log;

    if (tb_program_loaded(self) == NULL || tb_object_acquire(self->object) == NULL) {
        return NULL;
    }
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    make_nogil(self, way, target, &made);
    Py_END_ALLOW_THREADS
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
        discard(link);
        Py_CLEAR(link);
    }
    return link;
}

/* Attach to what the section names; NULL without an exception, and *unhooked, if that
 * is no hook. */
static PyObject *
attach_own(BpfProgram *self, int *unhooked)
{
    struct bpf_program *handle = tb_program_handle(self);
    PyObject *name = NULL, *link;
    const struct tb_attach_way way = {.link = by_section};
    struct tb_target target;
    char kept[512];

    *unhooked = 0;
    if (handle != NULL) {
        tb_target_parse(bpf_program__section_name(handle), &target, kept, sizeof(kept));
        name = tb_args_text(bpf_program__section_name(handle));
    }
    if (name == NULL) {
        return NULL;
    }
    link = tb_attach_by(self, &way, &target, name, unhooked);
    Py_DECREF(name);
    return link;
}

PyObject *
tb_attach_program(PyObject *op, PyObject *unused)
{
    BpfProgram *self = (BpfProgram *)op;
    PyObject *link;
    int unhooked;

    (void)unused;
    link = attach_own(self, &unhooked);
    if (unhooked && tb_program_handle(self) != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EOPNOTSUPP,
                       "attach of program %R failed: its section '%s' does not "
                       "say where; name the hook in SEC(), or use the attach_ "
                       "method of the hook",
                       self->name, bpf_program__section_name(self->handle));
    }
    return link;
}

/* Whether an object's attach() includes the program. */
static int
is_wanted(struct bpf_program *program)
{
    return bpf_program__autoload(program) && bpf_program__autoattach(program);
}

/* Attach program number i into list; 0, or -1 with an exception. */
static int
attach_member(BpfObject *object, size_t i, PyObject *list)
{
    BpfProgram *program;
    PyObject *link;
    int unhooked, rc = -1;

    if (tb_object_handle(object) == NULL) {
        return -1;
    }
    if (!is_wanted(object->programs.items[i].handle)) {
        return 0;
    }
    program = (BpfProgram *)tb_program_get(object, i);
    if (program == NULL) {
        return -1;
    }
    link = attach_own(program, &unhooked);
    if (unhooked || (link != NULL && PyList_Append(list, link) == 0)) {
        rc = 0;
    }
    Py_XDECREF(link);
    Py_DECREF(program);
    return rc;
}

/* Destroy what was attached before a failure. */
static void
undo(PyObject *list)
{
    for (Py_ssize_t i = PyList_Size(list) - 1; i >= 0; i--) {
        discard(PyList_GetItem(list, i));
    }
}

/* What was attached before a failure is taken back. */
PyObject *
tb_attach_object(PyObject *op, PyObject *unused)
{
    BpfObject *self = (BpfObject *)op;
    PyObject *list, *links = NULL;
    size_t n;
    int rc = 0;

    (void)unused;
    if (tb_object_reached(self, TB_LOADED) == NULL) {
        return NULL;
    }
    list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    n = self->programs.n;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = attach_member(self, i, list);
    }
    if (rc == 0) {
        rc = PyErr_CheckSignals();
    }
    if (rc == 0 && PyList_Size(list) == 0) {
        rc = -1;
        tb_error_raise(tb_state_of(self), TB_ERROR, ENOENT,
                       "attach of object %R failed: no program's section says where; "
                       "name the hook in SEC(), or attach programs by hand",
                       self->name);
    }
    if (rc == 0) {
        links = tb_links_new(tb_state_of(self), list);
    }
    if (links == NULL) {
        undo(list);
    }
    Py_DECREF(list);
    return links;
}
