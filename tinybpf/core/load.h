/* SPDX-License-Identifier: MIT
 *
 * load(): from a file to a loaded object.
 */
#ifndef TB_LOAD_H
#define TB_LOAD_H

#include "abi3.h"

/* load(path), a function of the module. */
PyObject *tb_load(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
