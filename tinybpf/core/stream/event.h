/* SPDX-License-Identifier: MIT
 *
 * How the records of a map become events: by one type, by several, or by a function.
 */
#ifndef TB_STREAM_EVENT_H
#define TB_STREAM_EVENT_H

#include "stream/event_kinds.h"
#include "value/record_make.h"

struct tb_event_type {
    struct tb_codec codec;        /* BYTES: of any length; its class is owned */
    struct tb_event_kinds *kinds; /* owned; several types; NULL: that one */
    PyObject *function;           /* owned; makes the event of the bytes; NULL: none */
    PyObject *from_copy; /* owned; from_buffer_copy() of the class of ctypes, which is
                          * dear to look up; NULL: it is no such class */
    size_t padding;      /* bytes that the kernel may add to a record */
    PyTypeObject *refilled; /* borrowed; the class of its events, which are bytes
                             * and nothing else; NULL: another, or several */
    int is_partial;         /* records of other sizes are taken, too */
    int drops_padding;      /* a Record is as long as its type, whatever is added */
};

/* What a program asks for. 0, or -1 with an exception, and then nothing is owned. */
int tb_event_type_settle(BpfMap *map, const struct tb_event_request *request,
                         struct tb_event_type *out);
void tb_event_type_drop(struct tb_event_type *type); /* may be called again */
int tb_event_type_traverse(const struct tb_event_type *type, visitproc visit,
                           void *arg);

/* Whether both make the same of a record. */
int tb_event_type_is_same(const struct tb_event_type *a, const struct tb_event_type *b);

/* The Python value of a record; or NULL with an exception, BtfValidationError if its
 * size is not that of its type. It may be longer than a class of ctypes, and longer by
 * the padding than a Record, or by any number of bytes if that ends in a flexible
 * array; and of any size if the type is partial: a Record keeps what is behind it, and
 * has zeros for what is missing. Any code may run in it. */
PyObject *tb_event_decode(struct tb_state *state, const struct tb_event_type *type,
                          const void *data, size_t size);

/* Give an event other contents: 1 if it is bytes or a Record of that size, and nobody
 * has a reference to it beyond so many that the caller knows of, so that no program can
 * tell it from a new one; else 0, and a new one must be made. */
static inline int
tb_event_refill(const struct tb_event_type *type, PyObject *event, Py_ssize_t n_refs,
                const void *data, size_t size)
{
    if (Py_TYPE(event) != type->refilled || Py_REFCNT(event) != n_refs ||
        (Py_SIZE(event) != (Py_ssize_t)size &&
         !(type->drops_padding && size - type->codec.size <= type->padding &&
           Py_SIZE(event) == (Py_ssize_t)type->codec.size))) {
        return 0;
    }
    tb_value_refill(event, data);
    return 1;
}

/* The value of a record, as a new reference: *last (owned; NULL: none yet) refilled, if
 * nobody else has it; or a new one, which is *last from then on, if it may be
 * refilled. */
PyObject *tb_event_next(struct tb_state *state, const struct tb_event_type *type,
                        PyObject **last, const void *data, size_t size);

#endif
