/* SPDX-License-Identifier: MIT
 *
 * The life of a map's handle (owner/map.h): made, reached, acquired, closed. It does
 * not know how a map is described, nor what can be done with it.
 */
#include "owner/map.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "error/raise.h"

#include <fcntl.h>
#include <unistd.h>

const BpfMap *
tb_map_origin(const BpfMap *self)
{
    return self->origin ? self->origin : self;
}

int
tb_map_is_open(const BpfMap *self)
{
    if (tb_map_is_standalone(self)) {
        return (self->fd >= 0 || self->found.id != 0) && !self->closing;
    }
    return tb_object_is_open(self->object);
}

/* Open what was found in a list: its types are known from then on. While they are read,
 * another thread may have opened it, or closed it. 0, or -1 with an exception. */
static int
open_found(BpfMap *self)
{
    int fd = tb_found_open(tb_state_of(self), &self->found, self->name);

    if (fd < 0) {
        return -1;
    }
    if (self->complete(self, fd) < 0 || self->found.id == 0) {
        close(fd);
        return PyErr_Occurred() ? -1 : 0;
    }
    self->found.id = 0;
    self->fd = fd;
    return 0;
}

int
tb_map_is_live(const BpfMap *self)
{
    return tb_map_is_open(self) && (self->fd >= 0 || self->found.id != 0);
}

/* Raise for a map that is open and not in the kernel; -1. */
static int
raise_not_there(BpfMap *self)
{
    if (tb_object_reached(self->object, TB_PREPARED) != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, 0,
                       "map %R was not created: its autocreate is False", self->name);
    }
    return -1;
}

int
tb_map_fd(BpfMap *self)
{
    if (self->found.id != 0 && tb_map_is_open(self) && open_found(self) < 0) {
        return -1;
    }
    if (tb_map_is_open(self)) {
        return self->fd >= 0 ? self->fd : raise_not_there(self);
    }
    tb_error_closed(tb_state_of(self),
                    tb_map_is_standalone(self) ? "map" : "object of map", self->name);
    return -1;
}

int
tb_map_acquire(BpfMap *self)
{
    int fd = tb_map_fd(self);

    if (fd < 0) {
        return -1;
    }
    if (tb_map_is_standalone(self)) {
        self->users++;
        return fd;
    }
    return tb_object_acquire(self->object) == NULL ? -1 : fd;
}

void
tb_map_release(BpfMap *self)
{
    int fd = self->fd;

    if (!tb_map_is_standalone(self)) {
        tb_object_release(self->object);
        return;
    }
    if (--self->users == 0 && self->closing) {
        self->fd = -1;
        self->found.id = 0;
        if (fd >= 0) {
            close(fd);
        }
    }
}

int
tb_map_borrow(BpfMap *self, int *out_own)
{
    *out_own = -1;
    if (self->found.id != 0 && tb_map_is_open(self)) {
        *out_own = tb_found_open(tb_state_of(self), &self->found, self->name);
        return *out_own;
    }
    return tb_map_acquire(self);
}

void
tb_map_give_back(BpfMap *self, int own)
{
    if (own >= 0) {
        close(own);
    }
    else {
        tb_map_release(self);
    }
}

/* The object is closed: tb_object_watch. */
static void
end_window(struct tb_object_watch *watch)
{
    tb_map_drop_window((BpfMap *)((char *)watch - offsetof(BpfMap, watch)));
}

void
tb_map_set_window_steal(BpfMap *self, struct tb_window *window)
{
    self->window = window;
    if (window != NULL && self->object != NULL) {
        self->watch.closed = end_window;
        tb_object_watch(self->object, &self->watch);
    }
}

void
tb_map_drop_window(BpfMap *self)
{
    struct tb_window *window = self->window;

    self->window = NULL;
    tb_object_unwatch(&self->watch);
    tb_window_drop(window);
}

void
tb_map_close(BpfMap *self)
{
    if (tb_map_is_standalone(self) && tb_map_is_open(self)) {
        self->users++;
        self->closing = 1;
        Py_CLEAR(self->mapping);
        tb_map_drop_window(self);
        tb_map_release(self);
    }
}

BpfMap *
tb_map_new(struct tb_state *state, const char *name)
{
    PyObject *text = tb_args_text(name);
    BpfMap *self = text ? tb_state_new(state, TB_TYPE_MAP) : NULL;

    if (self == NULL) {
        Py_XDECREF(text);
        return NULL;
    }
    self->fd = -1;
    self->traits.kind = tb_catalog_map(BPF_MAP_TYPE_UNSPEC);
    self->name = text;
    return self;
}

void
tb_map_traits_clear(struct tb_map_traits *traits)
{
    Py_CLEAR(traits->types);
    Py_CLEAR(traits->key.type);
    Py_CLEAR(traits->value.type);
}

/* What is dropped may run Python code, which sees the new ones. */
void
tb_map_set_traits_steal(BpfMap *self, const struct tb_map_traits *traits)
{
    struct tb_map_traits old = self->traits;

    self->traits = *traits;
    tb_map_traits_clear(&old);
}

BpfMap *
tb_map_twin(BpfMap *self)
{
    BpfMap *twin;

    if (tb_map_fd(self) < 0) {
        return NULL;
    }
    twin = tb_state_new(tb_state_of(self), TB_TYPE_MAP);
    if (twin == NULL) {
        return NULL;
    }
    twin->origin = (BpfMap *)tb_new_ref((void *)tb_map_origin(self));
    Py_XINCREF(self->object);
    twin->object = self->object;
    twin->index = self->index;
    twin->fd = self->object ? self->fd : fcntl(self->fd, F_DUPFD_CLOEXEC, 3);
    if (twin->fd < 0) {
        Py_DECREF(twin);
        return (BpfMap *)PyErr_SetFromErrno(PyExc_OSError);
    }
    twin->name = tb_new_ref(self->name);
    Py_XINCREF(self->btf);
    twin->btf = self->btf;
    twin->traits = self->traits;
    Py_XINCREF(twin->traits.types);
    Py_XINCREF(twin->traits.key.type);
    Py_XINCREF(twin->traits.value.type);
    return twin;
}

int
tb_map_btf(BpfMap *self, Btf **out_btf)
{
    PyObject *btf;

    *out_btf = self->btf;
    if (tb_map_is_standalone(self)) {
        return 0;
    }
    btf = tb_object_btf(self->object);
    *out_btf = btf == Py_None ? NULL : (Btf *)btf;
    return btf ? 0 : -1;
}
