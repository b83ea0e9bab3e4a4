/* SPDX-License-Identifier: MIT
 *
 * A Btf, or one type of it, as C.
 */
#ifndef TB_BTF_DUMP_H
#define TB_BTF_DUMP_H

#include "btf/btf.h"

/* The method Btf.dump(). */
PyObject *tb_btf_dump(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
