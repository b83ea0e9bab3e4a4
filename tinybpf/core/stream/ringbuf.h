/* SPDX-License-Identifier: MIT
 *
 * BpfRingBuffer: rings, and the callbacks or the loop that their records go to.
 */
#ifndef TB_STREAM_RINGBUF_H
#define TB_STREAM_RINGBUF_H

#include "stream/reader.h"
#include "stream/ring_options.h"

typedef struct {
    BpfReader reader;
    int as_view; /* callbacks get memoryviews; said by the first map */
    const struct tb_event_type
        *type;       /* borrowed from the last source; NULL: none yet */
    PyObject *names; /* owned; list of the names of its maps, also after close */
    struct tb_ring_options defaults; /* owned */
} BpfRingBuffer;

/* Py_tp_new. */
PyObject *tb_ringbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/* Its method add(). */
PyObject *tb_ringbuf_add_map(PyObject *op, PyObject *args, PyObject *kwargs);

#endif
