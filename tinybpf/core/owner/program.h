/* SPDX-License-Identifier: MIT
 *
 * BpfProgram: one program of a loaded object.
 */
#ifndef TB_OWNER_PROGRAM_H
#define TB_OWNER_PROGRAM_H

#include "owner/object.h"

struct bpf_program;

typedef struct {
    PyObject_HEAD
    BpfObject *object;          /* owned */
    struct bpf_program *handle; /* borrowed from the object, valid while it is open */
    size_t index;               /* its slot in object->programs */
    PyObject *name;             /* owned; str */
} BpfProgram;

/* The program number index of an open object: the living one, or a new one. */
PyObject *tb_program_get(BpfObject *object, size_t index);

/* The handle, or NULL with BpfClosedError set. */
struct bpf_program *tb_program_handle(BpfProgram *self);

/* The same of a program that is in the kernel: an exception says what to do if not. */
struct bpf_program *tb_program_loaded(BpfProgram *self);

#endif
