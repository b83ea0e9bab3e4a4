/* SPDX-License-Identifier: MIT
 *
 * The part of a Btf that objects need to be loaded.
 */
#ifndef TB_BTF_MINIMIZE_H
#define TB_BTF_MINIMIZE_H

#include "base/abi3.h"

/* The method Btf.minimize(). */
PyObject *tb_btf_minimize(PyObject *self, PyObject *objects);

#endif
