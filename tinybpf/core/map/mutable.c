/* SPDX-License-Identifier: MIT
 *
 * A map as a mutable mapping (map/mutable.h): dict's methods, with dict's meaning.
 * Many entries go to the kernel in batches (map/bulk.h).
 */
#include "map/mutable.h"

#include "base/args.h"
#include "error/raise.h"
#include "map/bulk.h"
#include "map/entry.h"
#include "map/error.h"
#include "map/flags.h"
#include "map/iter.h"
#include "map/kind.h"
#include "map/queue.h"
#include "map/value.h"
#include "map/walk.h"

#include <errno.h>
#include <stdlib.h>

#define MOST_ENTRIES 4096 /* of one batch */
#define MOST_BYTES (1u << 20)

/* Entries on their way into a map. */
struct collector {
    BpfMap *map; /* borrowed */
    struct tb_bulk bulk;
    uint32_t cap;      /* entries that the buffers hold */
    Py_ssize_t n_gone; /* keys that were deleted */
    int is_direct; /* none is kept: descriptors may be closed before they are used */
};

/* Allocate the buffers; 0, or -1 with an exception. */
static int
collector_init(struct collector *collector, BpfMap *map, enum tb_bulk_what what,
               uint64_t flags)
{
    size_t entry = (size_t)map->traits.key.size + map->traits.span + 1;
    size_t fitting = MOST_BYTES / entry;

    collector->map = map;
    collector->is_direct = tb_map_is_of_descriptors(map);
    collector->cap = fitting > MOST_ENTRIES ? MOST_ENTRIES : (uint32_t)fitting;
    collector->cap += collector->cap == 0;
    collector->bulk = (struct tb_bulk){
        .what = what,
        .absent = map->traits.kind->absent,
        .key_size = map->traits.key.size,
        .span = map->traits.span,
        .flags = flags,
        .keys = malloc((size_t)collector->cap * map->traits.key.size + 1),
        .values = malloc((size_t)collector->cap * map->traits.span + 1),
    };
    if (collector->bulk.keys == NULL || collector->bulk.values == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static void
collector_free(struct collector *collector)
{
    free(collector->bulk.keys);
    free(collector->bulk.values);
}

/* Set what was collected, without the GIL; 0, or -1 with an exception. */
static int
flush(struct collector *collector)
{
    struct tb_bulk *bulk = &collector->bulk;
    int err;

    if (bulk->count == 0) {
        return 0;
    }
    bulk->fd = tb_map_acquire(collector->map);
    if (bulk->fd < 0) {
        return -1;
    }
    bulk->done = bulk->missing = 0;
    Py_BEGIN_ALLOW_THREADS
    err = tb_bulk_run_nogil(bulk);
    Py_END_ALLOW_THREADS
    tb_map_release(collector->map);
    collector->n_gone += bulk->done - bulk->missing;
    bulk->count = 0;
    if (err < 0) {
        tb_map_raise(collector->map, bulk->what == TB_BULK_UPDATE ? "update" : "delete",
                     err, bulk->flags);
        return -1;
    }
    return PyErr_CheckSignals();
}

/* Collect an entry that shall be set; where none is kept, set it at once. 0, or -1 with
 * an exception. */
static int
collect(struct collector *collector, PyObject *key, PyObject *value)
{
    struct tb_bulk *bulk = &collector->bulk;
    BpfMap *map = collector->map;
    unsigned char *data;

    if (collector->is_direct || tb_map_is_of_one_cpu(bulk->flags)) {
        return tb_entry_set(map, key, value, bulk->flags);
    }
    if (bulk->count == collector->cap && flush(collector) < 0) {
        return -1;
    }
    data = bulk->values + (size_t)bulk->count * bulk->span;
    if (tb_map_encode_key(map, key, bulk->keys + (size_t)bulk->count * bulk->key_size) <
            0 ||
        tb_map_encode_value(map, value, data) < 0) {
        return -1;
    }
    bulk->count++;
    return 0;
}

/* Collect a key that shall go. */
static int
collect_key(struct collector *collector, PyObject *key)
{
    struct tb_bulk *bulk = &collector->bulk;

    if (collector->is_direct) {
        int found = tb_entry_remove(collector->map, key);

        collector->n_gone += found > 0;
        return found < 0 ? -1 : 0;
    }
    if (bulk->count == collector->cap && flush(collector) < 0) {
        return -1;
    }
    if (tb_map_encode_key(collector->map, key,
                          bulk->keys + (size_t)bulk->count * bulk->key_size) < 0) {
        return -1;
    }
    bulk->count++;
    return 0;
}

/* Collect a (key, value) pair, given as any iterable of two. */
static int
collect_pair(struct collector *collector, PyObject *item)
{
    PyObject *pair = PySequence_Tuple(item);
    int rc = -1;

    if (pair == NULL) {
        return -1;
    }
    if (PyTuple_Size(pair) == 2) {
        rc = collect(collector, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
    }
    else {
        PyErr_Format(PyExc_ValueError,
                     "update() takes (key, value) pairs, not %zd values in one",
                     PyTuple_Size(pair));
    }
    Py_DECREF(pair);
    return rc;
}

static int
collect_key_of(struct collector *collector, PyObject *mapping, PyObject *key)
{
    PyObject *value = PyObject_GetItem(mapping, key);
    int rc = value ? collect(collector, key, value) : -1;

    Py_XDECREF(value);
    return rc;
}

/* What to walk for the entries. *out_mapping is set where that gives keys only. */
static PyObject *
open_entries(BpfMap *self, PyObject *entries, PyObject **out_mapping)
{
    PyObject *source = NULL, *iterator;
    int has_keys;

    *out_mapping = NULL;
    if (PyDict_Check(entries)) {
        source = PyDict_Items(entries); /* a copy: making keys may run Python code */
    }
    else if (Py_TYPE(entries) == Py_TYPE((PyObject *)self)) {
        source = tb_map_items(entries, NULL);
    }
    else if ((has_keys = tb_args_has(entries, "keys")) > 0) {
        *out_mapping = entries;
        source = tb_args_call(entries, "keys", NULL);
    }
    else if (has_keys == 0) {
        source = tb_new_ref(entries);
    }
    iterator = source ? PyObject_GetIter(source) : NULL;
    if (iterator == NULL && source == entries &&
        PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Format(PyExc_TypeError,
                     "update() takes a key and a value, a mapping, or (key, value) "
                     "pairs, not %R",
                     Py_TYPE(entries));
    }
    Py_XDECREF(source);
    return iterator;
}

static int
collect_next(struct collector *collector, PyObject *item, PyObject *mapping)
{
    if (collector->bulk.what == TB_BULK_DELETE) {
        return collect_key(collector, item);
    }
    return mapping ? collect_key_of(collector, mapping, item)
                   : collect_pair(collector, item);
}

/* Deal with what an iterator gives. Where one cannot be converted, those before it are
 * dealt with, as by a loop; an error of theirs comes first. */
static int
take_all(struct collector *collector, PyObject *iterator, PyObject *mapping)
{
    PyObject *type, *value, *tb, *item;
    int rc = 0;

    while (rc == 0 && (item = PyIter_Next(iterator)) != NULL) {
        rc = collect_next(collector, item, mapping);
        Py_DECREF(item);
    }
    PyErr_Fetch(&type, &value, &tb);
    if (flush(collector) < 0) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(tb);
        return -1;
    }
    PyErr_Restore(type, value, tb);
    return type ? -1 : 0;
}

/* Set the entries of a mapping or of an iterable of pairs, those before a bad one too;
 * 0, or -1 with an exception. */
static int
update_many(BpfMap *self, PyObject *entries, uint64_t flags)
{
    struct collector collector = {0};
    PyObject *mapping, *iterator;
    int rc = -1;

    if (tb_map_fd(self) < 0) {
        return -1;
    }
    iterator = open_entries(self, entries, &mapping);
    if (iterator == NULL) {
        return -1;
    }
    if (collector_init(&collector, self, TB_BULK_UPDATE, flags) == 0) {
        rc = take_all(&collector, iterator, mapping);
    }
    collector_free(&collector);
    Py_DECREF(iterator);
    return rc;
}

PyObject *
tb_map_update(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"key", "value", "flags", NULL};
    PyObject *key = NULL, *value = NULL, *number = NULL;
    BpfMap *self = (BpfMap *)op;
    uint64_t flags;
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOO:update", (char **)names, &key,
                                     &value, &number) ||
        tb_map_read_flags(number, &flags) < 0) {
        return NULL;
    }
    if (key != NULL && value != NULL) {
        rc = tb_entry_set(self, key, value, flags);
    }
    else if (PyTuple_Size(args) == 1) {
        rc = update_many(self, key, flags);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "update() takes a key and a value, a mapping, "
                                         "or (key, value) pairs");
        rc = -1;
    }
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
tb_map_delete_many(PyObject *op, PyObject *keys)
{
    BpfMap *self = (BpfMap *)op;
    struct collector collector = {0};
    PyObject *iterator;
    int rc = -1;

    if (tb_map_fd(self) < 0) {
        return NULL;
    }
    iterator = PyObject_GetIter(keys);
    if (iterator == NULL) {
        return NULL;
    }
    if (collector_init(&collector, self, TB_BULK_DELETE, 0) == 0) {
        rc = take_all(&collector, iterator, NULL);
    }
    collector_free(&collector);
    Py_DECREF(iterator);
    return rc < 0 ? NULL : PyLong_FromSsize_t(collector.n_gone);
}

PyObject *
tb_map_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    if (tb_args_count("setdefault", n, 1, 2) < 0) {
        return NULL;
    }
    return tb_entry_set_default((BpfMap *)self, args[0], n == 2 ? args[1] : Py_None);
}

/* pop([default]) of a map without keys. */
static PyObject *
pop_queue(BpfMap *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *value = NULL;

    if (tb_args_count("pop", n, 0, 1) < 0) {
        return NULL;
    }
    if (tb_map_queue_take(self, &value) == 0) {
        if (n == 1) {
            return tb_new_ref(args[0]);
        }
        PyErr_Format(PyExc_IndexError, "pop from map %R, which is empty", self->name);
    }
    return value;
}

PyObject *
tb_map_pop(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *value = NULL;

    if (tb_map_is_queue((BpfMap *)self)) {
        return pop_queue((BpfMap *)self, args, n);
    }
    if (tb_args_count("pop", n, 1, 2) < 0) {
        return NULL;
    }
    if (tb_entry_take((BpfMap *)self, args[0], 0, &value) == 0) {
        if (n == 2) {
            return tb_new_ref(args[1]);
        }
        PyErr_SetObject(PyExc_KeyError, args[0]);
    }
    return value;
}

PyObject *
tb_map_popitem(PyObject *self, PyObject *unused)
{
    PyObject *pair = NULL;

    (void)unused;
    if (tb_entry_take_any((BpfMap *)self, &pair) == 0) {
        PyErr_Format(PyExc_KeyError, "popitem(): map %R is empty",
                     ((BpfMap *)self)->name);
    }
    return pair;
}

/* Fetch the next keys and delete them; 0 or -errno. */
static int
clear_chunk_nogil(struct tb_walk *walk, struct tb_bulk *bulk)
{
    int err = tb_walk_fill_nogil(walk);

    if (err < 0) {
        return err;
    }
    bulk->fd = walk->fd;
    bulk->keys = walk->keys;
    bulk->count = walk->count;
    bulk->done = 0;
    return tb_bulk_run_nogil(bulk);
}

PyObject *
tb_map_clear(PyObject *op, PyObject *unused)
{
    BpfMap *self = (BpfMap *)op;
    struct tb_bulk bulk = {.what = TB_BULK_DELETE,
                           .key_size = self->traits.key.size,
                           .absent = self->traits.kind->absent};
    struct tb_walk walk;
    int err = 0, rc = 0;

    (void)unused;
    if (tb_map_fd(self) < 0 || tb_map_check_walk(self) < 0) {
        return NULL;
    }
    if (tb_map_is_array(self)) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                              "clear of map %R failed: an array's entries cannot be "
                              "deleted, only set",
                              self->name);
    }
    tb_walk_init(&walk, tb_walk_mode_of(self->traits.kind, !tb_map_has_holes(self)),
                 self->traits.key.size, self->traits.span);
    while (rc == 0 && err == 0 && !walk.done) {
        walk.fd = tb_map_acquire(self);
        if (walk.fd < 0) {
            rc = -1;
            break;
        }
        Py_BEGIN_ALLOW_THREADS
        err = clear_chunk_nogil(&walk, &bulk);
        Py_END_ALLOW_THREADS
        tb_map_release(self);
        rc = PyErr_CheckSignals();
    }
    tb_walk_free(&walk);
    if (rc == 0 && err == -ENOMEM) {
        return PyErr_NoMemory();
    }
    if (rc == 0 && err < 0) {
        return tb_map_raise(self, "clear", err, 0);
    }
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
