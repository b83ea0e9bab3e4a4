/* SPDX-License-Identifier: MIT
 *
 * BpfLink: a program attached to a hook, or a link that was in the kernel already.
 */
#ifndef TB_OWNER_LINK_H
#define TB_OWNER_LINK_H

#include "owner/found.h"
#include "owner/program.h"

struct bpf_link;
struct tb_attachment;

typedef struct BpfLink {
    PyObject_HEAD
    struct bpf_link *handle;          /* owned; NULL after destroy, or if it is ... */
    struct tb_attachment *attachment; /* owned; NULL after destroy, or none */
    struct tb_found found;            /* of a stand-alone one: where it was found */
    BpfObject *object;                /* owned; NULL: stand-alone */
    PyObject *program;                /* owned; str, the program's name */
    PyObject *target;                 /* owned; str, what it is attached to, for repr */
    PyObject *pin;         /* owned; str, where it is pinned; NULL: nowhere */
    int disconnected;      /* its end does not detach */
    int detached;          /* by force: it runs nothing any more */
    const char *why_no_fd; /* its handle has none of its own, as a sentence goes on;
                            * NULL: it has */
    int is_finished;       /* of tb_state_finish() */
    struct BpfLink *prev, *next; /* borrowed; the object's list of live links */
} BpfLink;

/* Make a link of a program attached to the target; takes the handle also when
 * it fails. */
PyObject *tb_link_new_steal(BpfProgram *program, struct bpf_link *handle,
                            PyObject *target);

/* The same of what has no program: of an object, and of a map of that name. */
PyObject *tb_link_new_of_steal(BpfObject *object, PyObject *name,
                               struct bpf_link *handle, PyObject *target);

/* Make a link of what libbpf has no handle for; takes it also when it fails. */
PyObject *tb_link_new_attachment_steal(BpfProgram *program,
                                       struct tb_attachment *attachment,
                                       PyObject *target);

/* Make a stand-alone link that waits to be opened. */
PyObject *tb_link_new_found(struct tb_state *state, const struct tb_found *found,
                            PyObject *program, const char *kind);

/* Open one that waits; 0, or -1 with an exception. */
int tb_link_open_found(BpfLink *self);

/* Make a stand-alone link of a link's descriptor, which it takes also when it fails, of
 * the program of that name and of a kind of link. It has no pin. */
PyObject *tb_link_new_standalone_steal(struct tb_state *state, int fd,
                                       PyObject *program, const char *kind);

static inline int
tb_link_is_standalone(const BpfLink *self)
{
    return self->object == NULL;
}

/* It runs another program from now on: its name is told, and the link ends with its
 * object, if that has one. */
void tb_link_adopt(BpfLink *self, BpfProgram *program);

/* Whether it is not destroyed. */
int tb_link_is_open(const BpfLink *self);

/* The descriptor; -1 after destroy, for what the kernel has no link of, and for several
 * links in one: libbpf leaves what it has for those at 0 (bpf_program__attach_usdt),
 * which is somebody else's. */
int tb_link_fd(const BpfLink *self);

/* A duplicate of it for one call: another thread may close the link while the GIL is
 * released. -1 with an exception, which says why the link cannot be "pinned". */
int tb_link_duplicate(BpfLink *self, const char *participle);

/* Let what is attached stay when the link ends. */
void tb_link_disconnect(BpfLink *self);

/* The one release function: idempotent, raises nothing; 0 or libbpf's -errno. */
int tb_link_destroy(BpfLink *self);

/* Destroy every live link of an object; libbpf's first -errno, or 0. */
int tb_link_destroy_all(BpfObject *object);

/* Raise for a link whose destruction failed; returns NULL. */
void *tb_link_raise(BpfLink *self, int err);

#endif
