/* SPDX-License-Identifier: MIT
 *
 * Accounts of an object (system/object_stats.h): finds the readers of its rings, which
 * watch it, and its links, which it knows. What is asked of them is
 * tinybpf/_system.py's.
 */
#include "system/object_stats.h"

#include "base/args.h"
#include "error/raise.h"
#include "owner/link.h"
#include "stream/dropped.h"
#include "stream/reader.h"

#include <stdlib.h>

/* What was found, held before Python code can run. */
struct found {
    struct pair {
        PyObject *first, *second; /* owned */
    } *pairs;                     /* owned */
    size_t n;
};

static void
found_free(struct found *found)
{
    for (size_t i = 0; i < found->n; i++) {
        Py_XDECREF(found->pairs[i].first);
        Py_XDECREF(found->pairs[i].second);
    }
    free(found->pairs);
}

/* Room for n pairs; 0, or -1 with an exception. */
static int
found_init(struct found *found, size_t n)
{
    *found = (struct found){.pairs = calloc(n + 1, sizeof(*found->pairs))};
    if (found->pairs == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static void
found_add(struct found *found, void *first, void *second)
{
    found->pairs[found->n].first = tb_new_ref(first);
    found->pairs[found->n].second = tb_new_ref(second);
    found->n++;
}

/* The readers of the object's rings, each with the name of the map; 0, or -1 with an
 * exception. */
static int
find_readers(BpfObject *object, struct found *out)
{
    size_t n = 0;

    for (struct tb_object_watch *at = object->watches; at != NULL; at = at->next) {
        n++;
    }
    if (found_init(out, n) < 0) {
        return -1;
    }
    for (struct tb_object_watch *at = object->watches; at != NULL; at = at->next) {
        struct tb_stream_source *source = tb_stream_source_of(at);

        if (source != NULL) {
            found_add(out, (char *)source->stream - offsetof(BpfReader, stream),
                      source->map_name);
        }
    }
    return 0;
}

/* The object's links, each with the name of its program; 0, or -1 with an exception. */
static int
find_links(BpfObject *object, struct found *out)
{
    size_t n = 0;

    for (BpfLink *link = object->links; link != NULL; link = link->next) {
        n++;
    }
    if (found_init(out, n) < 0) {
        return -1;
    }
    for (BpfLink *link = object->links; link != NULL; link = link->next) {
        found_add(out, link, link->program);
    }
    return 0;
}

/* A list of (name, RingStats). */
static PyObject *
make_rings(const struct found *readers)
{
    PyObject *list = PyList_New(0);

    for (size_t i = 0; list != NULL && i < readers->n; i++) {
        const struct pair *pair = &readers->pairs[i];
        PyObject *stats = PyObject_CallMethod(pair->first, "stats", NULL), *made = NULL;

        if (stats != NULL) {
            made = PyTuple_Pack(2, pair->second, stats);
        }
        Py_XDECREF(stats);
        if (tb_args_append_steal(list, made) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* A list of (name of the program, target, link), those that were made first in front.
 */
static PyObject *
make_links(const struct found *links)
{
    PyObject *list = PyList_New(0);

    for (size_t i = links->n; list != NULL && i-- > 0;) {
        const struct pair *pair = &links->pairs[i];
        BpfLink *link = (BpfLink *)pair->first;

        if (tb_args_append_steal(
                list, PyTuple_Pack(3, pair->second, link->target, pair->first)) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

PyObject *
tb_object_stats_make(PyObject *op, PyObject *unused)
{
    BpfObject *self = (BpfObject *)op;
    struct found readers = {.pairs = NULL}, links = {.pairs = NULL};
    PyObject *class = NULL, *rings = NULL, *attached = NULL, *stats = NULL;

    (void)unused;
    if (tb_object_reached(self, TB_LOADED) != NULL &&
        find_readers(self, &readers) == 0 && find_links(self, &links) == 0) {
        class = tb_state_python_class("ObjectStats");
    }
    if (class != NULL) {
        rings = make_rings(&readers);
    }
    if (rings != NULL) {
        attached = make_links(&links);
    }
    if (attached != NULL) {
        stats = PyObject_CallMethod(class, "_of", "OOO", op, rings, attached);
    }
    Py_XDECREF(class);
    Py_XDECREF(rings);
    Py_XDECREF(attached);
    found_free(&readers);
    found_free(&links);
    return stats;
}

PyObject *
tb_object_stats_dropped(PyObject *module, PyObject *map)
{
    struct tb_state *state = tb_state_of_module(module);
    struct tb_dropped dropped = {.fd = -1};
    uint64_t n = 0;
    int err;

    if (Py_TYPE(map) != state->types[TB_TYPE_MAP]) {
        return PyErr_Format(PyExc_TypeError, "a BpfMap is needed, not %R",
                            Py_TYPE(map));
    }
    if (tb_dropped_open((BpfMap *)map, &dropped) < 0) {
        return NULL;
    }
    err = tb_dropped_read(&dropped, &n);
    tb_dropped_close(&dropped);
    if (err < 0) {
        Py_RETURN_NONE;
    }
    return PyLong_FromUnsignedLongLong(n);
}
