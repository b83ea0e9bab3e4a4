/* SPDX-License-Identifier: MIT
 *
 * Stack traces that programs have stored (bpf_get_stackid).
 */
#ifndef TB_MAP_STACK_H
#define TB_MAP_STACK_H

#include "base/abi3.h"

/* The frames of a stack, the innermost first: addresses, or (build id, offset). NULL
 * with an exception. */
PyObject *tb_map_stack_frames(PyObject *self, PyObject *stack_id);

#endif
