/* SPDX-License-Identifier: MIT
 *
 * BpfObject: the owner of everything that was loaded from one file.
 */
#ifndef TB_OWNER_OBJECT_H
#define TB_OWNER_OBJECT_H

#include "base/state.h"

struct bpf_object;
struct BpfLink;
struct tb_section;

/* How far the object is. A failed step closes it. */
enum tb_phase {
    TB_OPENED,   /* in this process only: settings and initial values can be set */
    TB_BUSY,     /* a thread is in libbpf to take one of the steps below */
    TB_PREPARED, /* relocated, its maps are in the kernel */
    TB_LOADED,   /* its programs too */
};

/* A program or a map of the object. Its Python wrapper holds the object, so the
 * object must not hold the wrapper: a wrapper's finaliser empties its slot. */
struct tb_member {
    char *name;   /* owned: libbpf renames a map that takes over another one */
    void *handle; /* borrowed from the object: bpf_program or bpf_map */
    uint32_t key_type_id, value_type_id; /* of a map, in the object's BTF; 0: none */
    int is_reused;                       /* of a map: it takes over one that exists */
    int lent_fd; /* owned; libbpf has its number until it is loaded: what a map's inner
                  * maps are like, the program to attach to; 0: none */
    PyObject *wrapper; /* borrowed; NULL: not made, or gone */
};

struct tb_members {
    struct tb_member *items; /* owned; NULL after close */
    size_t n;
};

/* Empty the slot of a wrapper that ends; its object may be closed. */
void tb_object_forget(struct tb_members *members, size_t index, PyObject *wrapper);

/* Close what a member was lent for its loading. */
void tb_object_drop_lent(struct tb_member *member);

/* One who is told when the object closes: after its links are gone, so that all is
 * there that they wrote. */
struct tb_object_watch {
    void (*closed)(struct tb_object_watch *watch); /* runs no Python code */
    struct tb_object_watch *next, **at;            /* at is NULL: in no list */
};

typedef struct BpfObject {
    PyObject_HEAD
    struct bpf_object *handle; /* owned; NULL after close */
    enum tb_phase phase;
    int btf_fd;            /* owned; types given as bytes, -1: none, or used up */
    int users;             /* calls inside libbpf without the GIL */
    int closing;           /* closed by a caller, kept for the users above */
    int is_finished;       /* of tb_state_finish() */
    PyObject *name;        /* owned; str */
    PyObject *path;        /* owned; str, as it was given */
    PyObject *image;       /* owned; bytes that it was opened from */
    PyObject *btf;         /* owned; Btf or None; NULL until asked for */
    PyObject *classes;     /* owned; dict: name in BTF -> registered class; or NULL */
    PyObject *class_names; /* owned; dict: registered class -> name; or NULL */
    struct tb_members programs, maps;
    struct tb_section *sections; /* owned; those that were asked for */
    void *arena;                 /* borrowed; variables in its arena, once it is loaded;
                                  * NULL: it has none */
    struct BpfLink *links;       /* borrowed; first of the live links made from it */
    struct tb_object_watch *watches; /* borrowed; first of those who are to be told */
} BpfObject;

/* The handle, or NULL with BpfClosedError set. */
struct bpf_object *tb_object_handle(BpfObject *self);
int tb_object_is_open(const BpfObject *self); /* NULL is not open */

/* The same where it must be in the kernel: so far, or further. The exception says what
 * to call. */
struct bpf_object *tb_object_reached(BpfObject *self, enum tb_phase phase);

/* Keep the handle and the members alive over a call without the GIL, in which another
 * thread may close the object, and over calls of Python, which the collector may come
 * into to do the same: it is destroyed when the last user releases it. */
struct bpf_object *tb_object_acquire(BpfObject *self);
void tb_object_release(BpfObject *self);

/* The one release function: idempotent, never raises, called by all that end it. */
void tb_object_close(BpfObject *self);

/* Begin to watch an object that is open; leave off, which may be done again, and after
 * the object has gone. */
void tb_object_watch(BpfObject *self, struct tb_object_watch *watch);
void tb_object_unwatch(struct tb_object_watch *watch);

/* Make the object around an opened handle; takes the handle also when it fails. */
PyObject *tb_object_new_steal(struct tb_state *state, struct bpf_object *handle,
                              const char *name, PyObject *path);

/* Its Btf or None, borrowed, still valid after close if it was asked for before; NULL
 * with an exception. */
PyObject *tb_object_btf(BpfObject *self);

#endif
