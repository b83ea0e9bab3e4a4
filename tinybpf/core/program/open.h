/* SPDX-License-Identifier: MIT
 *
 * Programs that are in the kernel already: opened by descriptor or id.
 */
#ifndef TB_PROGRAM_OPEN_H
#define TB_PROGRAM_OPEN_H

#include "base/state.h"

struct bpf_prog_info;

/* A stand-alone program of a program's descriptor, which it takes also when it fails.
 * Its name is that of its function in BTF: the kernel's own ends after 15 bytes. */
PyObject *tb_program_wrap_steal(struct tb_state *state, int fd,
                                const struct bpf_prog_info *info);

/* The program of that id, which waits to be opened until it is used; NULL without an
 * exception if there is none any more. scan: what knows who holds it. */
PyObject *tb_program_find(struct tb_state *state, uint32_t id, PyObject *scan);

/* BpfProgram.from_fd() and BpfProgram.from_id(). */
PyObject *tb_program_from_fd(PyObject *cls, PyObject *number);
PyObject *tb_program_from_id(PyObject *cls, PyObject *number);

#endif
