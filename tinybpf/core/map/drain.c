/* SPDX-License-Identifier: MIT
 *
 * Drains (map/drain.h). The kernel takes out a chunk at a time, and what of it was not
 * handed out when the drain ends goes back, unless a program has set the key anew: a
 * loop that ends early leaves the rest in the map.
 */
#include "map/drain.h"

#include "error/raise.h"
#include "map/error.h"
#include "map/kind.h"
#include "map/value.h"
#include "map/walk.h"

#include <errno.h>

typedef struct {
    PyObject_HEAD
    BpfMap *map;         /* owned; NULL at the end */
    struct tb_walk walk; /* owned */
    int busy; /* the walk is used: in the kernel, or by what makes a value of it */
} Drain;

/* Whether the kernel has no call that takes many entries out of this kind of map. Of
 * maps and programs it would give ids, which may end with the entry. */
static int
cannot_take(const BpfMap *map)
{
    return !map->traits.kind->is_batched || tb_map_is_array(map) ||
           tb_map_is_of_descriptors(map);
}

/* BpfMap.drain(): a drain that has taken nothing yet. */
PyObject *
tb_map_drain(PyObject *op, PyObject *unused)
{
    BpfMap *map = (BpfMap *)op;
    Drain *self;

    (void)unused;
    if (tb_map_fd(map) < 0 || tb_map_check_walk(map) < 0) {
        return NULL;
    }
    if (cannot_take(map)) {
        return tb_error_raise(tb_state_of(map), TB_ERROR_NOT_SUPPORTED, EOPNOTSUPP,
                              "drain of map %R failed: the kernel does not read and "
                              "take out the entries of a %s in one step",
                              map->name, tb_map_kind_name(map));
    }
    self = tb_state_new(tb_state_of(map), TB_TYPE_DRAIN);
    if (self == NULL) {
        return NULL;
    }
    self->map = (BpfMap *)tb_new_ref(map);
    tb_walk_init(&self->walk, TB_WALK_TAKE, map->traits.key.size, map->traits.span);
    self->walk.chunk = map->traits.chunk;
    return (PyObject *)self;
}

/* 0, or -1 with an exception while somebody uses the walk. */
static int
check_idle(const Drain *self)
{
    if (self->busy) {
        PyErr_SetString(PyExc_RuntimeError,
                        "drain is in use, by another thread or further out");
    }
    return self->busy ? -1 : 0;
}

/* Take the next chunk, without the GIL; 0, or -1 with an exception. */
static int
fill(Drain *self)
{
    BpfMap *map = self->map;
    int err;

    self->walk.fd = tb_map_acquire(map);
    if (self->walk.fd < 0) {
        return -1;
    }
    self->busy = 1;
    Py_BEGIN_ALLOW_THREADS
    err = tb_walk_fill_nogil(&self->walk);
    Py_END_ALLOW_THREADS
    self->busy = 0;
    tb_map_release(map);
    if (err == -ENOMEM) {
        PyErr_NoMemory();
    }
    else if (err == -EOPNOTSUPP) {
        tb_error_raise(tb_state_of(map), TB_ERROR_NOT_SUPPORTED, EOPNOTSUPP,
                       "drain of map %R failed: this kernel does not read and take out "
                       "entries in one step; that needs Linux 5.6",
                       map->name);
    }
    else if (err < 0) {
        tb_map_raise(map, "drain", err, 0);
    }
    return err < 0 ? -1 : PyErr_CheckSignals();
}

/* Put back what was not handed out, and end; what is lost by it, if anything, is told
 * by a warning. 0, or -1 with an exception. Of use once. */
static int
end(Drain *self)
{
    BpfMap *map = self->map;
    uint32_t n_lost = self->walk.count - self->walk.pos;
    int rc = 0;

    self->map = NULL;
    if (n_lost > 0 && tb_map_is_live(map)) {
        self->walk.fd = tb_map_acquire(map);
        Py_BEGIN_ALLOW_THREADS
        n_lost = tb_walk_put_back_nogil(&self->walk);
        Py_END_ALLOW_THREADS
        tb_map_release(map);
    }
    if (n_lost > 0) {
        rc = PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                              "%u entries that were taken out of map %R are lost: the "
                              "drain ended early, and they could not go back",
                              n_lost, map->name);
    }
    tb_walk_free(&self->walk);
    Py_DECREF(map);
    return rc;
}

/* After an error the drain can go on. */
static PyObject *
drain_next(PyObject *op)
{
    Drain *self = (Drain *)op;
    struct tb_walk *walk = &self->walk;
    PyObject *item;

    if (check_idle(self) < 0) {
        return NULL;
    }
    while (self->map != NULL && walk->pos == walk->count) {
        if (walk->done) {
            end(self);
            return NULL;
        }
        if (fill(self) < 0) {
            return NULL;
        }
    }
    if (self->map == NULL) {
        return NULL;
    }
    self->busy = 1;
    item =
        tb_map_decode_item(self->map, walk->keys + (size_t)walk->pos * walk->key_size,
                           walk->values + (size_t)walk->pos * walk->span);
    self->busy = 0;
    walk->pos += item != NULL;
    return item;
}

static PyObject *
drain_close(PyObject *op, PyObject *unused)
{
    Drain *self = (Drain *)op;

    (void)unused;
    if (check_idle(self) < 0 || (self->map != NULL && end(self) < 0)) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
drain_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return tb_new_ref(self);
}

static int
drain_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Drain *)op)->map);
    return 0;
}

static void
drain_finalize(PyObject *op)
{
    tb_state_finalize(op, NULL, NULL, drain_close);
}

static PyMethodDef methods[] = {
    {"close", drain_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "End the drain: what was not handed out goes back into the map."},
    {"__enter__", drain_enter, METH_NOARGS, NULL},
    {"__exit__", drain_close, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Entries that are taken out of a map, as (key, value) pairs."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, drain_next},
    {Py_tp_traverse, drain_traverse},
    {Py_tp_finalize, drain_finalize},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfMapDrain",
    .basicsize = sizeof(Drain),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_drain_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_DRAIN, &spec);
}
