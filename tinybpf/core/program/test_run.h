/* SPDX-License-Identifier: MIT
 *
 * BpfProgram.test_run(): run a program in the kernel without its hook.
 */
#ifndef TB_PROGRAM_TEST_RUN_H
#define TB_PROGRAM_TEST_RUN_H

#include "base/abi3.h"

PyObject *tb_run_test(PyObject *self, PyObject *args, PyObject *kwargs);

int tb_run_add(PyObject *module);

#endif
