/* SPDX-License-Identifier: MIT
 *
 * A sink: where one call wants the records of a stream, and how many. The shapes that
 * records come in differ by this alone. And the counts of what went through.
 */
#ifndef TB_STREAM_SINK_H
#define TB_STREAM_SINK_H

#include "base/state.h"

struct tb_stream_source;

struct tb_sink {
    /* Take a record in place of the callbacks or the queue; it is there until the sink
     * settles. 0 go on, 1 stop, -1 with an exception. NULL: those are meant. */
    int (*take)(struct tb_sink *sink, const struct tb_stream_source *source,
                const void *data, size_t size);
    /* The same without the GIL: 0 taken, 1 take() must be asked, or -errno. NULL: it
     * wants the GIL for each. */
    int (*take_nogil)(struct tb_sink *sink, const struct tb_stream_source *source,
                      const void *data, size_t size);
    /* Use the records that were taken: their memory goes back behind this. 0 or -errno.
     * NULL: they were used as they were taken. */
    int (*settle_nogil)(struct tb_sink *sink);
    Py_ssize_t left;   /* records that it still takes; TB_SINK_ALL: all */
    Py_ssize_t n_done; /* records that it took */
};

#define TB_SINK_ALL PY_SSIZE_T_MAX

/* What went through a stream since it was opened. */
struct tb_sink_counts {
    uint64_t records, bytes;
    uint64_t discarded; /* by the program */
    uint64_t wakeups;   /* of waits, by the kernel */
    double high_water;  /* fullest that a ring was seen: 0 to 1 */
};

/* Count a record before it is handed over. */
static inline void
tb_sink_count(struct tb_sink *sink, struct tb_sink_counts *counts, size_t size)
{
    sink->left--;
    sink->n_done++;
    counts->records++;
    counts->bytes += size;
}

/* Keep how full a ring was found. */
static inline void
tb_sink_note_fill(struct tb_sink_counts *counts, uint64_t fill, uint64_t size)
{
    double part = size != 0 ? (double)fill / (double)size : 0;

    if (part > counts->high_water) {
        counts->high_water = part;
    }
}

/* Raise for a ring that is written over, of which nothing can be taken; -1. */
int tb_sink_refuse(struct tb_state *state, PyObject *map_name);

#endif
