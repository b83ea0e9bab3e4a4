/* SPDX-License-Identifier: MIT
 *
 * BpfMap: one map, used as a dictionary.
 */
#ifndef TB_OWNER_MAP_H
#define TB_OWNER_MAP_H

#include "owner/object.h"
#include "value/codec.h"

struct Btf;
struct bpf_map_info;
struct btf;
struct tb_map_kind;

typedef struct BpfMap {
    PyObject_HEAD
    BpfObject *object;     /* owned; NULL: stand-alone, or finalised */
    struct BpfMap *origin; /* owned; the map that typed() made it of; NULL: none */
    size_t index;          /* its slot in object->maps */
    PyObject *name;        /* owned; str */
    int fd;      /* borrowed from the object; owned if stand-alone; -1 after close, and
                  * while the map is not in the kernel */
    int users;   /* of a stand-alone map: calls without the GIL */
    int closing; /* closed by a caller, kept for the users above */
    uint32_t type; /* enum bpf_map_type */
    uint32_t max_entries;
    uint32_t flags;    /* BPF_F_* that it was made with */
    uint32_t chunk;    /* entries that a walk fetches at once; 0: it decides */
    int absent;        /* -errno of deletes that find nothing, besides -ENOENT; or 1 */
    int is_inner;      /* read out of another map: may be dropped without a word */
    PyObject *mapping; /* owned; the arena's memory, NULL until needed */
    const struct tb_map_kind *kind; /* NULL: nothing particular */
    uint32_t n_values; /* values of one key: 1, or the possible CPUs if per-CPU */
    uint32_t span;     /* bytes of the values of one key as the kernel copies them */
    PyObject *types;   /* owned; for repr(): " flow -> stats", or the sizes */
    struct tb_codec key, value;
    uint32_t key_btf_id, value_btf_id; /* types in tb_map_btf(); 0: unknown */
    struct Btf *btf;                   /* owned; of a stand-alone map; NULL: none */
} BpfMap;

/* The map number index of an open object: the living one, or a new one. */
PyObject *tb_map_get(BpfObject *object, size_t index);

/* Take over what a setting, or loading, has changed; 0, or -1 with an exception. */
int tb_map_refresh(BpfMap *self);

/* A stand-alone map, which owns the descriptor; takes it also when it fails. btf may
 * be NULL. */
PyObject *tb_map_new_steal(struct tb_state *state, int fd,
                           const struct bpf_map_info *info, struct Btf *btf);

/* End a stand-alone map; idempotent. Others live as long as their object. */
void tb_map_close(BpfMap *self);

/* A second handle of the same map, whose codecs can be changed. It lives and ends with
 * the first one. */
BpfMap *tb_map_twin(BpfMap *self);

/* The map that it is a handle of: the same for all that typed() made. */
const BpfMap *tb_map_origin(const BpfMap *self);

/* The type information of its keys and values, borrowed, NULL if there is none; 0, or
 * -1 with an exception. */
int tb_map_btf(BpfMap *self, struct Btf **out_btf);

/* Whether it, or the object that it belongs to, is not closed. */
int tb_map_is_open(const BpfMap *self);

/* The descriptor, or -1 with an exception: the map is closed, or not in the kernel. */
int tb_map_fd(BpfMap *self);

/* The same, valid over a call without the GIL: what another thread closes meanwhile
 * ends when the last user releases it. */
int tb_map_acquire(BpfMap *self);
void tb_map_release(BpfMap *self);

/* Whether it is open and in the kernel. */
int tb_map_is_live(const BpfMap *self);

/* Fill in what the kernel and BTF say of the map; 0, or -1 with an exception. */
int tb_map_describe(BpfMap *self, const struct bpf_map_info *info,
                    const struct btf *btf);

/* Whether its keys are indices, all of them always there. */
int tb_map_is_array(const BpfMap *self);

/* Whether a key has a value for each possible CPU. */
int tb_map_is_percpu(const BpfMap *self);

/* Between Python values and what the kernel copies; span bytes for values. */
int tb_map_encode_key(const BpfMap *self, PyObject *key, void *out);
int tb_map_encode_value(const BpfMap *self, PyObject *value, void *out);
PyObject *tb_map_decode_key(const BpfMap *self, const void *data);
PyObject *tb_map_decode_value(const BpfMap *self, const void *data);

/* The same for the value of one CPU, of a per-CPU map too. */
int tb_map_encode_one(const BpfMap *self, PyObject *value, void *out);
PyObject *tb_map_decode_one(const BpfMap *self, const void *data);

int tb_map_add(PyObject *module);

#endif
