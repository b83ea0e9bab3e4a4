/* SPDX-License-Identifier: MIT
 *
 * The life of a BpfLink. A link is in its object's list for as long as it is open, so
 * that closing the object ends it. A pin or disconnect() lets the attachment outlive
 * the link.
 */
#include "owner/link.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "owner/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void
list_insert(BpfLink *self)
{
    BpfLink *first = self->object ? self->object->links : NULL;

    if (self->object == NULL) {
        return;
    }
    self->next = first;
    if (first != NULL) {
        first->prev = self;
    }
    self->object->links = self;
}

static void
list_remove(BpfLink *self)
{
    if (self->prev != NULL) {
        self->prev->next = self->next;
    }
    else if (self->object != NULL) {
        self->object->links = self->next;
    }
    if (self->next != NULL) {
        self->next->prev = self->prev;
    }
    self->prev = self->next = NULL;
}

int
tb_link_is_open(const BpfLink *self)
{
    return self->handle != NULL || self->attachment != NULL || self->found.id != 0;
}

int
tb_link_open_found(BpfLink *self)
{
    int fd;

    if (self->found.id == 0) {
        return 0;
    }
    fd = tb_found_open(tb_state_of(self), &self->found, self->program);
    if (fd < 0) {
        return -1;
    }
    self->attachment = tb_attachment_of_link_steal(fd);
    if (self->attachment == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->found.id = 0;
    return 0;
}

int
tb_link_fd(const BpfLink *self)
{
    if (self->attachment != NULL) {
        return self->attachment->fd;
    }
    return self->handle && !self->why_no_fd ? bpf_link__fd(self->handle) : -1;
}

int
tb_link_duplicate(BpfLink *self, const char *participle)
{
    int fd;

    if (!tb_link_is_open(self)) {
        tb_error_closed(tb_state_of(self), "link of program", self->program);
        return -1;
    }
    if (self->found.id != 0) { /* for this once: it goes on waiting */
        return tb_found_open(tb_state_of(self), &self->found, self->program);
    }
    if (tb_link_fd(self) < 0) {
        tb_error_raise(tb_state_of(self), TB_ERROR_NOT_SUPPORTED, ENOTSUP,
                       "the link of program %R to %U cannot be %s: %s", self->program,
                       self->target, participle,
                       self->attachment ? self->attachment->why : self->why_no_fd);
        return -1;
    }
    fd = fcntl(tb_link_fd(self), F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return fd;
}

void
tb_link_disconnect(BpfLink *self)
{
    if (self->handle != NULL) {
        bpf_link__disconnect(self->handle);
    }
    self->disconnected = 1;
}

/* Detaching may wait for the kernel, so the GIL is released; but not for USDT: all of
 * its links share lists of their object, which libbpf locks for nobody (struct
 * usdt_manager). */
int
tb_link_destroy(BpfLink *self)
{
    struct tb_attachment *attachment = self->attachment;
    struct bpf_link *handle = self->handle;
    int is_kept = self->disconnected, err;

    if (!tb_link_is_open(self)) {
        return 0;
    }
    self->attachment = NULL;
    self->handle = NULL;
    self->found.id = 0;
    list_remove(self);
    if (self->why_no_fd != NULL) {
        return bpf_link__destroy(handle);
    }
    Py_BEGIN_ALLOW_THREADS
    err = attachment ? attachment->end(attachment, is_kept)
                     : bpf_link__destroy(handle); /* NULL: it waited */
    Py_END_ALLOW_THREADS
    return err;
}

int
tb_link_destroy_all(BpfObject *object)
{
    int first = 0;

    while (object->links != NULL) {
        int err = tb_link_destroy(object->links);

        if (first == 0) {
            first = err;
        }
    }
    return first;
}

/* A link without a handle, in no list yet; NULL with an exception. */
static BpfLink *
new_link(BpfObject *object, PyObject *name, PyObject *target)
{
    BpfLink *self = tb_state_new(tb_state_of(object), TB_TYPE_LINK);

    if (self != NULL) {
        self->object = (BpfObject *)tb_new_ref(object);
        self->program = tb_new_ref(name);
        self->target = tb_new_ref(target);
    }
    return self;
}

PyObject *
tb_link_new_of_steal(BpfObject *object, PyObject *name, struct bpf_link *handle,
                     PyObject *target)
{
    BpfLink *self = new_link(object, name, target);

    if (self == NULL) {
        bpf_link__destroy(handle);
        return NULL;
    }
    self->handle = handle;
    list_insert(self);
    return (PyObject *)self;
}

PyObject *
tb_link_new_steal(BpfProgram *program, struct bpf_link *handle, PyObject *target)
{
    return tb_link_new_of_steal(program->object, program->name, handle, target);
}

PyObject *
tb_link_new_attachment_steal(BpfProgram *program, struct tb_attachment *attachment,
                             PyObject *target)
{
    BpfLink *self = new_link(program->object, program->name, target);

    if (self == NULL) {
        attachment->end(attachment, 0);
        return NULL;
    }
    for (BpfLink *other = self->object->links; other != NULL; other = other->next) {
        if (attachment->meet != NULL && other->attachment != NULL) {
            attachment->meet(attachment, other->attachment);
        }
    }
    self->attachment = attachment;
    list_insert(self);
    return (PyObject *)self;
}

PyObject *
tb_link_new_found(struct tb_state *state, const struct tb_found *found,
                  PyObject *program, const char *kind)
{
    PyObject *target = PyUnicode_FromString(kind);
    BpfLink *self = target ? tb_state_new(state, TB_TYPE_LINK) : NULL;

    if (self == NULL) {
        Py_XDECREF(target);
        return NULL;
    }
    self->program = tb_new_ref(program);
    self->target = target;
    self->found = *found;
    Py_XINCREF(found->scan);
    return (PyObject *)self;
}

PyObject *
tb_link_new_standalone_steal(struct tb_state *state, int fd, PyObject *program,
                             const char *kind)
{
    struct tb_attachment *attachment = tb_attachment_of_link_steal(fd);
    PyObject *target = PyUnicode_FromString(kind);
    BpfLink *self = NULL;

    if (attachment == NULL) {
        PyErr_NoMemory();
    }
    else if (target != NULL) {
        self = tb_state_new(state, TB_TYPE_LINK);
    }
    if (self == NULL) {
        if (attachment != NULL) {
            attachment->end(attachment, 0);
        }
        Py_XDECREF(target);
        return NULL;
    }
    self->attachment = attachment;
    self->program = tb_new_ref(program);
    self->target = target;
    return (PyObject *)self;
}

void
tb_link_adopt(BpfLink *self, BpfProgram *program)
{
    BpfObject *old = self->object;
    PyObject *name = self->program;

    self->program = tb_new_ref(program->name);
    if (old != NULL && program->object != NULL && program->object != old) {
        list_remove(self);
        self->object = (BpfObject *)tb_new_ref(program->object);
        list_insert(self);
        Py_DECREF(old);
    }
    Py_DECREF(name);
}

/* EXDEV: tb_attachment.end of what only its own network namespace can undo. */
void *
tb_link_raise(BpfLink *self, int err)
{
    if (err == -EXDEV) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EXDEV,
                              "detach of program %R from %U failed: this thread is in "
                              "another network namespace than when it was attached, "
                              "and it stays attached there",
                              self->program, self->target);
    }
    return tb_error_libbpf(tb_state_of(self), err, NULL, "detach of program %R from %U",
                           self->program, self->target);
}
