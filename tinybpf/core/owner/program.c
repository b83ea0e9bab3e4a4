/* SPDX-License-Identifier: MIT
 *
 * The life of a BpfProgram. libbpf's program belongs to the object and ends with it, so
 * each use asks first whether that is open.
 */
#include "owner/program.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"

struct bpf_program *
tb_program_handle(BpfProgram *self)
{
    if (tb_object_is_open(self->object)) {
        return self->handle;
    }
    return tb_error_closed(tb_state_of(self), "object of program", self->name);
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
