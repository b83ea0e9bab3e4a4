/* SPDX-License-Identifier: MIT
 *
 * The source of a stream that reads one ring buffer map: its records go to a
 * callback, to a sink, or into the stream's queue.
 */
#ifndef TB_STREAM_RING_SOURCE_H
#define TB_STREAM_RING_SOURCE_H

#include "stream/event.h"
#include "stream/ring.h"
#include "stream/stream.h"

/* How to read it. */
struct tb_ring_source_request {
    BpfMap *map;
    int shard_fd;        /* borrowed; of a ring in that array of maps */
    uint64_t shard_size; /* bytes of it; 0: the map is the ring */
    int is_further;      /* another ring of the same map was added before */
    PyObject *callback;  /* NULL: the records are queued */
    int as_view;         /* it gets memoryviews (stream/loan.h) */
    struct tb_event_request event;
    struct tb_event_type settled; /* of the event; what it owns is taken over */
};

/* Map the ring; NULL with an exception. It holds the map and the callback, and what the
 * settled type owns, which the request owns no more. */
struct tb_stream_source *tb_ring_source_new(struct tb_ring_source_request *request);

/* The ring of such a source. */
const struct tb_ring *tb_ring_source_ring(const struct tb_stream_source *source);

#endif
