/* SPDX-License-Identifier: MIT
 *
 * Walks (stream/walk.h).
 */
#include "stream/walk.h"

#include <time.h>
#include <unistd.h>

/* Bytes and records from which on a batch is worth giving the GIL away: some 100 us of
 * work. Who takes it meanwhile may keep it for 5 ms. */
#define LARGE_BYTES (256 * 1024)
#define LARGE_COUNT 1024

#define LOOK_NS 50000 /* between looks at whether such a call is over */

int
tb_walk_is_worth(const struct tb_sink *sink, uint64_t n_bytes)
{
    return sink->take_nogil != NULL && sink->left >= LARGE_COUNT &&
           n_bytes >= LARGE_BYTES;
}

void
tb_walk_begin(struct tb_stream *stream)
{
    stream->walker = getpid();
}

void
tb_walk_end(struct tb_stream *stream, const struct tb_sink_counts *found)
{
    stream->walker = 0;
    stream->counts.records += found->records;
    stream->counts.bytes += found->bytes;
}

void
tb_walk_wait(const struct tb_stream *stream)
{
    const struct timespec look = {.tv_nsec = LOOK_NS};

    while (stream->walker != 0 && stream->walker == getpid()) {
        Py_BEGIN_ALLOW_THREADS
        nanosleep(&look, NULL);
        Py_END_ALLOW_THREADS
    }
}
