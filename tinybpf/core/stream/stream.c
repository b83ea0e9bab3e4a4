/* SPDX-License-Identifier: MIT
 *
 * Streams: waiting and delivery, whatever class they are behind.
 */
#include "stream/stream.h"

#include "error/raise.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

int
tb_stream_lost(const struct tb_stream *stream, uint64_t *out)
{
    int is_known = stream->n_sources != 0 || stream->knows_lost;

    *out = stream->n_lost;
    for (size_t i = 0; is_known && i < stream->n_sources; i++) {
        uint64_t n = 0;

        is_known = stream->sources[i]->kind->lost(stream->sources[i], &n);
        *out += n;
    }
    return is_known;
}

static void
close_descriptors(struct tb_stream *stream)
{
    if (stream->epoll_fd >= 0) {
        close(stream->epoll_fd);
    }
    stream->epoll_fd = -1;
    tb_wake_close(&stream->wake);
}

/* Free all; only when nobody is inside. */
static void
release(struct tb_stream *stream)
{
    struct tb_stream_source **sources = stream->sources;
    size_t n = stream->n_sources;

    stream->knows_lost = tb_stream_lost(stream, &stream->n_lost);
    stream->sources = NULL;
    stream->n_sources = 0;
    for (size_t i = 0; i < n; i++) {
        tb_object_unwatch(&sources[i]->watch);
        sources[i]->kind->free(sources[i]);
    }
    free(sources);
    close_descriptors(stream);
}

/* 0 or -errno. */
static int
open_descriptors(struct tb_stream *stream)
{
    struct epoll_event event = {.events = EPOLLIN};
    int err;

    stream->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (stream->epoll_fd < 0) {
        return -errno;
    }
    err = tb_wake_open(&stream->wake);
    if (err == 0 &&
        epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, stream->wake.fd, &event) < 0) {
        err = -errno;
    }
    return err;
}

int
tb_stream_open(struct tb_state *state, struct tb_stream *stream, const char *noun)
{
    int err;

    *stream = (struct tb_stream){
        .noun = noun,
        .epoll_fd = -1,
        .wake.fd = -1,
        .interval_ms = -1,
    };
    err = open_descriptors(stream);
    if (err == 0) {
        stream->is_open = 1;
        return 0;
    }
    release(stream);
    tb_error_libbpf(state, err, NULL, "epoll for a %s", noun);
    return -1;
}

void
tb_stream_close(struct tb_stream *stream)
{
    if (!stream->is_open) {
        return;
    }
    stream->is_open = 0;
    tb_spare_clear(&stream->spare);
    if (stream->users == 0) {
        release(stream);
    }
    else {
        tb_wake_send(&stream->wake);
    }
}

void
tb_stream_forget(struct tb_stream *stream)
{
    tb_queue_clear(&stream->queue);
    tb_spare_clear(&stream->spare);
    Py_CLEAR(stream->owed);
}

static void
end(struct tb_object_watch *watch)
{
    const struct tb_stream_source *source =
        (const struct tb_stream_source *)((char *)watch -
                                          offsetof(struct tb_stream_source, watch));

    source->stream->is_over = 1;
    tb_wake_send(&source->stream->wake);
}

struct tb_stream_source *
tb_stream_source_of(struct tb_object_watch *watch)
{
    return watch->closed != end
               ? NULL
               : (void *)((char *)watch - offsetof(struct tb_stream_source, watch));
}

int
tb_stream_check(struct tb_state *state, const struct tb_stream *stream)
{
    if (stream->is_open) {
        return 0;
    }
    tb_error_raise(state, TB_ERROR_CLOSED, 0, "%s is closed", stream->noun);
    return -1;
}

int
tb_stream_has(const struct tb_stream *stream, const void *key)
{
    for (size_t i = 0; i < stream->n_sources; i++) {
        if (stream->sources[i]->key == key) {
            return 1;
        }
    }
    return 0;
}

/* Let the epoll tell of all sources; 0 or -errno, and then of none. */
static int
register_all(const struct tb_stream *stream, struct tb_stream_source *const *sources,
             size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t events = sources[i]->events;
        struct epoll_event event = {.events = events ? events : EPOLLIN};
        int err;

        if (epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, sources[i]->fd, &event) == 0) {
            continue;
        }
        err = -errno;
        while (i-- > 0) {
            epoll_ctl(stream->epoll_fd, EPOLL_CTL_DEL, sources[i]->fd, NULL);
        }
        return err;
    }
    return 0;
}

/* Whether the memory of a source is that of the process that made it alone. */
static int
is_private(const struct tb_stream *stream)
{
    int result = 0;

    for (size_t i = 0; i < stream->n_sources; i++) {
        result |= stream->sources[i]->is_private;
    }
    return result;
}

/* Have descriptors that are this process's alone, also behind a fork; 0, or -1 with an
 * exception. */
static int
own(struct tb_state *state, struct tb_stream *stream)
{
    int err;

    if (tb_wake_is_ours(&stream->wake)) {
        return 0;
    }
    if (is_private(stream)) {
        tb_error_raise(state, TB_ERROR, 0,
                       "a %s is read by the process that made it: the kernel leaves "
                       "the memory of its rings out of a forked child, which can make "
                       "one of its own",
                       stream->noun);
        return -1;
    }
    close_descriptors(stream);
    err = open_descriptors(stream);
    if (err == 0) {
        err = register_all(stream, stream->sources, stream->n_sources);
    }
    if (err < 0) {
        close_descriptors(stream);
        stream->wake.owner = 0; /* the next call tries again */
        tb_error_libbpf(state, err, NULL, "epoll for a %s", stream->noun);
    }
    return err < 0 ? -1 : 0;
}

int
tb_stream_add_steal(struct tb_state *state, struct tb_stream *stream,
                    struct tb_stream_source *const *sources, size_t n)
{
    struct tb_stream_source **all;
    int err;

    if (tb_stream_check(state, stream) < 0 || /* closed by what made the sources */
        own(state, stream) < 0) {
        goto error;
    }
    all = realloc(stream->sources,
                  (stream->n_sources + n) * sizeof(struct tb_stream_source *));
    if (all == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    stream->sources = all;
    err = register_all(stream, sources, n);
    if (err < 0) {
        tb_error_libbpf(state, err, NULL, "epoll for a %s", stream->noun);
        goto error;
    }
    for (size_t i = 0; i < n; i++) {
        struct tb_stream_source *source = sources[i];

        all[stream->n_sources++] = source;
        source->stream = stream;
        source->watch.closed = end;
        if (source->object != NULL) {
            tb_object_watch(source->object, &source->watch);
        }
    }
    return 0;
error:
    for (size_t i = 0; i < n; i++) {
        sources[i]->kind->free(sources[i]);
    }
    return -1;
}

int
tb_stream_check_sources(struct tb_state *state, struct tb_stream *stream)
{
    if (tb_stream_check(state, stream) < 0) {
        return -1;
    }
    if (stream->n_sources == 0) {
        tb_error_raise(
            state, TB_ERROR, 0,
            "No maps added to the %s: give one to BpfRingBuffer() or to add()",
            stream->noun);
        return -1;
    }
    return own(state, stream);
}

int
tb_stream_enter(struct tb_state *state, struct tb_stream *stream)
{
    if (tb_stream_check_sources(state, stream) < 0) {
        return -1;
    }
    stream->users++;
    return 0;
}

void
tb_stream_leave(struct tb_stream *stream)
{
    if (--stream->users == 0 && !stream->is_open) {
        release(stream);
    }
}

/* A bounded call begins behind the source that filled the one before it: no ring waits
 * for ever behind a busy one. */
int
tb_stream_drain(struct tb_stream *stream, struct tb_sink *sink)
{
    size_t first = stream->first;
    int rc = 0;

    if (stream->merge != NULL) {
        return stream->merge(stream, sink);
    }
    for (size_t i = 0;
         rc == 0 && stream->is_open && sink->left > 0 && i < stream->n_sources; i++) {
        size_t at = (first + i) % stream->n_sources;
        struct tb_stream_source *source = stream->sources[at];

        rc = source->kind->drain(stream, source, sink);
        if (sink->left <= 0) {
            stream->first = at + 1;
        }
    }
    return rc;
}

/* Raise BpfClosedError and return -1 if no more records can come. */
static int
check_goes_on(struct tb_state *state, const struct tb_stream *stream)
{
    if (!stream->is_over) {
        return 0;
    }
    tb_error_raise(
        state, TB_ERROR_CLOSED, 0,
        "%s has come to its end: the object whose records it reads is closed",
        stream->noun);
    return -1;
}

int
tb_stream_consume(struct tb_state *state, struct tb_stream *stream,
                  struct tb_sink *sink)
{
    int rc = tb_stream_drain(stream, sink);

    return rc == 0 && sink->n_done == 0 ? check_goes_on(state, stream) : rc;
}

/* Wait for a record or for close(): 1 something may be there, 0 the time is over, -1
 * with an exception. Programs that wake nobody are looked at in intervals. */
static int
wait_for_record(struct tb_state *state, struct tb_stream *stream, int64_t deadline)
{
    int64_t look = tb_wake_deadline(stream->interval_ms);

    for (;;) {
        struct epoll_event event;
        int timeout = tb_wake_turn(deadline), until_look = tb_wake_turn(look);
        int n, err;

        Py_BEGIN_ALLOW_THREADS
        n = epoll_wait(stream->epoll_fd, &event, 1,
                       timeout < until_look ? timeout : until_look);
        err = errno;
        Py_END_ALLOW_THREADS
        if (tb_stream_check(state, stream) < 0) {
            return -1;
        }
        stream->counts.wakeups += n > 0;
        if (n < 0 && err != EINTR) {
            tb_error_libbpf(state, -err, NULL, "wait for a %s", stream->noun);
            return -1;
        }
        if (n > 0 || tb_wake_left(look) == 0) {
            return 1;
        }
        if (tb_wake_left(deadline) == 0) {
            return 0;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

/* Records are looked for before waiting: a program may have sent no wake-up. */
int
tb_stream_poll(struct tb_state *state, struct tb_stream *stream, int timeout_ms,
               struct tb_sink *sink)
{
    int64_t deadline = tb_wake_deadline(timeout_ms);
    int rc = tb_stream_consume(state, stream, sink);

    while (rc == 0 && sink->n_done == 0 && stream->is_open) {
        rc = wait_for_record(state, stream, deadline);
        if (rc <= 0) {
            return rc;
        }
        rc = tb_stream_consume(state, stream, sink);
        if (rc == 0 && sink->n_done == 0) { /* discarded, or still being written */
            if (PyErr_CheckSignals() < 0) {
                return -1;
            }
            if (tb_wake_left(deadline) == 0) {
                return 0;
            }
        }
    }
    return rc;
}

int
tb_stream_traverse(const struct tb_stream *stream, visitproc visit, void *arg)
{
    int stop = tb_spare_traverse(&stream->spare, visit, arg);

    for (size_t i = 0; stop == 0 && i < stream->n_sources; i++) {
        const struct tb_stream_source *source = stream->sources[i];

        stop = source->kind->traverse(source, visit, arg);
    }
    if (stop != 0) {
        return stop;
    }
    Py_VISIT(stream->owed);
    return tb_queue_traverse(&stream->queue, visit, arg);
}
