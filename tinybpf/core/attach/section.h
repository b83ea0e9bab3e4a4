/* SPDX-License-Identifier: MIT
 *
 * Attaching to what sections name: a program, or all of an object's.
 */
#ifndef TB_ATTACH_SECTION_H
#define TB_ATTACH_SECTION_H

#include "base/abi3.h"

/* BpfProgram.attach(): attach to what the section names, with options of its kind. */
PyObject *tb_attach_program(PyObject *self, PyObject *args, PyObject *kwargs);

/* BpfObject.attach(): attach all that can attach itself, or nothing. */
PyObject *tb_attach_object(PyObject *self, PyObject *unused);

#endif
