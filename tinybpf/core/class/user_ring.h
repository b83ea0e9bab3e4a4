/* SPDX-License-Identifier: MIT
 *
 * The class of stream/user_ring.h as Python sees it.
 */
#ifndef TB_CLASS_USER_RING_H
#define TB_CLASS_USER_RING_H

#include "base/abi3.h"

int tb_user_ring_add(PyObject *module);

#endif
