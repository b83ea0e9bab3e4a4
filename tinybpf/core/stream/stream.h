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
#include "stream/sink.h"
#include "stream/spare.h"
#include "stream/wake.h"

struct tb_stream;
struct tb_stream_source;
struct tb_event_type;

/* What a kind of source does. */
struct tb_stream_source_kind {
    /* Hand over what is there now, as many as the sink still takes: 0 go on, 1 a
     * callback said stop, -1 with an exception. A record counts as consumed when its
     * callback is called, whatever that does: it may come in here again, or close
     * the stream, after which nothing more is handed over. */
    int (*drain)(struct tb_stream *stream, struct tb_stream_source *source,
                 struct tb_sink *sink);
    uint64_t (*fill)(const struct tb_stream_source *source); /* bytes that wait */
    /* What was lost, as far as it is counted: whether it is. */
    int (*lost)(const struct tb_stream_source *source, uint64_t *out);
    int (*traverse)(const struct tb_stream_source *source, visitproc visit, void *arg);
    void (*free)(struct tb_stream_source *source);
};

/* The head of every source. */
struct tb_stream_source {
    const struct tb_stream_source_kind *kind;
    const void *key;    /* borrowed: what it reads, for tb_stream_has() */
    int fd;             /* owned by the kind; readable when records wait */
    uint32_t events;    /* EPOLL* that it waits for; 0: EPOLLIN */
    uint64_t size;      /* bytes of its ring */
    BpfObject *object;  /* borrowed from the map, which the kind holds; whose records
                         * they are; NULL: no object's */
    PyObject *map_name; /* borrowed from the map; str */
    const struct tb_event_type *type; /* borrowed from the kind: of its records */
    struct BpfMap *map;               /* borrowed from the kind */
    int is_private; /* its memory is not there in a child that is forked */

    struct tb_stream *stream; /* borrowed; that it was added to */
    struct tb_object_watch watch;
};

enum tb_stream_mode {
    TB_STREAM_EMPTY, /* nothing was added yet */
    TB_STREAM_CALLBACK,
    TB_STREAM_ITERATOR,
};

struct tb_stream {
    const char *noun;         /* for messages: "ring buffer" */
    enum tb_stream_mode mode; /* where records go, for all of its maps */
    int epoll_fd;             /* owned; -1 when closed */
    struct tb_wake wake;      /* owned; ends a wait */
    int is_open;              /* between open and close */
    int is_over;              /* an object that it reads was closed */
    int users;                /* calls inside */
    pid_t walker;    /* process in which a call is without the GIL (stream/walk.h); 0 */
    int interval_ms; /* of looks without a wake-up; -1: none */
    struct tb_stream_source **sources; /* owned array of owned */
    size_t n_sources;
    /* Drain all sources as one; NULL: one after the other */
    int (*merge)(struct tb_stream *stream, struct tb_sink *sink);
    size_t first;          /* the source that a bounded call begins with */
    struct tb_queue queue; /* records that were read for an iterator; outlives close */
    int is_put_back;       /* the queue has what a call had read that failed then */
    struct tb_spare spare; /* of read() */
    PyObject *owed; /* owned; what the next read_columns() raises; NULL: nothing */
    struct tb_sink_counts counts;
    int knows_lost;  /* of a closed one: whether its program counted */
    uint64_t n_lost; /* what it had counted then */
};

/* Open the descriptors; 0, or -1 with an exception, and then it is as closed. */
int tb_stream_open(struct tb_state *state, struct tb_stream *stream, const char *noun);

/* Idempotent, never raises; called by all that end the stream. */
void tb_stream_close(struct tb_stream *stream);

/* Add so many sources, all or none: they are freed if that fails; 0, or -1 with an
 * exception. */
int tb_stream_add_steal(struct tb_state *state, struct tb_stream *stream,
                        struct tb_stream_source *const *sources, size_t n);
int tb_stream_has(const struct tb_stream *stream, const void *key);

/* Raise BpfClosedError and return -1 unless it is open. */
int tb_stream_check(struct tb_state *state, const struct tb_stream *stream);

/* The same before it is used; BpfError if it has no source, either. A forked child gets
 * descriptors of its own here, for those that it shares are its parent's. */
int tb_stream_check_sources(struct tb_state *state, struct tb_stream *stream);

/* Drain all sources, or as much as the sink takes; see tb_stream_source_kind. Between
 * enter (0 or -1) and leave only. */
int tb_stream_enter(struct tb_state *state, struct tb_stream *stream);
int tb_stream_drain(struct tb_stream *stream, struct tb_sink *sink);
void tb_stream_leave(struct tb_stream *stream);

/* The same; BpfClosedError if there is nothing and the stream is over. */
int tb_stream_consume(struct tb_state *state, struct tb_stream *stream,
                      struct tb_sink *sink);

/* The same, but wait for the first record: until timeout_ms is over, for ever if it
 * is negative. */
int tb_stream_poll(struct tb_state *state, struct tb_stream *stream, int timeout_ms,
                   struct tb_sink *sink);

/* What was lost: 1 if it is counted for all sources, of a closed one as it was then. */
int tb_stream_lost(const struct tb_stream *stream, uint64_t *out);

/* Forget what nobody took out of the queue; once nobody can ask for it. */
void tb_stream_forget(struct tb_stream *stream);

int tb_stream_traverse(const struct tb_stream *stream, visitproc visit, void *arg);

/* The source whose watch of its object that is; NULL if it is somebody else's. */
struct tb_stream_source *tb_stream_source_of(struct tb_object_watch *watch);

#endif
