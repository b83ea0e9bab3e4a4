/* SPDX-License-Identifier: MIT
 *
 * A stream: rings, what their records are handed to, and the wait for them. It
 * waits without the GIL and delivers with it. The mapped rings live until nobody is
 * inside: closing a stream from a callback or another thread marks it closed, and
 * the last one to leave unmaps.
 */
#ifndef TB_STREAM_H
#define TB_STREAM_H

#include "map.h"

struct tb_source;

struct tb_stream {
    int epoll_fd;               /* owned; -1 when closed */
    int wake_fd;                /* owned eventfd, ends a wait; -1 when closed */
    int is_open;                /* between open and close */
    int users;                  /* calls inside */
    struct tb_source **sources; /* owned array of owned */
    size_t n_sources;
};

/* Open the descriptors; 0, or -1 with an exception, and then it is as closed. */
int tb_stream_open(struct tb_state *state, struct tb_stream *stream);

/* Idempotent, never raises; called by all that end the stream. */
void tb_stream_close(struct tb_stream *stream);

/* Add a ring buffer map and the function of its records; 0, or -1. */
int tb_stream_add(struct tb_stream *stream, BpfMap *map, PyObject *callback);
int tb_stream_has(const struct tb_stream *stream, const BpfMap *map);

/* Raise BpfClosedError and return -1 unless it is open. */
int tb_stream_check(struct tb_state *state, const struct tb_stream *stream);

/* Hand over what all rings hold now, and count it in *n_done; 0 go on, 1 a callback
 * said stop, -1 with an exception. Between enter (0 or -1) and leave only. */
int tb_stream_enter(struct tb_state *state, struct tb_stream *stream);
int tb_stream_drain(struct tb_stream *stream, Py_ssize_t *n_done);
void tb_stream_leave(struct tb_stream *stream);

/* The same, but wait for the first record: until timeout_ms is over, for ever if it
 * is negative. */
int tb_stream_poll(struct tb_state *state, struct tb_stream *stream, int timeout_ms,
                   Py_ssize_t *n_done);

int tb_stream_traverse(const struct tb_stream *stream, visitproc visit, void *arg);

#endif
