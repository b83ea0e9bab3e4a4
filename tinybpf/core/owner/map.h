/* SPDX-License-Identifier: MIT
 *
 * BpfMap: a handle of one map, and its life.
 */
#ifndef TB_OWNER_MAP_H
#define TB_OWNER_MAP_H

#include "catalog/map.h"
#include "owner/found.h"
#include "owner/object.h"
#include "owner/window.h"
#include "value/codec.h"

struct Btf;

/* What the kernel and BTF say of a map, and what a program says of its types. */
struct tb_map_traits {
    const struct tb_map_kind *kind; /* what is particular to its type */
    uint32_t type;                  /* enum bpf_map_type */
    uint32_t max_entries;
    uint32_t flags;    /* BPF_F_* that it was made with */
    uint32_t n_values; /* values of one key: 1, or the possible CPUs if per-CPU */
    uint32_t span;     /* bytes of the values of one key as the kernel copies them */
    uint32_t chunk;    /* entries that a walk fetches at once; 0: it decides */
    uint32_t key_btf_id, value_btf_id; /* types in tb_map_btf(); 0: unknown */
    struct tb_codec key, value;        /* their classes are owned */
    PyObject *types; /* owned; for repr(): " flow -> stats", or the sizes */
};

typedef struct BpfMap {
    PyObject_HEAD
    /* whose it is */
    BpfObject *object;     /* owned; NULL: stand-alone */
    size_t index;          /* its slot in object->maps */
    struct BpfMap *origin; /* owned; the map that typed() made it of; NULL: none */
    /* the handle */
    int fd; /* borrowed from the object; owned if stand-alone; -1 after close, and
             * while the map is not in the kernel, or waits to be opened */
    struct tb_found found; /* of a stand-alone map: where it was found */
    /* Take over what the kernel says of the types of one that waited; 0, or -1 with an
     * exception. NULL: it does not wait. */
    int (*complete)(struct BpfMap *self, int fd);
    int users;   /* of a stand-alone map: calls without the GIL */
    int closing; /* closed by a caller, kept for the users above */
    /* its life */
    PyObject *name;           /* owned; str */
    struct Btf *btf;          /* owned; of a stand-alone map; NULL: none */
    PyObject *mapping;        /* owned; the arena's memory, NULL until needed */
    struct tb_window *window; /* counted there; an mmapable array's memory; NULL: not
                               * needed yet, refused, or closed */
    int is_mapped;            /* it was asked for */
    struct tb_object_watch watch; /* of the object, which ends it, too */
    int is_finished;              /* of tb_state_finish() */

    struct tb_map_traits traits;
} BpfMap;

/* A map without descriptor, object and traits: the part that all have in common. */
BpfMap *tb_map_new(struct tb_state *state, const char *name);

/* A second handle of the same map, whose codecs can be changed; NULL with an exception.
 * It ends with the object, or by itself if the map is stand-alone. */
BpfMap *tb_map_twin(BpfMap *self);

/* The map that it is a handle of: the same for all that typed() made. */
const BpfMap *tb_map_origin(const BpfMap *self);

/* Whether it belongs to no object, and is to be closed by itself. */
static inline int
tb_map_is_standalone(const BpfMap *self)
{
    return self->object == NULL;
}

/* Put other traits in the place of those that it has, which are dropped. */
void tb_map_set_traits_steal(BpfMap *self, const struct tb_map_traits *traits);

/* Drop what traits own. */
void tb_map_traits_clear(struct tb_map_traits *traits);

/* The type information of its keys and values, borrowed, NULL if there is none; 0, or
 * -1 with an exception. */
int tb_map_btf(BpfMap *self, struct Btf **out_btf);

/* Whether it, or the object that it belongs to, is not closed. */
int tb_map_is_open(const BpfMap *self);

/* Whether it is open and in the kernel; one that waits to be opened is. */
int tb_map_is_live(const BpfMap *self);

/* The descriptor, or -1 with an exception: the map is closed, or not in the kernel. */
int tb_map_fd(BpfMap *self);

/* The same, valid over a call without the GIL: what another thread closes meanwhile
 * ends when the last user releases it. */
int tb_map_acquire(BpfMap *self);
void tb_map_release(BpfMap *self);

/* The same for a question alone, for which one that waits is opened and closed again.
 */
int tb_map_borrow(BpfMap *self, int *out_own);
void tb_map_give_back(BpfMap *self, int own);

/* Give it a window, NULL for none, until it, or its object, is closed. */
void tb_map_set_window_steal(BpfMap *self, struct tb_window *window);

/* Drop it, which may be done again. */
void tb_map_drop_window(BpfMap *self);

/* End a stand-alone map; idempotent. Others live as long as their object. */
void tb_map_close(BpfMap *self);

#endif
