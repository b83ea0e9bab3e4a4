/* SPDX-License-Identifier: MIT
 *
 * Iteration over maps (map/iter.h). An entry that is there throughout a walk comes
 * exactly once, any other at most once: batches promise that, and a walk key by
 * key, which the kernel starts anew when its key is gone, leaves out what it has
 * handed out before. (Key by key there is no help against a hash's entry whose value
 * is replaced meanwhile: the new one goes to the head of its bucket, behind the walk's
 * back. Of kinds that programs fill that way, only sockhash and the like lack batches.)
 */
#include "map/iter.h"

#include "map/error.h"
#include "map/kind.h"
#include "map/mapped.h"
#include "map/value.h"
#include "map/walk.h"

#include <errno.h>

enum part {
    KEYS,
    VALUES,
    ITEMS,
};

typedef struct {
    PyObject_HEAD
    BpfMap *map; /* owned; NULL at the end */
    enum part part;
    struct tb_walk walk; /* owned */
    int is_busy;         /* next() is under way, maybe in the kernel without the GIL */
    PyObject *seen;      /* owned; set of keys as bytes, NULL until needed */
} MapIterator;

typedef struct {
    PyObject_HEAD
    BpfMap *map; /* owned */
    enum part part;
    PyObject *iterator; /* owned; the one behind next(view), NULL until used */
} MapView;

/* A walk over the map, at its beginning; NULL with an exception if it is closed, or of
 * a kind that cannot be walked. The map may be closed meanwhile: the next chunk raises.
 */
static PyObject *
new_iterator(BpfMap *map, enum part part)
{
    MapIterator *self;

    if (tb_map_fd(map) < 0 || tb_map_check_walk(map) < 0) {
        return NULL;
    }
    self = tb_state_new(tb_state_of(map), TB_TYPE_ITERATOR);
    if (self == NULL) {
        return NULL;
    }
    self->map = (BpfMap *)tb_new_ref(map);
    self->part = part;
    tb_walk_init(
        &self->walk,
        tb_walk_mode_of(map->traits.kind, part == KEYS && !tb_map_has_holes(map)),
        map->traits.key.size, map->traits.span);
    if (tb_mapped_window(map) != NULL) {
        self->walk.mode = TB_WALK_MEMORY;
    }
    self->walk.chunk = map->traits.chunk;
    return (PyObject *)self;
}

/* Fetch a chunk, without the GIL; 0, or -1 with an exception. */
static int
fill(MapIterator *self)
{
    BpfMap *map = self->map;
    struct tb_window *window;
    int err;

    self->walk.fd = tb_map_acquire(map);
    if (self->walk.fd < 0) {
        return -1;
    }
    window = self->walk.mode == TB_WALK_MEMORY ? tb_mapped_window(map) : NULL;
    if (window != NULL) {
        self->walk.window = tb_window_use(window);
    }
    else if (self->walk.mode == TB_WALK_MEMORY) {
        tb_walk_leave_memory(&self->walk);
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_walk_fill_nogil(&self->walk);
    Py_END_ALLOW_THREADS
    tb_window_drop(window);
    tb_map_release(map);
    if (err == -ENOMEM) {
        PyErr_NoMemory();
        return -1;
    }
    if (err < 0) {
        tb_map_raise(map, "walk", err, 0);
        return -1;
    }
    return PyErr_CheckSignals();
}

/* In a walk key by key, whether this key came before; it is remembered. */
static int
came_before(MapIterator *self, const void *key)
{
    PyObject *bytes;
    int result;

    if (tb_walk_gives_each_once(&self->walk)) {
        return 0;
    }
    if (self->seen == NULL && (self->seen = PySet_New(NULL)) == NULL) {
        return -1;
    }
    bytes = PyBytes_FromStringAndSize(key, (Py_ssize_t)self->walk.key_size);
    if (bytes == NULL) {
        return -1;
    }
    result = PySet_Contains(self->seen, bytes);
    if (result == 0 && PySet_Add(self->seen, bytes) < 0) {
        result = -1;
    }
    Py_DECREF(bytes);
    return result;
}

/* Step to the next entry: 1 (its place is *out_index), 0 at the end, or -1. */
static int
advance(MapIterator *self, uint32_t *out_index)
{
    struct tb_walk *walk = &self->walk;

    for (;;) {
        int before;

        if (walk->pos == walk->count) {
            if (walk->done) {
                return 0;
            }
            if (fill(self) < 0) {
                return -1;
            }
            continue;
        }
        *out_index = walk->pos++;
        before = came_before(self, walk->keys + (size_t)*out_index * walk->key_size);
        if (before <= 0) {
            return before < 0 ? -1 : 1;
        }
    }
}

/* The key, the value or the pair at a place in the buffers. */
static PyObject *
decode_entry(const MapIterator *self, uint32_t index)
{
    const struct tb_walk *walk = &self->walk;
    const unsigned char *key = walk->keys + (size_t)index * walk->key_size;
    const unsigned char *value = walk->values + (size_t)index * walk->span;

    if (self->part == KEYS) {
        return tb_map_decode_key(self->map, key);
    }
    if (self->part == VALUES) {
        return tb_map_decode_value(self->map, value);
    }
    return tb_map_decode_item(self->map, key, value);
}

/* At the end the buffers and the map are let go; after an error the walk can go on. Its
 * buffers belong to one next() at a time, as a generator does: another thread, or
 * Python code that the making of a key or value runs, is refused. */
static PyObject *
iterator_next(PyObject *op)
{
    MapIterator *self = (MapIterator *)op;
    PyObject *entry = NULL;
    uint32_t index;
    int rc;

    if (self->is_busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        "map iterator is used by another thread, or "
                        "in the middle of its own next()");
        return NULL;
    }
    if (self->map == NULL) {
        return NULL;
    }
    self->is_busy = 1;
    rc = advance(self, &index);
    if (rc > 0) {
        entry = decode_entry(self, index);
    }
    if (rc == 0) {
        tb_walk_free(&self->walk);
        Py_CLEAR(self->seen);
        Py_CLEAR(self->map);
    }
    self->is_busy = 0;
    return entry;
}

static int
iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((MapIterator *)op)->map);
    Py_VISIT(((MapIterator *)op)->seen);
    return 0;
}

static void
iterator_dealloc(PyObject *op)
{
    MapIterator *self = (MapIterator *)op;

    PyObject_GC_UnTrack(op);
    tb_walk_free(&self->walk);
    Py_CLEAR(self->seen);
    Py_CLEAR(self->map);
    tb_state_free(op);
}

static PyObject *
new_view(PyObject *map, enum part part)
{
    MapView *self;

    if (tb_map_fd((BpfMap *)map) < 0 || tb_map_check_walk((BpfMap *)map) < 0) {
        return NULL;
    }
    self = tb_state_new(tb_state_of(map), TB_TYPE_MAP_VIEW);
    if (self == NULL) {
        return NULL;
    }
    self->map = (BpfMap *)tb_new_ref(map);
    self->part = part;
    return (PyObject *)self;
}

PyObject *
tb_map_keys(PyObject *self, PyObject *unused)
{
    (void)unused;
    return new_view(self, KEYS);
}

PyObject *
tb_map_values(PyObject *self, PyObject *unused)
{
    (void)unused;
    return new_view(self, VALUES);
}

PyObject *
tb_map_items(PyObject *self, PyObject *unused)
{
    (void)unused;
    return new_view(self, ITEMS);
}

PyObject *
tb_map_iter(PyObject *self)
{
    return new_iterator((BpfMap *)self, KEYS);
}

int
tb_map_iter_take(BpfMap *map, tb_map_taker take, void *taker)
{
    MapIterator *iterator = (MapIterator *)new_iterator(map, ITEMS);
    struct tb_walk *walk = iterator ? &iterator->walk : NULL;
    int rc = iterator ? 0 : -1;
    uint32_t at;

    if (walk != NULL) {
        tb_walk_hurry(walk, map->traits.max_entries);
    }
    while (rc >= 0 && (rc = advance(iterator, &at)) > 0) {
        if (tb_walk_gives_each_once(walk)) {
            walk->pos = walk->count;
        }
        rc = take(taker, walk->keys + (size_t)at * walk->key_size,
                  walk->values + (size_t)at * walk->span, walk->pos - at);
    }
    Py_XDECREF(iterator);
    return rc;
}

/* The kernel keeps no count that can be read: the keys are counted. */
static Py_ssize_t
count_keys(BpfMap *map)
{
    MapIterator *iterator = (MapIterator *)new_iterator(map, KEYS);
    Py_ssize_t n = 0;
    uint32_t index;
    int rc;

    if (iterator == NULL) {
        return -1;
    }
    while ((rc = advance(iterator, &index)) > 0) {
        n++;
    }
    Py_DECREF(iterator);
    return rc < 0 ? -1 : n;
}

Py_ssize_t
tb_map_length(PyObject *op)
{
    BpfMap *map = (BpfMap *)op;

    if (tb_map_fd(map) < 0) {
        return -1;
    }
    if (tb_map_is_array(map)) {
        return (Py_ssize_t)map->traits.max_entries;
    }
    return count_keys(map);
}

static PyObject *
view_iter(PyObject *op)
{
    MapView *self = (MapView *)op;

    return new_iterator(self->map, self->part);
}

static PyObject *
view_next(PyObject *op)
{
    MapView *self = (MapView *)op;
    PyObject *iterator = self->iterator ? NULL : view_iter(op);

    if (self->iterator == NULL) { /* nor was one made by the collector's doing */
        self->iterator = iterator;
    }
    else {
        Py_XDECREF(iterator);
    }
    return self->iterator ? iterator_next(self->iterator) : NULL;
}

static Py_ssize_t
view_length(PyObject *op)
{
    return tb_map_length((PyObject *)((MapView *)op)->map);
}

/* Whether an item's key has that item's value. */
static int
contains_item(MapView *self, PyObject *item)
{
    PyObject *key, *value, *found;
    int result;

    if (!PyTuple_Check(item) || PyTuple_Size(item) != 2) {
        return 0;
    }
    key = PyTuple_GetItem(item, 0);
    value = PyTuple_GetItem(item, 1);
    result = PySequence_Contains((PyObject *)self->map, key);
    if (result <= 0) {
        return result;
    }
    found = PyObject_GetItem((PyObject *)self->map, key);
    if (found == NULL) {
        return -1;
    }
    result = PyObject_RichCompareBool(found, value, Py_EQ);
    Py_DECREF(found);
    return result;
}

static int
contains_value(MapView *self, PyObject *value)
{
    PyObject *iterator = new_iterator(self->map, VALUES);
    PyObject *found;
    int result = 0;

    if (iterator == NULL) {
        return -1;
    }
    while (result == 0 && (found = iterator_next(iterator)) != NULL) {
        result = PyObject_RichCompareBool(found, value, Py_EQ);
        Py_DECREF(found);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : result;
}

static int
view_contains(PyObject *op, PyObject *value)
{
    MapView *self = (MapView *)op;

    if (self->part == KEYS) {
        return PySequence_Contains((PyObject *)self->map, value);
    }
    return self->part == ITEMS ? contains_item(self, value)
                               : contains_value(self, value);
}

static PyObject *
view_repr(PyObject *op)
{
    static const char *const names[] = {"keys", "values", "items"};
    MapView *self = (MapView *)op;

    return PyUnicode_FromFormat("<%s of %R>", names[self->part], self->map);
}

static int
view_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((MapView *)op)->map);
    Py_VISIT(((MapView *)op)->iterator);
    return 0;
}

static void
view_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((MapView *)op)->map);
    Py_CLEAR(((MapView *)op)->iterator);
    tb_state_free(op);
}

static PyType_Slot iterator_slots[] = {
    {Py_tp_doc, "A walk over a map's keys, values or items."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_dealloc, iterator_dealloc},
    {0, NULL},
};

static PyType_Slot view_slots[] = {
    {Py_tp_doc, "A live view of a map's keys, values or items."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_repr, view_repr},
    {Py_tp_iter, view_iter},
    {Py_tp_iternext, view_next},
    {Py_mp_length, view_length},
    {Py_sq_contains, view_contains},
    {Py_tp_traverse, view_traverse},
    {Py_tp_dealloc, view_dealloc},
    {0, NULL},
};

static PyType_Spec iterator_spec = {
    .name = "tinybpf.BpfMapIterator",
    .basicsize = sizeof(MapIterator),
    .flags = TB_TYPE_FLAGS,
    .slots = iterator_slots,
};

static PyType_Spec view_spec = {
    .name = "tinybpf.BpfMapView",
    .basicsize = sizeof(MapView),
    .flags = TB_TYPE_FLAGS,
    .slots = view_slots,
};

int
tb_map_iter_add(PyObject *module)
{
    if (tb_state_add_type(module, TB_TYPE_ITERATOR, &iterator_spec) < 0) {
        return -1;
    }
    return tb_state_add_type(module, TB_TYPE_MAP_VIEW, &view_spec);
}
