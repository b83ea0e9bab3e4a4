/* SPDX-License-Identifier: MIT
 *
 * BpfMap (map.h): access by key. The system calls are short, so the GIL is held
 * over them; iteration, which is not, stands in map_iter.c, and what the bytes mean in
 * map_value.c.
 */
#include "map.h"

#include "args.h"
#include "enums.h"
#include "error.h"
#include "libbpf.h"
#include "map_iter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Keys and values up to this size need no allocation. */
#define SMALL 256

struct buffer {
    void *data; /* small, or owned and malloc'ed; NULL: nothing yet */
    uint64_t small[SMALL / sizeof(uint64_t)];
};

static void *
buffer_init(struct buffer *buffer, size_t size)
{
    buffer->data = size <= SMALL ? buffer->small : malloc(size);
    if (buffer->data == NULL) {
        PyErr_NoMemory();
    }
    return buffer->data;
}

static void
buffer_free(struct buffer *buffer)
{
    if (buffer->data != buffer->small) {
        free(buffer->data);
    }
}

int
tb_map_fd(BpfMap *self)
{
    if (tb_object_is_open(self->object)) {
        return self->fd;
    }
    tb_error_closed(tb_state_of(self), "object of map", self->name);
    return -1;
}

PyObject *
tb_map_get(BpfObject *object, size_t index)
{
    struct tb_member *member = &object->maps.items[index];
    BpfMap *self;

    if (member->wrapper != NULL) {
        return tb_new_ref(member->wrapper);
    }
    self = tb_state_new(tb_state_of(object), TB_TYPE_MAP);
    if (self == NULL) {
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(object);
    self->index = index;
    self->name = PyUnicode_DecodeFSDefault(member->name);
    if (self->name == NULL ||
        tb_map_describe(self, member->handle, bpf_object__btf(object->handle)) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    member->wrapper = (PyObject *)self;
    return (PyObject *)self;
}

/* Raise for a failed call on the map. */
static void *
raise_call(BpfMap *self, const char *call, int err)
{
    struct tb_state *state = tb_state_of(self);

    if (err == -E2BIG && tb_map_is_array(self)) {
        return tb_error_raise(state, TB_ERROR, E2BIG,
                              "%s in map %R failed: the index is not below "
                              "max_entries=%u",
                              call, self->name, self->max_entries);
    }
    if (err == -E2BIG) {
        return tb_error_raise(state, TB_ERROR, E2BIG,
                              "%s in map %R failed: the map is full, max_entries=%u",
                              call, self->name, self->max_entries);
    }
    return tb_error_libbpf(state, err, NULL, "%s in map %R", call, self->name);
}

/* Look a key up: 1 found (*out_value is set), 0 absent, -1 with an exception. */
static int
find(BpfMap *self, PyObject *key, PyObject **out_value)
{
    struct buffer key_buffer, value_buffer;
    int fd = tb_map_fd(self);
    int err, rc = -1;

    key_buffer.data = value_buffer.data = NULL;
    if (fd < 0) {
        return -1;
    }
    if (buffer_init(&key_buffer, self->key.size) == NULL ||
        buffer_init(&value_buffer, self->span) == NULL ||
        tb_map_encode_key(self, key, key_buffer.data) < 0 || tb_map_fd(self) < 0) {
        goto done;
    }
    err = bpf_map_lookup_elem(fd, key_buffer.data, value_buffer.data);
    if (err == 0) {
        *out_value = tb_map_decode_value(self, value_buffer.data);
        rc = *out_value ? 1 : -1;
    }
    else if (err == -ENOENT) {
        rc = 0;
    }
    else {
        raise_call(self, "lookup", err);
    }
done:
    buffer_free(&key_buffer);
    buffer_free(&value_buffer);
    return rc;
}

static int
update(BpfMap *self, PyObject *key, PyObject *value, uint64_t flags)
{
    struct buffer key_buffer, value_buffer;
    int fd = tb_map_fd(self);
    int err, rc = -1;

    key_buffer.data = value_buffer.data = NULL;
    if (fd < 0) {
        return -1;
    }
    if (buffer_init(&key_buffer, self->key.size) == NULL ||
        buffer_init(&value_buffer, self->span) == NULL ||
        tb_map_encode_key(self, key, key_buffer.data) < 0 ||
        tb_map_encode_value(self, value, value_buffer.data) < 0 ||
        tb_map_fd(self) < 0) {
        goto done;
    }
    err = bpf_map_update_elem(fd, key_buffer.data, value_buffer.data, flags);
    if (err == 0) {
        rc = 0;
    }
    else {
        raise_call(self, "update", err);
    }
done:
    buffer_free(&key_buffer);
    buffer_free(&value_buffer);
    return rc;
}

/* Delete a key: 1 it was there, 0 it was not, -1 with an exception. */
static int
remove_key(BpfMap *self, PyObject *key)
{
    struct buffer key_buffer;
    int fd = tb_map_fd(self);
    int err, rc = -1;

    if (fd < 0 || buffer_init(&key_buffer, self->key.size) == NULL) {
        return -1;
    }
    if (tb_map_encode_key(self, key, key_buffer.data) == 0 && tb_map_fd(self) >= 0) {
        err = bpf_map_delete_elem(fd, key_buffer.data);
        if (err == 0 || err == -ENOENT) {
            rc = err == 0;
        }
        else {
            raise_call(self, "delete", err);
        }
    }
    buffer_free(&key_buffer);
    return rc;
}

static PyObject *
map_subscript(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;

    if (find((BpfMap *)self, key, &value) == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

static int
map_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    BpfMap *self = (BpfMap *)op;
    int found;

    if (value != NULL) {
        return update(self, key, value, BPF_ANY);
    }
    found = remove_key(self, key);
    if (found == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return found > 0 ? 0 : -1;
}

static int
map_contains(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;
    int found = find((BpfMap *)self, key, &value);

    Py_XDECREF(value);
    return found;
}

static int
map_bool(PyObject *self)
{
    (void)self;
    return 1;
}

static PyObject *
map_lookup(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;

    if (find((BpfMap *)self, key, &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

static PyObject *
map_get(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
    PyObject *value = NULL;

    if (tb_args_count("get", n, 1, 2) < 0) {
        return NULL;
    }
    if (find((BpfMap *)self, args[0], &value) == 0) {
        return tb_new_ref(n == 2 ? args[1] : Py_None);
    }
    return value;
}

/* Flags are 64 bits of the system call; 0, or -1 with an exception. */
static int
read_flags(PyObject *number, uint64_t *flags)
{
    *flags = number ? PyLong_AsUnsignedLongLong(number) : BPF_ANY;
    if (*flags != UINT64_MAX || !PyErr_Occurred()) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "flags out of range: %R", number);
    }
    return -1;
}

static PyObject *
map_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"key", "value", "flags", NULL};
    PyObject *key, *value, *number = NULL;
    uint64_t flags;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O:update", (char **)names, &key,
                                     &value, &number) ||
        read_flags(number, &flags) < 0 ||
        update((BpfMap *)self, key, value, flags) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
map_delete(PyObject *self, PyObject *key)
{
    int found = remove_key((BpfMap *)self, key);

    return found < 0 ? NULL : PyBool_FromLong(found);
}

static PyObject *
map_type(PyObject *self, void *unused)
{
    (void)unused;
    return tb_enums_member(tb_state_of(self), TB_ENUM_MAP_TYPE,
                           (long)((BpfMap *)self)->type);
}

static PyObject *
map_fd(PyObject *self, void *unused)
{
    int fd = tb_map_fd((BpfMap *)self);

    (void)unused;
    return fd < 0 ? NULL : PyLong_FromLong(fd);
}

/* <BpfMap 'counts' HASH, key_size=4, value_size=8, max_entries=1024, fd=5> */
static PyObject *
map_repr(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *type, *kind, *text = NULL;

    if (!tb_object_is_open(self->object)) {
        return PyUnicode_FromFormat("<BpfMap %R closed>", self->name);
    }
    type = tb_enums_member(tb_state_of(self), TB_ENUM_MAP_TYPE, (long)self->type);
    if (type == NULL) {
        return NULL;
    }
    kind = PyObject_HasAttrString(type, "name") ? tb_args_attr(type, "name")
                                                : PyObject_Str(type);
    if (kind != NULL) {
        text = PyUnicode_FromFormat(
            "<BpfMap %R %U, key_size=%u, value_size=%u, max_entries=%u, fd=%d>",
            self->name, kind, self->key.size, self->value.size, self->max_entries,
            self->fd);
    }
    Py_DECREF(type);
    Py_XDECREF(kind);
    return text;
}

static int
map_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfMap *)op)->object);
    return 0;
}

static void
map_finalize(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;
    struct tb_members *siblings = self->object ? &self->object->maps : NULL;

    if (siblings != NULL && siblings->items != NULL &&
        siblings->items[self->index].wrapper == op) {
        siblings->items[self->index].wrapper = NULL;
    }
    Py_CLEAR(self->name);
    Py_CLEAR(self->object);
}

static PyMethodDef methods[] = {
    {"lookup", map_lookup, METH_O,
     "lookup($self, key, /)\n--\n\n"
     "Return the value of a key, None if the key is absent."},
    {"get", TB_METHOD(map_get), METH_FASTCALL,
     "get($self, key, default=None, /)\n--\n\n"
     "Return the value of a key, or a default if the key is absent."},
    {"update", TB_METHOD(map_update), METH_VARARGS | METH_KEYWORDS,
     "update($self, key, value, flags=0)\n--\n\nSet the value of a key."},
    {"delete", map_delete, METH_O,
     "delete($self, key, /)\n--\n\nDelete a key; tell whether it was there."},
    {"keys", tb_map_keys, METH_NOARGS, "keys($self)\n--\n\nReturn a view of the keys."},
    {"values", tb_map_values, METH_NOARGS,
     "values($self)\n--\n\nReturn a view of the values."},
    {"items", tb_map_items, METH_NOARGS,
     "items($self)\n--\n\nReturn a view of the (key, value) pairs."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(BpfMap, name), READONLY, "Name of the C variable."},
    {"key_size", T_UINT, offsetof(BpfMap, key.size), READONLY,
     "Size of a key in bytes."},
    {"value_size", T_UINT, offsetof(BpfMap, value.size), READONLY,
     "Size of a value in bytes (of one CPU's value in a per-CPU map)."},
    {"max_entries", T_UINT, offsetof(BpfMap, max_entries), READONLY,
     "Number of entries that the map can hold; bytes for a ring buffer."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"type", map_type, NULL,
     "Kind of map; a plain int where this build does not know it.", NULL},
    {"fd", map_fd, NULL, "File descriptor, owned by the object.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "A map in the kernel, used as a dictionary.\n\n"
     "Keys and values are bytes of the map's sizes; where BTF says that they are a\n"
     "single int, float, bool, char, enum or pointer, they are numbers. An array's\n"
     "keys are its indices. `bool(m)` is True, also for an empty map."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, getset},
    {Py_tp_repr, map_repr},
    {Py_tp_iter, tb_map_iter},
    {Py_mp_subscript, map_subscript},
    {Py_mp_ass_subscript, map_ass_subscript},
    {Py_mp_length, tb_map_length},
    {Py_sq_contains, map_contains},
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
