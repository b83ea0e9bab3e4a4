/* SPDX-License-Identifier: MIT
 *
 * BpfLink: a program attached to a hook.
 */
#ifndef TB_OWNER_LINK_H
#define TB_OWNER_LINK_H

#include "owner/program.h"

struct bpf_link;
struct tb_attachment;

typedef struct BpfLink {
    PyObject_HEAD
    struct bpf_link *handle;          /* owned; NULL after destroy, or if it is ... */
    struct tb_attachment *attachment; /* owned; NULL after destroy, or none */
    BpfObject *object;                /* owned */
    PyObject *program;                /* owned; str, the program's name */
    PyObject *target;                 /* owned; str, what it is attached to, for repr */
    PyObject *pin;               /* owned; str, where it is pinned; NULL: nowhere */
    int disconnected;            /* its end does not detach */
    int is_compound;             /* several links, whose descriptors libbpf keeps */
    int is_finished;             /* of tb_state_finish() */
    struct BpfLink *prev, *next; /* borrowed; the object's list of live links */
} BpfLink;

/* Make a link of a program attached to the target; takes the handle also when
 * it fails. */
PyObject *tb_link_new_steal(BpfProgram *program, struct bpf_link *handle,
                            PyObject *target);

/* Make a link of what libbpf has no handle for; takes it also when it fails. */
PyObject *tb_link_new_attachment_steal(BpfProgram *program,
                                       struct tb_attachment *attachment,
                                       PyObject *target);

/* Whether it is not destroyed. */
int tb_link_is_open(const BpfLink *self);

/* The descriptor; -1 after destroy, for what the kernel has no link of, and for a
 * compound link: libbpf leaves what it has for that at 0 (bpf_program__attach_usdt),
 * which is somebody else's. */
int tb_link_fd(const BpfLink *self);

/* Why an open link has none, as a sentence goes on. */
const char *tb_link_why_no_fd(const BpfLink *self);

/* Let what is attached stay when the link ends. */
void tb_link_disconnect(BpfLink *self);

/* The one release function: idempotent, raises nothing; 0 or libbpf's -errno. */
int tb_link_destroy(BpfLink *self);

/* Destroy every live link of an object; libbpf's first -errno, or 0. */
int tb_link_destroy_all(BpfObject *object);

/* Raise for a link whose destruction failed; returns NULL. */
void *tb_link_raise(BpfLink *self, int err);

#endif
