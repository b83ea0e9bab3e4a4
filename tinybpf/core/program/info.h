/* SPDX-License-Identifier: MIT
 *
 * What the kernel says of a program: as one value, its id, and its instructions.
 */
#ifndef TB_PROGRAM_INFO_H
#define TB_PROGRAM_INFO_H

#include "base/abi3.h"

/* Getters of BpfProgram. */
PyObject *tb_program_id(PyObject *self, void *unused);
PyObject *tb_program_section(PyObject *self, void *unused);
PyObject *tb_program_info(PyObject *self, void *unused);

/* BpfProgram.xlated(), .jited() and .lines(). */
PyObject *tb_program_xlated(PyObject *self, PyObject *unused);
PyObject *tb_program_jited(PyObject *self, PyObject *unused);
PyObject *tb_program_lines(PyObject *self, PyObject *unused);

#endif
