/* SPDX-License-Identifier: MIT
 *
 * What is read of the rings of a perf buffer: CPU by CPU, or merged.
 */
#ifndef TB_STREAM_PERF_DRAIN_H
#define TB_STREAM_PERF_DRAIN_H

#include "stream/event.h"
#include "stream/perf_ring.h"
#include "stream/stream.h"

/* What the sources of one buffer share; freed with the last of them. */
struct tb_perf_shared {
    size_t n_users;
    pid_t owner;               /* process whose events they are, in the map, too */
    int map_fd;                /* owned duplicate */
    PyObject *map;             /* owned */
    PyObject *sample;          /* owned; NULL: into the queue */
    PyObject *lost;            /* owned; NULL: none */
    struct tb_event_type type; /* owned; of the records */
};

/* The source of one CPU. */
struct tb_perf_cpu {
    struct tb_stream_source source;
    struct tb_perf_ring ring;      /* owned */
    struct tb_perf_shared *shared; /* counted there */
    int number;
    uint64_t n_lost;   /* records that found no room, as far as the kernel has told */
    uint64_t n_untold; /* of them: those that a walk has found, until the callback */
    int n_shown;       /* records that are used in the ring now */

    /* Of the call that drains it now: */
    struct tb_perf_ring walked;      /* the ring, as far as a walk has come */
    uint64_t n_found;                /* lost records that a walk has found */
    uint64_t end;                    /* of what it looks at */
    int has_next;                    /* as of tb_perf_ring_peek(); of a merge */
    struct tb_perf_ring_record next; /* the one that the ring stands at; of a merge */
};

/* `drain` of the kind of such a source. */
int tb_perf_drain(struct tb_stream *stream, struct tb_stream_source *source,
                  struct tb_sink *sink);

/* Hand over the records of all CPUs in the order of their times: as `drain` of a kind
 * of source does, for a stream whose sources are all of this one and know the time. */
int tb_perf_drain_merged(struct tb_stream *stream, struct tb_sink *sink);

#endif
