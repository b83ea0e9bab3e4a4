/* SPDX-License-Identifier: MIT
 *
 * One entry of a map (map_entry.h). It does not know how methods are called (map.c,
 * map_mutable.c), nor what the bytes mean (map_value.c).
 *
 * Making a key or value of a Python object may run Python code, which may close the
 * map: the descriptor is asked for again behind it.
 */
#include "map_entry.h"

#include "error.h"
#include "libbpf.h"

#include <errno.h>
#include <stdlib.h>

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
    struct buffer key, value;
};

static void
entry_free(struct entry *entry)
{
    buffer_free(&entry->key);
    buffer_free(&entry->value);
}

/* Make the buffers; 0, or -1 with an exception. Freed by entry_free in both cases. */
static int
entry_init(struct entry *entry, BpfMap *self)
{
    entry->key.data = entry->value.data = NULL;
    entry->fd = tb_map_fd(self);
    if (entry->fd < 0 || buffer_init(&entry->key, self->key.size) == NULL ||
        buffer_init(&entry->value, self->span) == NULL) {
        return -1;
    }
    return 0;
}

/* Encode a key, and a value unless it is NULL; 0, or -1 with an exception. */
static int
entry_encode(struct entry *entry, BpfMap *self, PyObject *key, PyObject *value)
{
    if (tb_map_encode_key(self, key, entry->key.data) < 0) {
        return -1;
    }
    if (value != NULL && tb_map_encode_value(self, value, entry->value.data) < 0) {
        return -1;
    }
    return tb_map_fd(self) < 0 ? -1 : 0;
}

void *
tb_entry_raise(BpfMap *self, const char *call, int err)
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

/* What a call about one key came to: 1 done, 0 the key is absent, -1 raised. */
static int
outcome(BpfMap *self, const char *call, int err)
{
    if (err == 0 || err == -ENOENT) {
        return err == 0;
    }
    tb_entry_raise(self, call, err);
    return -1;
}

int
tb_entry_find(BpfMap *self, PyObject *key, PyObject **out_value)
{
    struct entry entry;
    int rc = -1;

    if (entry_init(&entry, self) == 0 && entry_encode(&entry, self, key, NULL) == 0) {
        rc = outcome(self, "lookup",
                     bpf_map_lookup_elem(entry.fd, entry.key.data, entry.value.data));
    }
    if (rc > 0) {
        *out_value = tb_map_decode_value(self, entry.value.data);
        rc = *out_value ? 1 : -1;
    }
    entry_free(&entry);
    return rc;
}

int
tb_entry_set(BpfMap *self, PyObject *key, PyObject *value, uint64_t flags)
{
    struct entry entry;
    int err, rc = -1;

    if (entry_init(&entry, self) == 0 && entry_encode(&entry, self, key, value) == 0) {
        err = bpf_map_update_elem(entry.fd, entry.key.data, entry.value.data, flags);
        if (err < 0) {
            tb_entry_raise(self, "update", err);
        }
        rc = err < 0 ? -1 : 0;
    }
    entry_free(&entry);
    return rc;
}

PyObject *
tb_entry_set_default(BpfMap *self, PyObject *key, PyObject *value)
{
    PyObject *result = NULL;
    struct entry entry;
    int err, found = 0;

    /* Another may set the key between the look and the setting: look again then. */
    while (found == 0 && PyErr_CheckSignals() == 0) {
        found = tb_entry_find(self, key, &result);
        if (found != 0) {
            break;
        }
        err = -1;
        if (entry_init(&entry, self) == 0 &&
            entry_encode(&entry, self, key, value) == 0) {
            err = bpf_map_update_elem(entry.fd, entry.key.data, entry.value.data,
                                      BPF_NOEXIST);
            if (err == 0) {
                result = tb_map_decode_value(self, entry.value.data);
            }
            else if (err != -EEXIST) {
                tb_entry_raise(self, "setdefault", err);
            }
        }
        entry_free(&entry);
        found = err == -EEXIST ? 0 : -1;
    }
    return result;
}

int
tb_entry_remove(BpfMap *self, PyObject *key)
{
    struct entry entry;
    int rc = -1;

    if (entry_init(&entry, self) == 0 && entry_encode(&entry, self, key, NULL) == 0) {
        rc = outcome(self, "delete", bpf_map_delete_elem(entry.fd, entry.key.data));
    }
    entry_free(&entry);
    return rc;
}

/* Take out the entry of the key that is encoded: as tb_entry_take. */
static int
take_encoded(BpfMap *self, struct entry *entry)
{
    int err =
        bpf_map_lookup_and_delete_elem(entry->fd, entry->key.data, entry->value.data);

    if (err == -ENOTSUPP || err == -EOPNOTSUPP || err == -EINVAL) {
        err = bpf_map_lookup_elem(entry->fd, entry->key.data, entry->value.data);
        if (err == 0) {
            err = bpf_map_delete_elem(entry->fd, entry->key.data);
        }
    }
    return outcome(self, "pop", err);
}

int
tb_entry_take(BpfMap *self, PyObject *key, PyObject **out_value)
{
    struct entry entry;
    int rc = -1;

    if (entry_init(&entry, self) == 0 && entry_encode(&entry, self, key, NULL) == 0) {
        rc = take_encoded(self, &entry);
    }
    if (rc > 0) {
        *out_value = tb_map_decode_value(self, entry.value.data);
        rc = *out_value ? 1 : -1;
    }
    entry_free(&entry);
    return rc;
}

static PyObject *
decode_pair(const BpfMap *self, const struct entry *entry)
{
    PyObject *key = tb_map_decode_key(self, entry->key.data);
    PyObject *value = tb_map_decode_value(self, entry->value.data);
    PyObject *pair = key && value ? PyTuple_Pack(2, key, value) : NULL;

    Py_XDECREF(key);
    Py_XDECREF(value);
    return pair;
}

int
tb_entry_take_any(BpfMap *self, PyObject **out_pair)
{
    struct entry entry;
    int rc = entry_init(&entry, self);
    int taken = 0;

    /* Another may take the key between the two steps: the next first one then. */
    while (rc == 0 && taken == 0) {
        rc = PyErr_CheckSignals();
        if (rc == 0 && tb_map_fd(self) < 0) {
            rc = -1;
        }
        if (rc == 0) {
            int err = bpf_map_get_next_key(entry.fd, NULL, entry.key.data);

            rc = outcome(self, "popitem", err);
            if (rc <= 0) {
                break;
            }
            taken = take_encoded(self, &entry);
            rc = taken < 0 ? -1 : 0;
        }
    }
    if (taken > 0) {
        *out_pair = decode_pair(self, &entry);
        rc = *out_pair ? 1 : -1;
    }
    entry_free(&entry);
    return rc;
}
