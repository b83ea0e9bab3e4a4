/* SPDX-License-Identifier: MIT
 *
 * BpfProgram.test_run(): run a program in the kernel without its hook.
 */
#ifndef TB_RUN_H
#define TB_RUN_H

#include "abi3.h"

PyObject *tb_run_test(PyObject *self, PyObject *args, PyObject *kwargs);

int tb_run_add(PyObject *module);

#endif
