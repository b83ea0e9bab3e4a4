/* SPDX-License-Identifier: MIT
 *
 * Snapshots of ring buffers (stream/ring_snapshot.h): a ring is copied while the
 * program goes on writing, and its records are found in the copy.
 */
#include "stream/ring_snapshot.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "stream/batch.h"
#include "stream/reader.h"
#include "stream/ring_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A copy of a ring, and where its records begin in it. */
struct snapshot {
    unsigned char *data; /* owned */
    uint64_t at, end;    /* offsets in it */
};

/* The next record that was committed: its data, NULL behind the last. */
static const unsigned char *
next_record(struct snapshot *shot, size_t *out_size)
{
    while (shot->at + BPF_RINGBUF_HDR_SZ <= shot->end) {
        const unsigned char *header = shot->data + shot->at;
        uint64_t step;
        uint32_t word;

        memcpy(&word, header, sizeof(word));
        *out_size = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        step = ((uint64_t)*out_size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
        if ((word & BPF_RINGBUF_BUSY_BIT) || step > shot->end - shot->at) {
            return NULL; /* what lies behind it was written later */
        }
        shot->at += step;
        if (!(word & BPF_RINGBUF_DISCARD_BIT)) {
            return header + BPF_RINGBUF_HDR_SZ;
        }
    }
    return NULL;
}

/* Copy a ring; 0 or -errno. */
static int
copy(const struct tb_ring *ring, struct snapshot *out)
{
    uint64_t copied, begin, end;
    int err;

    *out = (struct snapshot){.data = malloc(ring->size)};
    if (out->data == NULL) {
        return -ENOMEM;
    }
    err = tb_ring_copy(ring, out->data, &copied, &begin, &end);
    if (err == 0) {
        out->at = begin - copied;
        out->end = end - copied;
    }
    return err;
}

/* Append the newest records of a copy to a list, oldest first; 0, or -1 with an
 * exception. */
static int
append(PyObject *list, struct tb_state *state, const struct tb_event_type *type,
       struct snapshot shot, Py_ssize_t max)
{
    struct snapshot counting = shot;
    const unsigned char *data;
    Py_ssize_t n = 0;
    size_t size;
    int rc = 0;

    while (next_record(&counting, &size) != NULL) {
        n++;
    }
    while (rc == 0 && (data = next_record(&shot, &size)) != NULL) {
        PyObject *event;

        if (n-- > max) {
            continue;
        }
        event = tb_event_decode(state, type, data, size);
        rc = event ? PyList_Append(list, event) : -1;
        Py_XDECREF(event);
    }
    return rc;
}

/* Append what lies in one ring; 0, or -1 with an exception. */
static int
append_ring(PyObject *list, struct tb_state *state,
            const struct tb_stream_source *source, Py_ssize_t max)
{
    const struct tb_ring *ring = tb_ring_source_ring(source);
    struct snapshot shot;
    int err, rc = -1;

    if (!ring->is_overwritten) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "snapshot() requires rings that are written over: map %R was "
                       "made without BPF_F_RB_OVERWRITE (Linux 6.19)",
                       source->map_name);
        return -1;
    }
    err = copy(ring, &shot);
    if (err < 0) {
        tb_error_libbpf(state, err, NULL, "snapshot of ring buffer %R",
                        source->map_name);
    }
    else {
        rc = append(list, state, source->type, shot, max);
    }
    free(shot.data);
    return rc;
}

PyObject *
tb_ring_snapshot(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"max_events", NULL};
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct tb_state *state = tb_state_of(op);
    PyObject *max_events = Py_None, *list;
    Py_ssize_t max;
    int rc = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:snapshot", (char **)names,
                                     &max_events) ||
        tb_batch_max(max_events, &max) < 0) {
        return NULL;
    }
    list = PyList_New(0);
    if (list == NULL || tb_stream_enter(state, stream) < 0) {
        Py_XDECREF(list);
        return NULL;
    }
    for (size_t i = 0; rc == 0 && i < stream->n_sources; i++) {
        rc = append_ring(list, state, stream->sources[i], max);
    }
    tb_stream_leave(stream);
    if (rc < 0) {
        Py_CLEAR(list);
    }
    return list;
}
