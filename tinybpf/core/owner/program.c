/* SPDX-License-Identifier: MIT
 *
 * The life of a BpfProgram. libbpf's program belongs to the object and ends with it, so
 * each use asks first whether that is open. A stand-alone one is a descriptor alone.
 */
#include "owner/program.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>
#include <unistd.h>

int
tb_program_is_open(const BpfProgram *self)
{
    if (tb_program_is_standalone(self)) {
        return (self->fd >= 0 || self->found.id != 0) && !self->closing;
    }
    return tb_object_is_open(self->object);
}

/* Raise for a program that is closed. */
static void *
raise_closed(BpfProgram *self)
{
    return tb_error_closed(tb_state_of(self),
                           self->object ? "object of program" : "program", self->name);
}

struct bpf_program *
tb_program_handle(BpfProgram *self)
{
    if (!tb_program_is_open(self)) {
        return raise_closed(self);
    }
    if (!tb_program_is_standalone(self)) {
        return self->handle;
    }
    return tb_error_raise(tb_state_of(self), TB_ERROR, ENOTSUP,
                          "program %R was in the kernel already: only programs of a "
                          "BpfObject have a section, settings and attach methods",
                          self->name);
}

struct bpf_program *
tb_program_loaded(BpfProgram *self)
{
    if (tb_program_handle(self) == NULL ||
        tb_object_reached(self->object, TB_LOADED) == NULL) {
        return NULL;
    }
    if (bpf_program__fd(self->handle) >= 0) {
        return self->handle;
    }
    return tb_error_raise(tb_state_of(self), TB_ERROR, 0,
                          "program %R was not loaded: its autoload is False",
                          self->name);
}

int
tb_program_fd(BpfProgram *self)
{
    struct bpf_program *handle;

    if (tb_program_is_standalone(self) && tb_program_is_open(self)) {
        if (self->found.id != 0) {
            self->fd = tb_found_open(tb_state_of(self), &self->found, self->name);
            self->found.id = self->fd < 0 ? self->found.id : 0;
        }
        return self->fd;
    }
    handle = tb_program_loaded(self);
    return handle ? bpf_program__fd(handle) : -1;
}

int
tb_program_acquire(BpfProgram *self)
{
    int fd = tb_program_fd(self);

    if (fd < 0) {
        return -1;
    }
    if (tb_program_is_standalone(self)) {
        self->users++;
        return fd;
    }
    return tb_object_acquire(self->object) == NULL ? -1 : fd;
}

void
tb_program_release(BpfProgram *self)
{
    int fd = self->fd;

    if (!tb_program_is_standalone(self)) {
        tb_object_release(self->object);
        return;
    }
    if (--self->users == 0 && self->closing) {
        self->fd = -1;
        self->found.id = 0;
        if (fd >= 0) {
            close(fd);
        }
    }
}

int
tb_program_borrow(BpfProgram *self, int *out_own)
{
    *out_own = -1;
    if (self->found.id != 0 && tb_program_is_open(self)) {
        *out_own = tb_found_open(tb_state_of(self), &self->found, self->name);
        return *out_own;
    }
    return tb_program_acquire(self);
}

void
tb_program_give_back(BpfProgram *self, int own)
{
    if (own >= 0) {
        close(own);
    }
    else {
        tb_program_release(self);
    }
}

void
tb_program_close(BpfProgram *self)
{
    if (tb_program_is_standalone(self) && tb_program_is_open(self)) {
        self->users++;
        self->closing = 1;
        tb_program_release(self);
    }
}

PyObject *
tb_program_new_steal(struct tb_state *state, int fd, uint32_t type, const char *name)
{
    PyObject *text = tb_args_text(name);
    BpfProgram *self = text ? tb_state_new(state, TB_TYPE_PROGRAM) : NULL;

    if (self == NULL) {
        Py_XDECREF(text);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    self->fd = fd;
    self->type = type;
    self->name = text;
    return (PyObject *)self;
}

/* A new wrapper of a member; while it is allocated, the collector may have had another
 * one made. */
static PyObject *
make_wrapper(BpfObject *object, size_t index)
{
    struct tb_member *member = &object->programs.items[index];
    PyObject *name = tb_args_text(member->name);
    BpfProgram *self = name ? tb_state_new(tb_state_of(object), TB_TYPE_PROGRAM) : NULL;

    if (self == NULL) {
        Py_XDECREF(name);
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(object);
    self->handle = member->handle;
    self->fd = -1;
    self->index = index;
    self->name = name;
    if (member->wrapper != NULL) {
        Py_DECREF(self);
        return tb_new_ref(member->wrapper);
    }
    member->wrapper = (PyObject *)self;
    return (PyObject *)self;
}

PyObject *
tb_program_get(BpfObject *object, size_t index)
{
    PyObject *wrapper;

    if (tb_object_acquire(object) == NULL) {
        return NULL;
    }
    wrapper = object->programs.items[index].wrapper;
    wrapper = wrapper ? tb_new_ref(wrapper) : make_wrapper(object, index);
    tb_object_release(object);
    return wrapper;
}
