/* SPDX-License-Identifier: MIT
 *
 * read_columns() (stream/columns.h): a sink that notes where records lie, and takes
 * them apart a block at a time. Of rings whose records have several types it takes one;
 * the others go into the queue, for the calls that are meant for them.
 *
 * A record that is refused does not take those before it along: they are returned, and
 * the next call raises what there was to raise.
 */
#include "stream/columns.h"

#include "base/args.h"
#include "btf/btf.h"
#include "column/columns.h"
#include "error/raise.h"
#include "stream/batch.h"
#include "stream/event.h"
#include "stream/reader.h"
#include "value/codec.h"
#include "value/record.h"
#include "value/shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_HEAD 8 /* bytes that a record takes in a ring besides its data */

struct columns_sink {
    struct tb_sink sink;
    struct tb_state *state;
    struct tb_stream *stream;
    struct tb_event_type type;     /* of the records that are taken; its class owned */
    size_t size;                   /* bytes of such a record */
    struct tb_column_batch *batch; /* owned */
    struct tb_column_block block;  /* records that are noted */
    unsigned char *room;           /* owned; for a block of such as are too short, of a
                                    * partial type; NULL: another */
};

/* Take the records apart that are noted: tb_sink.settle_nogil. */
static int
settle_nogil(struct tb_sink *sink)
{
    struct columns_sink *self = (struct columns_sink *)sink;
    int err = tb_column_batch_add(self->batch, &self->block);

    self->block.n = 0;
    return err;
}

/* 0, or -1 with MemoryError for -ENOMEM. */
static int
check(int err)
{
    if (err < 0) {
        PyErr_NoMemory();
    }
    return err < 0 ? -1 : 0;
}

/* Make room for what waits in a ring now, so that the buffers are allocated once; a
 * failure shows later, if so many records come at all. */
static void
make_room(struct columns_sink *self, const struct tb_stream_source *source)
{
    uint64_t step = (self->size + RECORD_HEAD + 7) / 8 * 8;
    uint64_t n = source->kind->fill(source) / step + 1;

    if (n > (uint64_t)self->sink.left + 1) {
        n = (uint64_t)self->sink.left + 1;
    }
    (void)tb_column_batch_reserve(self->batch, n);
}

/* Note a record, as long as the type says at least: 0 or -ENOMEM. */
static int
note_nogil(struct columns_sink *self, const void *data)
{
    self->block.parts[0][self->block.n++] = data;
    return self->block.n < TB_COLUMN_BLOCK ? 0 : settle_nogil(&self->sink);
}

/* Whether a record is not of the size of its type. */
static int
is_odd(const struct columns_sink *self, const struct tb_stream_source *source,
       size_t size)
{
    return size < self->size || size - self->size > source->type->padding;
}

/* Note a record that is not of the size of its type: a partial type has zeros for what
 * is missing, and columns have no place for what is behind it. 0 or -ENOMEM. */
static int
note_partial_nogil(struct columns_sink *self, const void *data, size_t size)
{
    unsigned char *room = self->room + self->block.n * self->size;

    if (size >= self->size) {
        return note_nogil(self, data);
    }
    memcpy(room, data, size);
    memset(room + size, 0, self->size - size);
    return note_nogil(self, room);
}

/* Note a record that is of an odd size, or refuse it; 0, or -1 with an exception. */
static int
take_odd(struct columns_sink *self, const void *data, size_t size)
{
    PyObject *event;

    if (self->type.is_partial) {
        return check(note_partial_nogil(self, data, size));
    }
    event = tb_event_decode(self->state, &self->type, data, size);
    if (event != NULL) { /* the sizes that are refused are the same there */
        Py_DECREF(event);
        PyErr_SetString(PyExc_RuntimeError, "a record of an odd size was taken");
    }
    return -1;
}

/* Put a record of another type into the queue, uncounted: it was not asked for. */
static int
set_aside(struct columns_sink *self, const struct tb_stream_source *source,
          const void *data, size_t size)
{
    PyObject *event = tb_event_decode(self->state, source->type, data, size);
    int rc = -1;

    if (event != NULL) {
        rc = tb_queue_push(&self->stream->queue, source->map_name, event);
        self->sink.left++;
        self->sink.n_done--;
    }
    Py_XDECREF(event);
    return rc;
}

/* Take a record, or put it aside; 0, or -1 with an exception. */
static int
take_any(struct columns_sink *self, const struct tb_stream_source *source,
         const void *data, size_t size)
{
    if (source->type->kinds != NULL) {
        const struct tb_codec *codec =
            tb_event_kinds_pick(source->type->kinds, data, size);

        if (codec == NULL) {
            return -1;
        }
        if (codec->type != self->type.codec.type) {
            return set_aside(self, source, data, size);
        }
    }
    if (self->batch->cap == 0) {
        make_room(self, source);
    }
    return is_odd(self, source, size) ? take_odd(self, data, size)
                                      : check(note_nogil(self, data));
}

/* Take a record that is not refused: tb_sink.take_nogil. */
static int
take_nogil(struct tb_sink *sink, const struct tb_stream_source *source,
           const void *data, size_t size)
{
    struct columns_sink *self = (struct columns_sink *)sink;
    int is_of_size = !is_odd(self, source, size);

    if (!is_of_size && !self->type.is_partial) {
        return 1;
    }
    if (self->batch->cap == 0) {
        make_room(self, source);
    }
    return is_of_size ? note_nogil(self, data) : note_partial_nogil(self, data, size);
}

/* Take a record: tb_sink.take. What was noted before one that is refused is kept; there
 * an exception is set already, if there is no memory, too. */
static int
take(struct tb_sink *sink, const struct tb_stream_source *source, const void *data,
     size_t size)
{
    struct columns_sink *self = (struct columns_sink *)sink;
    int rc = take_any(self, source, data, size);

    if (rc < 0) {
        (void)settle_nogil(sink);
    }
    return rc;
}

/* Take what poll() and the calls for other types have queued, as far as it fits and is
 * of the type; all else stays, in its order. 0, or -1 with an exception. */
static int
take_queued(struct columns_sink *self)
{
    struct tb_queue *queue = &self->stream->queue;
    int are_several = self->stream->sources[0]->type->kinds != NULL;
    struct tb_queue_record record;
    int rc = 0;

    for (size_t n = queue->len; n > 0 && tb_queue_pop(queue, &record); n--) {
        PyObject *data = record.data, *type = (PyObject *)Py_TYPE(data);
        int is_meant =
            type == self->type.codec.type || (!are_several && PyBytes_CheckExact(data));

        if (rc < 0 || !is_meant || self->sink.left == 0) {
            rc = tb_queue_push(queue, record.map_name, data) < 0 ? -1 : rc;
        }
        else {
            size_t size = (size_t)PyBytes_Size(data);

            self->sink.left--;
            self->sink.n_done++;
            rc = size == self->size ? check(note_nogil(self, PyBytes_AsString(data)))
                                    : take_odd(self, PyBytes_AsString(data), size);
            if (rc == 0) {
                rc = check(settle_nogil(&self->sink));
            }
        }
        Py_DECREF(record.map_name);
        Py_DECREF(data);
    }
    return rc;
}

/* Raise ValueError for records whose type is not said, or not one; -1. */
static int
raise_types(const struct tb_event_type *type)
{
    PyObject *names = PyList_New(0), *comma = NULL, *text = NULL;
    const struct tb_codec *codec;
    int rc = names ? 0 : -1;

    for (size_t i = 0; rc == 0 && type->kinds != NULL &&
                       (codec = tb_event_kinds_at(type->kinds, i)) != NULL;
         i++) {
        if (codec->kind == TB_CODEC_RECORD) {
            rc = tb_args_append_steal(names, tb_codec_type_name(codec->type));
        }
    }
    comma = rc == 0 ? PyUnicode_FromString(", ") : NULL;
    text = comma ? PyUnicode_Join(comma, names) : NULL;
    if (text != NULL && type->kinds != NULL) {
        PyErr_Format(
            PyExc_ValueError,
            "read_columns() gives records of one type: type= must be one of %U", text);
    }
    else if (text != NULL) {
        PyErr_SetString(
            PyExc_ValueError,
            "read_columns() must know what the records are: by type=, or by "
            "event_type= of the buffer, a struct's name in BTF or its "
            "Record class");
    }
    Py_XDECREF(names);
    Py_XDECREF(comma);
    Py_XDECREF(text);
    return -1;
}

/* Whether a class is that of one of several types. */
static int
is_among(const struct tb_event_kinds *kinds, const PyObject *class)
{
    const struct tb_codec *codec;

    for (size_t i = 0; (codec = tb_event_kinds_at(kinds, i)) != NULL; i++) {
        if (codec->type == class) {
            return 1;
        }
    }
    return 0;
}

/* Settle which records are taken: what type= says, or the type of all of them. 0, or -1
 * with an exception. */
static int
choose(struct columns_sink *self, PyObject *type)
{
    const struct tb_stream_source *source = self->stream->sources[0];
    const struct tb_event_type *own = source->type;
    struct tb_codec *codec = &self->type.codec;

    if (type == Py_None) {
        *codec = own->codec;
        Py_XINCREF(codec->type);
    }
    else if (tb_event_codec_given(source->map, type, codec) < 0) {
        return -1;
    }
    self->type.padding = own->padding;
    self->type.is_partial = own->is_partial;
    if (codec->kind != TB_CODEC_RECORD || own->function != NULL ||
        (own->kinds != NULL && !is_among(own->kinds, codec->type))) {
        return raise_types(own);
    }
    if (type != Py_None && own->kinds == NULL && own->codec.kind == TB_CODEC_RECORD &&
        own->codec.type != codec->type) {
        PyErr_Format(PyExc_ValueError, "the records are %R, not %R", own->codec.type,
                     codec->type);
        return -1;
    }
    if (tb_record_is_open_ended(codec)) {
        PyErr_Format(PyExc_ValueError,
                     "%R ends in a flexible array, of as many elements as there are; "
                     "columns have fixed sizes: use read()",
                     codec->type);
        return -1;
    }
    return 0;
}

/* Make the batch of the type that was chosen; 0, or -1 with an exception. */
static int
make_batch(struct columns_sink *self)
{
    const struct tb_layout *layout = self->type.codec.shape->layout;
    int is_struct = layout->kind == TB_LAYOUT_STRUCT && !layout->is_wrapper;
    struct tb_column_plan *plan = tb_column_plan_new();
    int err = -ENOMEM;

    if (plan != NULL) {
        err = tb_column_plan_add(plan, self->type.codec.shape->btf->handle, layout,
                                 is_struct ? "" : "value");
        self->batch = err == 0 ? tb_column_batch_new(plan) : NULL;
        tb_column_plan_drop(plan);
    }
    self->size = layout->size;
    if (self->type.is_partial) {
        self->room = malloc(TB_COLUMN_BLOCK * self->size + 1);
    }
    if (err == 0 &&
        (self->batch == NULL || (self->type.is_partial && self->room == NULL))) {
        err = -ENOMEM;
    }
    return err < 0 ? tb_columns_raise(self->state, err, "records") : 0;
}

/* Read: what is there, or the first that comes; 0, or -1 with an exception. What
 * another thread reads meanwhile is not here: the batch is this call's own. */
static int
read_all(struct columns_sink *self, int timeout_ms)
{
    struct tb_stream *stream = self->stream;
    int is_put_back = stream->is_put_back, rc;

    stream->is_put_back = 0;
    rc = take_queued(self);
    if (rc == 0 && self->sink.n_done != 0) {
        rc = is_put_back ? 0 : tb_stream_drain(stream, &self->sink);
    }
    else if (rc == 0) {
        rc = tb_stream_poll(self->state, stream, timeout_ms, &self->sink);
    }
    return rc;
}

/* Keep what was raised for the next call, if this one has rows to return. */
static int
owe(struct columns_sink *self)
{
    PyObject *type, *value, *tb;

    if (self->batch->n == 0 || self->stream->owed != NULL) {
        return -1;
    }
    PyErr_Fetch(&type, &value, &tb);
    PyErr_NormalizeException(&type, &value, &tb);
    self->stream->owed = value;
    Py_XDECREF(type);
    Py_XDECREF(tb);
    return 0;
}

/* Raise what the last call owes: -1, or 0 if there is nothing. */
static int
pay(struct tb_stream *stream)
{
    PyObject *owed = stream->owed;

    if (owed == NULL) {
        return 0;
    }
    stream->owed = NULL;
    PyErr_SetObject((PyObject *)Py_TYPE(owed), owed);
    Py_DECREF(owed);
    return -1;
}

/* The columns of a call whose arguments were read; NULL with an exception. */
static PyObject *
read_columns(struct columns_sink *self, PyObject *type, int timeout_ms)
{
    PyObject *columns = NULL;
    int rc = -1;

    if (choose(self, type) == 0 && make_batch(self) == 0) {
        if (self->stream->sources[0]->type->kinds == NULL) {
            self->sink.take_nogil = take_nogil;
        }
        rc = read_all(self, timeout_ms);
        self->block.n = rc < 0 ? 0 : self->block.n;
        rc = rc < 0 ? owe(self) : 0;
    }
    if (rc == 0) {
        columns = tb_columns_new_steal(self->state, self->batch);
        self->batch = NULL;
    }
    tb_column_batch_drop(self->batch);
    free(self->room);
    Py_CLEAR(self->type.codec.type);
    return columns;
}

PyObject *
tb_stream_read_columns(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"max_events", "timeout", "type", NULL};
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    struct columns_sink self;
    PyObject *max_events = Py_None, *timeout = Py_None, *type = Py_None, *columns;
    int timeout_ms;

    memset(&self, 0, offsetof(struct columns_sink, block));
    self.sink.take = take;
    self.sink.settle_nogil = settle_nogil;
    self.block.n = 0;
    self.room = NULL;
    self.state = tb_state_of(op);
    self.stream = stream;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO$O:read_columns", (char **)names,
                                     &max_events, &timeout, &type) ||
        tb_batch_max(max_events, &self.sink.left) < 0 ||
        tb_batch_timeout(timeout, &timeout_ms) < 0 ||
        tb_batch_check(op, "read_columns()") < 0 || pay(stream) < 0 ||
        tb_stream_enter(self.state, stream) < 0) {
        return NULL;
    }
    columns = read_columns(&self, type, timeout_ms);
    tb_stream_leave(stream);
    return columns;
}
