/* SPDX-License-Identifier: MIT
 *
 * An object opened once more, over the maps of the one that is loaded.
 */
#ifndef TB_OBJECT_REOPEN_H
#define TB_OBJECT_REOPEN_H

#include "base/abi3.h"

/* BpfObject.reopen(). */
PyObject *tb_object_reopen(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
