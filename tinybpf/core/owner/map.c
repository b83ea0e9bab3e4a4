/* SPDX-License-Identifier: MIT
 *
 * BpfMap (owner/map.h): its life, and the table of its methods. What they do stands in
 * the files map_*.c; its properties in map/about.c and map/setting.c, what the bytes
 * mean in map/value.c, and what is particular to kinds of map in map/kind.c.
 */
#include "owner/map.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "error/raise.h"
#include "map/about.h"
#include "map/access.h"
#include "map/create.h"
#include "map/describe.h"
#include "map/inner.h"
#include "map/iter.h"
#include "map/lpm.h"
#include "map/memory.h"
#include "map/mutable.h"
#include "map/open.h"
#include "map/percpu.h"
#include "map/pin.h"
#include "map/queue.h"
#include "map/setting.h"
#include "map/stack.h"

#include <unistd.h>

static int
is_standalone(const BpfMap *self)
{
    return self->object == NULL;
}

const BpfMap *
tb_map_origin(const BpfMap *self)
{
    return self->origin ? self->origin : self;
}

/* The one whose descriptor a stand-alone map uses. */
static BpfMap *
owner_of(BpfMap *self)
{
    return self->origin ? self->origin : self;
}

/* Whether the descriptor is valid. */
int
tb_map_is_open(const BpfMap *self)
{
    if (is_standalone(self)) {
        return tb_map_origin(self)->fd >= 0 && !tb_map_origin(self)->closing;
    }
    return tb_object_is_open(self->object);
}

int
tb_map_is_live(const BpfMap *self)
{
    return tb_map_is_open(self) && self->fd >= 0;
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
    if (tb_map_is_open(self)) {
        return self->fd >= 0 ? self->fd : raise_not_there(self);
    }
    tb_error_closed(tb_state_of(self), is_standalone(self) ? "map" : "object of map",
                    self->name);
    return -1;
}

int
tb_map_acquire(BpfMap *self)
{
    int fd = tb_map_fd(self);

    if (fd < 0) {
        return -1;
    }
    if (is_standalone(self)) {
        owner_of(self)->users++;
        return fd;
    }
    return tb_object_acquire(self->object) == NULL ? -1 : fd;
}

void
tb_map_release(BpfMap *self)
{
    BpfMap *owner = owner_of(self);
    int fd = owner->fd;

    if (!is_standalone(self)) {
        tb_object_release(self->object);
        return;
    }
    if (--owner->users == 0 && owner->closing) {
        owner->fd = -1;
        close(fd);
    }
}

void
tb_map_close(BpfMap *self)
{
    if (is_standalone(self) && tb_map_is_open(self)) {
        owner_of(self)->users++;
        owner_of(self)->closing = 1;
        Py_CLEAR(owner_of(self)->mapping);
        tb_map_release(self);
    }
}

/* The part that all kinds have in common: a map without descriptor. */
static BpfMap *
new_map(struct tb_state *state, const char *name)
{
    BpfMap *self = tb_state_new(state, TB_TYPE_MAP);

    if (self == NULL) {
        return NULL;
    }
    self->fd = -1;
    self->name = PyUnicode_DecodeFSDefault(name);
    if (self->name == NULL) {
        Py_CLEAR(self);
    }
    return self;
}

/* libbpf holds the place of a map that is not in the kernel with a descriptor of
 * another file (bpf_object__add_map). */
static int
created_fd(const BpfObject *object, const struct bpf_map *handle)
{
    if (object->phase < TB_PREPARED || !bpf_map__autocreate(handle)) {
        return -1;
    }
    return bpf_map__fd(handle);
}

int
tb_map_refresh(BpfMap *self)
{
    const struct tb_member *member = &self->object->maps.items[self->index];
    const struct bpf_map *handle = member->handle;
    struct bpf_map_info info = {0};

    info.type = bpf_map__type(handle);
    info.key_size = bpf_map__key_size(handle);
    info.value_size = bpf_map__value_size(handle);
    info.max_entries = bpf_map__max_entries(handle);
    info.btf_key_type_id = member->key_type_id;
    info.btf_value_type_id = member->value_type_id;
    info.map_flags = bpf_map__map_flags(handle);
    self->fd = created_fd(self->object, handle);
    if (tb_map_describe(self, &info, bpf_object__btf(self->object->handle)) < 0) {
        return -1;
    }
    return tb_map_use_classes(self);
}

PyObject *
tb_map_get(BpfObject *object, size_t index)
{
    struct tb_member *member = &object->maps.items[index];
    BpfMap *self;

    if (member->wrapper != NULL) {
        return tb_new_ref(member->wrapper);
    }
    self = new_map(tb_state_of(object), member->name);
    if (self == NULL) {
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(object);
    self->index = index;
    if (tb_map_refresh(self) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    member->wrapper = (PyObject *)self;
    return (PyObject *)self;
}

PyObject *
tb_map_new_steal(struct tb_state *state, int fd, const struct bpf_map_info *info,
                 Btf *btf)
{
    BpfMap *self = new_map(state, info->name);

    if (self == NULL) {
        close(fd);
        return NULL;
    }
    self->fd = fd;
    Py_XINCREF(btf);
    self->btf = btf;
    if (tb_map_describe(self, info, btf ? btf->handle : NULL) < 0) {
        tb_map_close(self);
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
map_bool(PyObject *self)
{
    (void)self;
    return 1;
}

static PyObject *
map_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    tb_map_close((BpfMap *)self);
    Py_RETURN_NONE;
}

static PyObject *
map_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return tb_map_fd((BpfMap *)self) < 0 ? NULL : tb_new_ref(self);
}

static int
map_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfMap *)op)->object);
    Py_VISIT(((BpfMap *)op)->origin);
    Py_VISIT(((BpfMap *)op)->btf);
    Py_VISIT(((BpfMap *)op)->mapping);
    Py_VISIT(((BpfMap *)op)->key.type);
    Py_VISIT(((BpfMap *)op)->value.type);
    return 0;
}

static void
map_finalize(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *type, *value, *tb;

    PyErr_Fetch(&type, &value, &tb);
    if (is_standalone(self) && self->origin == NULL && tb_map_is_open(self) &&
        !self->is_inner &&
        PyErr_WarnFormat(PyExc_ResourceWarning, 1, "unclosed %R", self) < 0) {
        PyErr_WriteUnraisable(op);
    }
    if (self->origin == NULL) {
        tb_map_close(self);
    }
    if (self->object != NULL) {
        tb_members_forget(&self->object->maps, self->index, op);
    }
    self->fd = -1;
    Py_CLEAR(self->name);
    Py_CLEAR(self->types);
    Py_CLEAR(self->key.type);
    Py_CLEAR(self->value.type);
    Py_CLEAR(self->btf);
    Py_CLEAR(self->object);
    Py_CLEAR(self->origin);
    PyErr_Restore(type, value, tb);
}

static PyMethodDef methods[] = {
    {"create", TB_METHOD(tb_map_create), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "create($type, type, key_size=0, value_size=0, max_entries=0, name='', flags=0, "
     "inner_map=None, numa_node=None, map_extra=0, ifindex=0, token=0)\n--\n\n"
     "Make a map in the kernel, without an object file."},
    {"from_fd", tb_map_from_fd, METH_O | METH_CLASS,
     "from_fd($type, fd, /)\n--\n\nOpen the map behind a descriptor."},
    {"from_id", tb_map_from_id, METH_O | METH_CLASS,
     "from_id($type, id, /)\n--\n\nOpen the map of an id."},
    {"create_inner", TB_METHOD(tb_map_create_inner), METH_VARARGS | METH_KEYWORDS,
     "create_inner($self, max_entries=0, name=None)\n--\n\n"
     "Make a map that fits into this map of maps."},
    {"lookup", TB_METHOD(tb_map_lookup), METH_FASTCALL | METH_KEYWORDS,
     "lookup($self, key, /, flags=0)\n--\n\n"
     "Return the value of a key, None if the key is absent."},
    {"lookup_and_delete", TB_METHOD(tb_map_lookup_and_delete),
     METH_FASTCALL | METH_KEYWORDS,
     "lookup_and_delete($self, key, /, flags=0)\n--\n\n"
     "Take a key out and return its value, None if the key is absent."},
    {"get", TB_METHOD(tb_map_get_default), METH_FASTCALL,
     "get($self, key, default=None, /)\n--\n\n"
     "Return the value of a key, or a default if the key is absent."},
    {"update", TB_METHOD(tb_map_update), METH_VARARGS | METH_KEYWORDS,
     "Set the value of a key, or those of many."},
    {"setdefault", TB_METHOD(tb_map_setdefault), METH_FASTCALL,
     "setdefault($self, key, default=None, /)\n--\n\n"
     "Return the value of a key; an absent one is set to a default first."},
    {"delete", tb_map_delete, METH_O,
     "delete($self, key, /)\n--\n\nDelete a key; tell whether it was there."},
    {"delete_many", tb_map_delete_many, METH_O,
     "delete_many($self, keys, /)\n--\n\n"
     "Delete keys in batches; return how many were there."},
    {"push", TB_METHOD(tb_map_push), METH_VARARGS | METH_KEYWORDS,
     "push($self, value, /, flags=0)\n--\n\n"
     "Put a value into a queue, a stack or a Bloom filter."},
    {"peek", tb_map_peek, METH_NOARGS,
     "peek($self)\n--\n\n"
     "Return the next value of a queue or stack and leave it there, None if it is "
     "empty."},
    {"walk", tb_map_walk_stack, METH_O,
     "walk($self, stack_id, /)\n--\n\n"
     "Return the addresses of a stack trace, the innermost first."},
    {"network", tb_map_network, METH_O,
     "network($self, key, /)\n--\n\n"
     "Return a key of an LPM trie as a network of the ipaddress module."},
    {"pop", TB_METHOD(tb_map_pop), METH_FASTCALL,
     "Take a key out and return its value, or a default if the key is absent."},
    {"popitem", tb_map_popitem, METH_NOARGS,
     "popitem($self)\n--\n\nTake any entry out and return its (key, value)."},
    {"clear", tb_map_clear, METH_NOARGS, "clear($self)\n--\n\nDelete every key."},
    {"keys", tb_map_keys, METH_NOARGS, "keys($self)\n--\n\nReturn a view of the keys."},
    {"values", tb_map_values, METH_NOARGS,
     "values($self)\n--\n\nReturn a view of the values."},
    {"items", tb_map_items, METH_NOARGS,
     "items($self)\n--\n\nReturn a view of the (key, value) pairs."},
    {"lookup_percpu", tb_map_lookup_percpu, METH_O,
     "lookup_percpu($self, key, /)\n--\n\n"
     "Return the values of a key on each possible CPU, None if the key is absent."},
    {"lookup_percpu_sum", tb_map_lookup_percpu_sum, METH_O,
     "lookup_percpu_sum($self, key, /)\n--\n\n"
     "Return the sum of a key's values on all CPUs, None if the key is absent."},
    {"update_percpu", TB_METHOD(tb_map_update_percpu), METH_VARARGS | METH_KEYWORDS,
     "update_percpu($self, key, values, flags=0)\n--\n\n"
     "Set the values of a key on each possible CPU."},
    {"items_percpu", tb_map_items_percpu, METH_NOARGS,
     "items_percpu($self)\n--\n\n"
     "Return a view of the (key, values) pairs of a per-CPU map."},
    {"typed", TB_METHOD(tb_map_typed), METH_VARARGS | METH_KEYWORDS,
     "typed($self, key=None, value=None, validate_field_names=True)\n--\n\n"
     "Return the same map with other types of keys and values."},
    {"mmap", TB_METHOD(tb_map_mmap), METH_VARARGS | METH_KEYWORDS,
     "mmap($self, writable=True)\n--\n\n"
     "Return the map's memory, which is shared with the kernel."},
    {"freeze", tb_map_freeze, METH_NOARGS,
     "freeze($self)\n--\n\nMake the map read-only for user space, for good."},
    {"pin", tb_map_pin, METH_O,
     "pin($self, path, /)\n--\n\n"
     "Keep the map in the kernel under a path of the BPF file system."},
    {"unpin", tb_map_unpin, METH_O,
     "unpin($self, path, /)\n--\n\n"
     "Remove a pin of this map."},
    {"reuse", tb_map_reuse, METH_O,
     "reuse($self, other, /)\n--\n\n"
     "Take over a map that exists, in place of creating this one."},
    {"close", map_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Close a stand-alone map; one of an object stays open until its object closes."},
    {"__enter__", map_enter, METH_NOARGS, NULL},
    {"__exit__", map_close, METH_VARARGS, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "A map in the kernel, used as a dictionary.\n\n"
     "Keys and values are numbers, Records or bytes, as BTF says; an array's keys are\n"
     "its indices. `bool(m)` is True, also for an empty map.\n\n"
     "    counts = obj.maps[\"counts\"]\n"
     "    counts[1234] = 0\n"
     "    counts.update({1: 2, 3: 4})\n"
     "    for pid, n in counts.items():\n"
     "        print(pid, n)"},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_members, tb_map_members},
    {Py_tp_getset, tb_map_getset},
    {Py_tp_repr, tb_map_repr},
    {Py_tp_iter, tb_map_iter},
    {Py_mp_subscript, tb_map_subscript},
    {Py_mp_ass_subscript, tb_map_ass_subscript},
    {Py_mp_length, tb_map_length},
    {Py_sq_contains, tb_map_contains},
    {Py_nb_bool, map_bool},
    {Py_tp_traverse, map_traverse},
    {Py_tp_finalize, map_finalize},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfMap",
    .basicsize = sizeof(BpfMap),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_map_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_MAP, &spec);
}
