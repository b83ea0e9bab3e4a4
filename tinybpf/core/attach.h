/* SPDX-License-Identifier: MIT
 *
 * Attaching: from a program, or all of an object's, to links.
 */
#ifndef TB_ATTACH_H
#define TB_ATTACH_H

#include "program.h"

/* BpfProgram.attach(): attach to what the section names. */
PyObject *tb_attach_program(PyObject *self, PyObject *unused);

/* BpfObject.attach(): attach all that can attach itself, or nothing. */
PyObject *tb_attach_object(PyObject *self, PyObject *unused);

#endif
