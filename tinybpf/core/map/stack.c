/* SPDX-License-Identifier: MIT
 *
 * Stack traces (map/stack.h). A value holds addresses, or struct bpf_stack_build_id
 * where the map was made with BPF_F_STACK_BUILD_ID; the first empty one ends it.
 */
#include "map/stack.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "map/error.h"
#include "map/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The address of a frame, None behind the last one. */
static PyObject *
address_at(const unsigned char *data)
{
    uint64_t address;

    memcpy(&address, data, sizeof(address));
    return address ? PyLong_FromUnsignedLongLong(address) : tb_new_ref(Py_None);
}

/* The same: (build id, offset in the file), or an address where no file is known. */
static PyObject *
file_place_at(const unsigned char *data)
{
    struct bpf_stack_build_id frame;
    PyObject *id;

    memcpy(&frame, data, sizeof(frame));
    switch (frame.status) {
    case BPF_STACK_BUILD_ID_VALID:
        id = PyBytes_FromStringAndSize((const char *)frame.build_id,
                                       sizeof(frame.build_id));
        return id ? Py_BuildValue("(NK)", id, (unsigned long long)frame.offset) : NULL;
    case BPF_STACK_BUILD_ID_IP:
        return PyLong_FromUnsignedLongLong(frame.ip);
    default:
        return tb_new_ref(Py_None);
    }
}

/* The frames of a value as a list: addresses or (build id, offset) pairs. */
static PyObject *
frames_of(const BpfMap *self, const unsigned char *data)
{
    int is_by_file = (self->traits.flags & BPF_F_STACK_BUILD_ID) != 0;
    size_t step = is_by_file ? sizeof(struct bpf_stack_build_id) : sizeof(uint64_t);
    PyObject *frames = PyList_New(0);
    int is_over = 0;

    for (size_t at = 0; frames && !is_over && at + step <= self->traits.value.size;
         at += step) {
        PyObject *frame = is_by_file ? file_place_at(data + at) : address_at(data + at);

        is_over = frame == Py_None;
        if (frame == NULL || (!is_over && PyList_Append(frames, frame) < 0)) {
            Py_CLEAR(frames);
        }
        Py_XDECREF(frame);
    }
    return frames;
}

/* bpf_get_stackid() gives -errno in place of an id; 0, or -1 with that raised. */
static int
check_id(BpfMap *self, PyObject *stack_id)
{
    long id = PyLong_Check(stack_id) ? PyLong_AsLong(stack_id) : 0;

    if (id >= 0 || PyErr_Occurred()) {
        return PyErr_Occurred() ? -1 : 0;
    }
    tb_error_raise(tb_state_of(self), TB_ERROR, (int)-id,
                   "walk of a stack of map %R failed: the program got no stack, "
                   "bpf_get_stackid() returned %ld: %s",
                   self->name, id, strerror((int)-id));
    return -1;
}

PyObject *
tb_map_stack_frames(PyObject *op, PyObject *stack_id)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *frames = NULL;
    unsigned char *data;
    uint32_t key;
    int err;

    if (self->traits.type != BPF_MAP_TYPE_STACK_TRACE) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                              "walk() is for maps of stack traces; %R is none", self);
    }
    if (check_id(self, stack_id) < 0 || tb_map_encode_key(self, stack_id, &key) < 0 ||
        tb_map_fd(self) < 0) {
        return NULL;
    }
    data = calloc(1, self->traits.span + 1);
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    err = bpf_map_lookup_elem(self->fd, &key, data);
    if (err == 0) {
        frames = frames_of(self, data);
    }
    else if (err == -ENOENT) {
        PyErr_SetObject(PyExc_KeyError, stack_id);
    }
    else {
        tb_map_raise(self, "lookup", err, 0);
    }
    free(data);
    return frames;
}
