/* SPDX-License-Identifier: MIT
 *
 * BpfProgram: one program of an object, or one that was in the kernel already.
 */
#ifndef TB_OWNER_PROGRAM_H
#define TB_OWNER_PROGRAM_H

#include "owner/found.h"
#include "owner/object.h"

struct bpf_program;

typedef struct {
    PyObject_HEAD
    BpfObject *object;          /* owned; NULL: stand-alone */
    struct bpf_program *handle; /* borrowed from the object, valid while it is open;
                                 * NULL if stand-alone */
    size_t index;               /* its slot in object->programs */
    PyObject *name;             /* owned; str */
    uint32_t type;              /* enum bpf_prog_type of a stand-alone one */
    int fd;                     /* owned if stand-alone; -1 after close, and else */
    struct tb_found found;      /* of a stand-alone one: where it was found */
    int users;                  /* of a stand-alone one: calls without the GIL */
    int closing;                /* closed by a caller, kept for the users above */
    int is_finished;            /* of tb_state_finish() */
} BpfProgram;

/* The program number index of an open object: the living one, or a new one. */
PyObject *tb_program_get(BpfObject *object, size_t index);

/* A stand-alone program of a descriptor, which it takes also when it fails; -1 of one
 * that waits to be opened. */
PyObject *tb_program_new_steal(struct tb_state *state, int fd, uint32_t type,
                               const char *name);

static inline int
tb_program_is_standalone(const BpfProgram *self)
{
    return self->object == NULL;
}

/* Whether it, or the object that it belongs to, is not closed. */
int tb_program_is_open(const BpfProgram *self);

/* libbpf's program, or NULL with an exception: it is closed, or stand-alone, of which
 * libbpf knows nothing. */
struct bpf_program *tb_program_handle(BpfProgram *self);

/* The same of a program that is in the kernel: an exception says what to do if not. */
struct bpf_program *tb_program_loaded(BpfProgram *self);

/* The descriptor of either, or -1 with an exception. */
int tb_program_fd(BpfProgram *self);

/* The same, valid over a call without the GIL: what another thread closes meanwhile
 * ends when the last user releases it. */
int tb_program_acquire(BpfProgram *self);
void tb_program_release(BpfProgram *self);

/* The same for a question alone, for which one that waits is opened and closed again.
 */
int tb_program_borrow(BpfProgram *self, int *out_own);
void tb_program_give_back(BpfProgram *self, int own);

/* End a stand-alone program; idempotent. Others live as long as their object. */
void tb_program_close(BpfProgram *self);

#endif
