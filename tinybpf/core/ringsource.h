/* SPDX-License-Identifier: MIT
 *
 * The source of a stream that reads one ring buffer map: its records go to a
 * callback, or into the stream's queue.
 */
#ifndef TB_RINGSOURCE_H
#define TB_RINGSOURCE_H

#include "event_type.h"
#include "stream.h"

/* How to read it. */
struct tb_ring_request {
    BpfMap *map;
    PyObject *callback; /* NULL: the records are queued */
    int as_view;        /* it gets memoryviews (loan.h) */
    struct tb_event_request event;
    struct tb_codec codec; /* of the event; its class owned by the caller */
};

/* Map the ring; NULL with an exception on failure. */
struct tb_source *tb_ringsource_new(const struct tb_ring_request *request);

#endif
