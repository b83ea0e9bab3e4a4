/* SPDX-License-Identifier: MIT
 *
 * Stack traces that programs have stored (bpf_get_stackid).
 */
#ifndef TB_MAP_STACK_H
#define TB_MAP_STACK_H

#include "base/abi3.h"

/* BpfMap.walk(). */
PyObject *tb_map_walk_stack(PyObject *self, PyObject *stack_id);

#endif
