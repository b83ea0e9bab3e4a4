/* SPDX-License-Identifier: MIT
 *
 * The class of stream/ringbuf.h as Python sees it.
 */
#ifndef TB_CLASS_RINGBUF_H
#define TB_CLASS_RINGBUF_H

#include "base/abi3.h"

int tb_ringbuf_add(PyObject *module);

#endif
