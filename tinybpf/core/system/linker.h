/* SPDX-License-Identifier: MIT
 *
 * Several objects as one: libbpf's static linker.
 */
#ifndef TB_SYSTEM_LINKER_H
#define TB_SYSTEM_LINKER_H

#include "base/abi3.h"

/* A function of the module: link(*objects) -> bytes. */
PyObject *tb_linker_link(PyObject *module, PyObject *objects);

#endif
