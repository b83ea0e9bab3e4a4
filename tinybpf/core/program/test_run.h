/* SPDX-License-Identifier: MIT
 *
 * BpfProgram.test_run(): run a program in the kernel without its hook.
 */
#ifndef TB_PROGRAM_TEST_RUN_H
#define TB_PROGRAM_TEST_RUN_H

#include "base/abi3.h"

/* The method. It runs without the GIL, and keeps the object alive meanwhile. Linux
 * 4.12; tracing programs later, and not all. */
PyObject *tb_program_test_run(PyObject *self, PyObject *args, PyObject *kwargs);

int tb_test_run_add(PyObject *module);

#endif
