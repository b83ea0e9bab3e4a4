/* SPDX-License-Identifier: MIT
 *
 * One entry of a map (map/entry.h): what is done with it, and behind that how the
 * methods are called.
 *
 * Making a key or value of a Python object may run Python code, which may close the
 * map: the descriptor is asked for again behind it.
 */
#include "map/entry.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/code.h"
#include "map/descriptor.h"
#include "map/error.h"
#include "map/flags.h"
#include "map/kind.h"
#include "map/mapped.h"
#include "map/queue.h"
#include "map/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* What an operation works on: the descriptor, one key, its values. */
struct entry {
    int fd;
    int opened; /* owned; of a path or process that is its key or value, or -1 */
    struct buffer key, value;
};

static void
entry_free(struct entry *entry)
{
    buffer_free(&entry->key);
    buffer_free(&entry->value);
    if (entry->opened >= 0) {
        close(entry->opened);
    }
}

/* Make the buffers; 0, or -1 with an exception. Freed by entry_free in both cases. */
static int
entry_init(struct entry *entry, BpfMap *self)
{
    entry->key.data = entry->value.data = NULL;
    entry->opened = -1;
    entry->fd = tb_map_fd(self);
    if (entry->fd < 0 || buffer_init(&entry->key, self->traits.key.size) == NULL ||
        buffer_init(&entry->value, self->traits.span) == NULL) {
        return -1;
    }
    return 0;
}

/* Open what a key or value is a path of, and write its descriptor: 1, 0 if it is no
 * such thing, or -1 with an exception. */
static int
entry_open(struct entry *entry, BpfMap *self, PyObject *object, int is_key)
{
    int fd = TB_NOT_OPENED;

    if (self->traits.kind->opens != TB_OPENS_NOTHING) {
        fd = tb_descriptor_open(self, object, is_key);
    }
    if (fd == TB_NOT_OPENED || fd < 0) {
        return fd == TB_NOT_OPENED ? 0 : -1;
    }
    entry->opened = fd;
    memcpy(is_key ? entry->key.data : entry->value.data, &fd, sizeof(fd));
    return 1;
}

static int
encode_value(struct entry *entry, BpfMap *self, PyObject *value, uint64_t flags)
{
    if (tb_map_is_of_one_cpu(flags)) {
        return tb_map_encode_one(self, value, entry->value.data);
    }
    return tb_map_encode_value(self, value, entry->value.data);
}

static PyObject *
decode_value(const struct entry *entry, BpfMap *self, uint64_t flags)
{
    if (tb_map_is_of_one_cpu(flags)) {
        return tb_map_decode_one(self, entry->value.data);
    }
    return tb_map_decode_value(self, entry->value.data);
}

/* Encode a key, and a value unless it is NULL; 0, or -1 with an exception. */
static int
entry_encode(struct entry *entry, BpfMap *self, PyObject *key, PyObject *value,
             uint64_t flags)
{
    int rc = flags == 0 ? 0 : tb_map_check_flags(self, flags);

    if (rc == 0) {
        rc = entry_open(entry, self, key, 1);
    }
    if (rc == 0) {
        rc = tb_map_encode_key(self, key, entry->key.data);
    }
    if (rc >= 0 && value != NULL) {
        rc = entry_open(entry, self, value, 0);
        if (rc == 0) {
            rc = encode_value(entry, self, value, flags);
        }
    }
    return rc < 0 || tb_map_fd(self) < 0 ? -1 : 0;
}

/* What a call about one key came to: 1 done, 0 the key is absent, -1 raised. */
static int
outcome(BpfMap *self, const char *call, int err, uint64_t flags)
{
    if (err == 0 || err == -ENOENT) {
        return err == 0;
    }
    tb_map_raise(self, call, err, flags);
    return -1;
}

/* Read the value of the key that is encoded: out of memory, where the map is that. As
 * outcome() says. */
static int
look_up(BpfMap *self, struct entry *entry, uint64_t flags)
{
    int err;

    if (flags == 0 && tb_mapped_read(self, entry->key.data, entry->value.data)) {
        return 1;
    }
    err =
        bpf_map_lookup_elem_flags(entry->fd, entry->key.data, entry->value.data, flags);
    return outcome(self, "lookup", err, flags);
}

int
tb_entry_find(BpfMap *self, PyObject *key, uint64_t flags, PyObject **out_value)
{
    struct entry entry;
    int rc = -1;

    if (entry_init(&entry, self) == 0 &&
        entry_encode(&entry, self, key, NULL, flags) == 0) {
        rc = look_up(self, &entry, flags);
    }
    if (rc > 0) {
        *out_value = decode_value(&entry, self, flags);
        rc = *out_value ? 1 : -1;
    }
    entry_free(&entry);
    return rc;
}

/* Write the value that is encoded: into memory, where the map is that. 0, or -1 with an
 * exception. */
static int
write_entry(BpfMap *self, struct entry *entry, uint64_t flags)
{
    int err;

    if (flags == BPF_ANY && tb_mapped_write(self, entry->key.data, entry->value.data)) {
        return 0;
    }
    err = bpf_map_update_elem(entry->fd, entry->key.data, entry->value.data, flags);
    if (err < 0) {
        tb_map_raise(self, "update", err, flags);
    }
    return err < 0 ? -1 : 0;
}

int
tb_entry_set(BpfMap *self, PyObject *key, PyObject *value, uint64_t flags)
{
    struct entry entry;
    int rc = -1;

    if (entry_init(&entry, self) == 0 &&
        entry_encode(&entry, self, key, value, flags) == 0) {
        rc = write_entry(self, &entry, flags);
    }
    entry_free(&entry);
    return rc;
}

PyObject *
tb_entry_set_default(BpfMap *self, PyObject *key, PyObject *value)
{
    PyObject *result = NULL;
    /* The kernel sets places that are always there without asking what they hold. */
    uint64_t flags = tb_map_has_holes(self) ? BPF_ANY : BPF_NOEXIST;
    struct entry entry;
    int err, found = 0;

    /* Another may set the key between the look and the setting: look again then. */
    while (found == 0 && PyErr_CheckSignals() == 0) {
        found = tb_entry_find(self, key, 0, &result);
        if (found != 0) {
            break;
        }
        err = -1;
        if (entry_init(&entry, self) == 0 &&
            entry_encode(&entry, self, key, value, 0) == 0) {
            err =
                bpf_map_update_elem(entry.fd, entry.key.data, entry.value.data, flags);
            if (err == 0 && !tb_map_is_of_descriptors(self)) {
                result = tb_map_decode_value(self, entry.value.data);
            }
            else if (err != 0 && err != -EEXIST) {
                tb_map_raise(self, "setdefault", err, 0);
            }
        }
        entry_free(&entry);
        found = err == -EEXIST || (err == 0 && tb_map_is_of_descriptors(self)) ? 0 : -1;
    }
    return result;
}

int
tb_entry_remove(BpfMap *self, PyObject *key)
{
    struct entry entry;
    int rc = -1;

    if (entry_init(&entry, self) == 0 &&
        entry_encode(&entry, self, key, NULL, 0) == 0) {
        int err = bpf_map_delete_elem(entry.fd, entry.key.data);

        if (err < 0 && err == self->traits.kind->absent) {
            err = -ENOENT;
        }
        rc = outcome(self, "delete", err, 0);
    }
    entry_free(&entry);
    return rc;
}

/* Take out the entry of the key that is encoded: as tb_entry_take. In the steps of
 * kernels that cannot do it in one, the value is read before it goes: of a map in a
 * map there may be nothing left behind. */
static int
take_encoded(BpfMap *self, struct entry *entry, uint64_t flags, PyObject **out_value)
{
    void *key = entry->key.data, *value = entry->value.data;
    int err = bpf_map_lookup_and_delete_elem_flags(entry->fd, key, value, flags);
    int is_taken = err == 0;

    if (err == -EINVAL || tb_error_is_unsupported(err)) {
        err = bpf_map_lookup_elem_flags(entry->fd, key, value, flags);
    }
    if (err == 0) {
        *out_value = decode_value(entry, self, flags);
        if (*out_value == NULL) {
            return -1;
        }
    }
    if (err == 0 && !is_taken) {
        if (tb_map_fd(self) < 0) {
            Py_CLEAR(*out_value);
            return -1;
        }
        err = bpf_map_delete_elem(entry->fd, key);
    }
    if (err < 0) {
        Py_CLEAR(*out_value);
    }
    return outcome(self, "pop", err, flags);
}

int
tb_entry_take(BpfMap *self, PyObject *key, uint64_t flags, PyObject **out_value)
{
    struct entry entry;
    int rc = -1;

    *out_value = NULL;
    if (entry_init(&entry, self) == 0 &&
        entry_encode(&entry, self, key, NULL, flags) == 0) {
        rc = take_encoded(self, &entry, flags, out_value);
    }
    entry_free(&entry);
    return rc;
}

/* Take out the first entry that is there: as tb_entry_take_any. */
static int
take_first(BpfMap *self, struct entry *entry, PyObject **out_pair)
{
    PyObject *key, *value = NULL;
    int rc = 0;

    /* Another may take the key between the two steps: the next first one then. */
    while (rc == 0) {
        if (PyErr_CheckSignals() < 0 || tb_map_fd(self) < 0) {
            return -1;
        }
        rc = outcome(self, "popitem",
                     bpf_map_get_next_key(entry->fd, NULL, entry->key.data), 0);
        if (rc <= 0) {
            return rc;
        }
        rc = take_encoded(self, entry, 0, &value);
    }
    if (rc > 0) {
        key = tb_map_decode_key(self, entry->key.data);
        *out_pair = key ? PyTuple_Pack(2, key, value) : NULL;
        Py_XDECREF(key);
        Py_DECREF(value);
        rc = *out_pair ? 1 : -1;
    }
    return rc;
}

int
tb_entry_take_any(BpfMap *self, PyObject **out_pair)
{
    struct entry entry;
    int rc = tb_map_check_walk(self);

    if (rc == 0) {
        rc = entry_init(&entry, self);
        if (rc == 0) {
            rc = take_first(self, &entry, out_pair);
        }
        entry_free(&entry);
    }
    return rc;
}

PyObject *
tb_map_subscript(PyObject *self, PyObject *key)
{
    PyObject *value = NULL;

    if (tb_entry_find((BpfMap *)self, key, 0, &value) == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

int
tb_map_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    BpfMap *self = (BpfMap *)op;
    int found;

    if (value != NULL) {
        return tb_entry_set(self, key, value, BPF_ANY);
    }
    found = tb_entry_remove(self, key);
    if (found == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return found > 0 ? 0 : -1;
}

int
tb_map_contains(PyObject *op, PyObject *key)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *value = NULL;
    int found;

    if (self->traits.type == BPF_MAP_TYPE_BLOOM_FILTER) {
        return tb_map_queue_contains(self, key);
    }
    found = tb_entry_find(self, key, 0, &value);
    Py_XDECREF(value);
    return found;
}

PyObject *
tb_map_lookup(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"lookup", {"key", "flags"}, 1};
    PyObject *given[2], *value = NULL;
    uint64_t flags;

    if (tb_args_read(&signature, args, n, names, given) < 0 ||
        tb_map_read_flags(given[1], &flags) < 0) {
        return NULL;
    }
    if (tb_entry_find((BpfMap *)self, given[0], flags, &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

PyObject *
tb_map_lookup_and_delete(PyObject *self, PyObject *const *args, Py_ssize_t n,
                         PyObject *names)
{
    static const struct tb_args_signature signature = {
        "lookup_and_delete", {"key", "flags"}, 1};
    PyObject *given[2], *value = NULL;
    uint64_t flags;

    if (tb_args_read(&signature, args, n, names, given) < 0 ||
        tb_map_read_flags(given[1], &flags) < 0) {
        return NULL;
    }
    if (tb_entry_take((BpfMap *)self, given[0], flags, &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

PyObject *
tb_map_get_default(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"get", {"key", "default"}, 1};
    PyObject *given[2], *value = NULL;

    if (tb_args_read(&signature, args, n, names, given) < 0) {
        return NULL;
    }
    if (tb_entry_find((BpfMap *)self, given[0], 0, &value) == 0) {
        return tb_new_ref(given[1] ? given[1] : Py_None);
    }
    return value;
}

PyObject *
tb_map_delete(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"delete", {"key"}, 1};
    PyObject *key;
    int found;

    if (tb_args_read(&signature, args, n, names, &key) < 0) {
        return NULL;
    }
    found = tb_entry_remove((BpfMap *)self, key);
    return found < 0 ? NULL : PyBool_FromLong(found);
}
