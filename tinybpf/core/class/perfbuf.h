/* SPDX-License-Identifier: MIT
 *
 * The class of stream/perfbuf.h as Python sees it.
 */
#ifndef TB_CLASS_PERFBUF_H
#define TB_CLASS_PERFBUF_H

#include "base/abi3.h"

int tb_perfbuf_add(PyObject *module);

#endif
