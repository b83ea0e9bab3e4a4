/* SPDX-License-Identifier: MIT
 *
 * The sources of a stream that reads a perf event array: a ring for each CPU.
 */
#ifndef TB_STREAM_PERF_SOURCE_H
#define TB_STREAM_PERF_SOURCE_H

#include "stream/event.h"
#include "stream/stream.h"

struct tb_perf_source_request {
    BpfMap *map;
    PyObject *sample_callback; /* of (cpu, data) */
    PyObject *lost_callback;   /* of (cpu, count); NULL: none */
    size_t n_pages;            /* of each CPU, a power of two */
    struct tb_event_request event;
    uint64_t *n_lost; /* borrowed: the count of all losses goes there */
};

/* Add a source for each CPU that is online, and put its event into the map; 0, or -1
 * with an exception, and then the stream is to be closed. */
int tb_perf_source_add_all(struct tb_stream *stream,
                           const struct tb_perf_source_request *request);

#endif
