/* SPDX-License-Identifier: MIT
 *
 * BpfUserRingBuffer: a ring that this process writes and a BPF program drains. It is a
 * stream turned round: what it waits for is room.
 */
#ifndef TB_STREAM_USER_RING_H
#define TB_STREAM_USER_RING_H

#include "owner/map.h"
#include "stream/reader.h"

typedef struct {
    BpfReader reader;
    PyObject *map; /* owned; BpfMap */
} BpfUserRing;

/* Py_tp_new, and the method submit(value, timeout=None). */
PyObject *tb_user_ring_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *tb_user_ring_submit(PyObject *op, PyObject *args, PyObject *kwargs);

/* Take room of size bytes, all zero, and enter the stream with it: wait for it until
 * timeout_ms is over. NULL with an exception. */
void *tb_user_ring_take(BpfUserRing *self, size_t size, int timeout_ms);

/* Hand the room to the program, or give it up; and leave the stream. */
void tb_user_ring_give(BpfUserRing *self, void *data, int is_discarded);

#endif
