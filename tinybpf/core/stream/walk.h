/* SPDX-License-Identifier: MIT
 *
 * Walks: calls that take the records of a large batch without the GIL. Whoever else
 * reads the same stream waits for their end; a child that is forked meanwhile has no
 * such call, and finds the rings as they were before.
 */
#ifndef TB_STREAM_WALK_H
#define TB_STREAM_WALK_H

#include "stream/stream.h"

/* Whether so many bytes that wait are worth giving the GIL away, and the sink takes
 * enough of them without it. */
int tb_walk_is_worth(const struct tb_sink *sink, uint64_t n_bytes);

/* Around a walk, with the GIL; the stream learns behind it what went through. */
void tb_walk_begin(struct tb_stream *stream);
void tb_walk_end(struct tb_stream *stream, const struct tb_sink_counts *found);

/* Wait until no other call of this process walks: it takes milliseconds at most. */
void tb_walk_wait(const struct tb_stream *stream);

#endif
