/* SPDX-License-Identifier: MIT
 *
 * A stream: sources of records and the wait for them. It waits without the GIL and
 * delivers with it. Sources live until nobody is inside: closing a stream from a
 * callback or another thread marks it closed, and the last one to leave frees them.
 *
 * An object that is closed ends the streams that read its maps: they deliver what lies
 * in the rings, and then raise.
 */
#ifndef TB_STREAM_STREAM_H
#define TB_STREAM_STREAM_H

#include "owner/object.h"
#include "stream/queue.h"

struct tb_stream;
struct tb_stream_source;

/* What a kind of source does. */
struct tb_stream_source_kind {
    /* Hand over what is there now and count it in *n_done: 0 go on, 1 a callback
     * said stop, -1 with an exception. A record counts as consumed when its
     * callback is called, whatever that does: it may come in here again, or close
     * the stream, after which nothing more is handed over. */
    int (*drain)(struct tb_stream *stream, struct tb_stream_source *source,
                 Py_ssize_t *n_done);
    int (*traverse)(const struct tb_stream_source *source, visitproc visit, void *arg);
    void (*free)(struct tb_stream_source *source);
};

/* The head of every source. */
struct tb_stream_source {
    const struct tb_stream_source_kind *kind;
    const void *key;   /* borrowed: what it reads, for tb_stream_has() */
    int fd;            /* owned by the kind; readable when records wait */
    BpfObject *object; /* borrowed from the map, which the kind holds; whose records
                        * they are; NULL: no object's */

    struct tb_stream *stream; /* borrowed; that it was added to */
    struct tb_object_watch watch;
};

struct tb_stream {
    const char *noun;                  /* for messages: "ring buffer" */
    int epoll_fd;                      /* owned; -1 when closed */
    int wake_fd;                       /* owned eventfd, ends a wait; -1 when closed */
    int is_open;                       /* between open and close */
    int is_over;                       /* an object that it reads was closed */
    int users;                         /* calls inside */
    struct tb_stream_source **sources; /* owned array of owned */
    size_t n_sources;
    struct tb_queue queue; /* records that were read for an iterator; outlives close */
};

/* Open the descriptors; 0, or -1 with an exception, and then it is as closed. */
int tb_stream_open(struct tb_state *state, struct tb_stream *stream, const char *noun);

/* Idempotent, never raises; called by all that end the stream. */
void tb_stream_close(struct tb_stream *stream);

/* Add a source, which is freed if that fails; 0, or -1 with an exception. */
int tb_stream_add_steal(struct tb_state *state, struct tb_stream *stream,
                        struct tb_stream_source *source);
int tb_stream_has(const struct tb_stream *stream, const void *key);

/* Raise BpfClosedError and return -1 unless it is open. */
int tb_stream_check(struct tb_state *state, const struct tb_stream *stream);

/* The same; BpfError if it has no source, either. */
int tb_stream_check_sources(struct tb_state *state, const struct tb_stream *stream);

/* Drain all sources; see tb_stream_source_kind. Between enter (0 or -1) and leave only.
 */
int tb_stream_enter(struct tb_state *state, struct tb_stream *stream);
int tb_stream_drain(struct tb_stream *stream, Py_ssize_t *n_done);
void tb_stream_leave(struct tb_stream *stream);

/* The same; BpfClosedError if there is nothing and the stream is over. */
int tb_stream_consume(struct tb_state *state, struct tb_stream *stream,
                      Py_ssize_t *n_done);

/* The same, but wait for the first record: until timeout_ms is over, for ever if it
 * is negative. */
int tb_stream_poll(struct tb_state *state, struct tb_stream *stream, int timeout_ms,
                   Py_ssize_t *n_done);

/* Forget what nobody took out of the queue; once nobody can ask for it. */
void tb_stream_forget(struct tb_stream *stream);

int tb_stream_traverse(const struct tb_stream *stream, visitproc visit, void *arg);

#endif
