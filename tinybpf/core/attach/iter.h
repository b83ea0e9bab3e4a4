/* SPDX-License-Identifier: MIT
 *
 * Iterators: programs that the kernel runs once for each map entry, task, cgroup ...
 * while somebody reads.
 */
#ifndef TB_ATTACH_ITER_H
#define TB_ATTACH_ITER_H

#include "base/abi3.h"
#include "host/target.h"

/* BpfProgram.attach_iter(). */
PyObject *tb_attach_iter(PyObject *program, PyObject *args, PyObject *kwargs);

/* Whether a section names an iterator over the entries of a map, but no map. */
int tb_attach_iter_is_of_map(const struct tb_target *target);

#endif
