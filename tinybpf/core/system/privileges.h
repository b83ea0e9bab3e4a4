/* SPDX-License-Identifier: MIT
 *
 * tinybpf.drop_privileges().
 */
#ifndef TB_SYSTEM_PRIVILEGES_H
#define TB_SYSTEM_PRIVILEGES_H

#include "base/abi3.h"

/* drop_privileges(keep=(), user=None); METH_VARARGS | METH_KEYWORDS. */
PyObject *tb_privileges_drop(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
