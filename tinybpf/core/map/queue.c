/* SPDX-License-Identifier: MIT
 *
 * Queues, stacks and Bloom filters (map/queue.h). The kernel's calls are those of
 * other maps, without a key: update pushes, lookup peeks, lookup and delete pops; the
 * lookup of a Bloom filter reads the value that it is given.
 */
#include "map/queue.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "map/error.h"
#include "map/flags.h"
#include "map/kind.h"
#include "map/value.h"

#include <errno.h>
#include <stdlib.h>

static int
check_queue(BpfMap *self, const char *method)
{
    if (tb_map_is_queue(self)) {
        return 0;
    }
    tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                   "%s() is for queues and stacks; %R is none", method, self);
    return -1;
}

/* Room for a value, freed by free(); NULL with MemoryError. */
static void *
new_value(const BpfMap *self)
{
    void *data = calloc(1, self->traits.span + 1);

    return data ? data : PyErr_NoMemory();
}

PyObject *
tb_map_push(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"", "flags", NULL};
    BpfMap *self = (BpfMap *)op;
    PyObject *value, *number = NULL;
    uint64_t flags;
    void *data;
    int err = 0, rc = -1;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:push", (char **)names, &value,
                                     &number) ||
        tb_map_read_flags(number, &flags) < 0) {
        return NULL;
    }
    if (self->traits.type != BPF_MAP_TYPE_BLOOM_FILTER &&
        check_queue(self, "push") < 0) {
        return NULL;
    }
    data = new_value(self);
    if (data != NULL && tb_map_encode_value(self, value, data) == 0 &&
        tb_map_fd(self) >= 0) {
        err = bpf_map_update_elem(self->fd, NULL, data, flags);
        rc = err < 0 ? -1 : 0;
    }
    free(data);
    if (err < 0) {
        return tb_map_raise(self, "push", err, flags);
    }
    return rc < 0 ? NULL : tb_new_ref(Py_None);
}

/* Read the next value by a call: 1 (*out_value is new), 0 it is empty, or -1. */
static int
read_next(BpfMap *self, const char *what, int (*call)(int, const void *, void *),
          PyObject **out_value)
{
    void *data = tb_map_fd(self) < 0 ? NULL : new_value(self);
    int err, rc = -1;

    if (data == NULL) {
        return -1;
    }
    err = call(self->fd, NULL, data);
    if (err == 0) {
        *out_value = tb_map_decode_value(self, data);
        rc = *out_value ? 1 : -1;
    }
    else if (err == -ENOENT) {
        rc = 0;
    }
    else {
        tb_map_raise(self, what, err, 0);
    }
    free(data);
    return rc;
}

PyObject *
tb_map_peek(PyObject *op, PyObject *unused)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *value = NULL;

    (void)unused;
    if (check_queue(self, "peek") < 0) {
        return NULL;
    }
    if (read_next(self, "peek", bpf_map_lookup_elem, &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

int
tb_map_queue_take(BpfMap *self, PyObject **out_value)
{
    return read_next(self, "pop", bpf_map_lookup_and_delete_elem, out_value);
}

int
tb_map_queue_contains(BpfMap *self, PyObject *value)
{
    void *data = new_value(self);
    int err, rc = -1;

    if (data != NULL && tb_map_encode_value(self, value, data) == 0 &&
        tb_map_fd(self) >= 0) {
        err = bpf_map_lookup_elem(self->fd, NULL, data);
        rc = err == 0;
        if (err < 0 && err != -ENOENT) {
            tb_map_raise(self, "lookup", err, 0);
            rc = -1;
        }
    }
    free(data);
    return rc;
}
