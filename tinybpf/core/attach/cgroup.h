/* SPDX-License-Identifier: MIT
 *
 * Attaching to cgroups.
 */
#ifndef TB_ATTACH_CGROUP_H
#define TB_ATTACH_CGROUP_H

#include "base/abi3.h"

PyObject *tb_attach_cgroup(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
