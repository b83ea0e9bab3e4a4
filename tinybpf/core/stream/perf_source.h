/* SPDX-License-Identifier: MIT
 *
 * The sources of a stream that reads a perf event array: a ring for each CPU.
 */
#ifndef TB_STREAM_PERF_SOURCE_H
#define TB_STREAM_PERF_SOURCE_H

#include "stream/event.h"
#include "stream/perf_ring.h"
#include "stream/stream.h"

struct tb_perf_source_request {
    BpfMap *map;
    PyObject *sample_callback; /* of (cpu, data); NULL: none */
    PyObject *lost_callback;   /* of (cpu, count); NULL: none */
    PyObject *cpus;            /* set of ints: those to read; NULL: all */
    struct tb_perf_options options;
    struct tb_event_request event;
};

/* Add a source for each CPU that is online, and put its event into the map; 0, or -1
 * with an exception, and then the stream is to be closed. */
int tb_perf_source_add_all(struct tb_stream *stream,
                           const struct tb_perf_source_request *request);

/* The ring of such a source. */
const struct tb_perf_ring *tb_perf_source_ring(const struct tb_stream_source *source);

#endif
