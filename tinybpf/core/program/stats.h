/* SPDX-License-Identifier: MIT
 *
 * enable_stats() of the module, and BpfStats, what keeps the kernel counting.
 */
#ifndef TB_PROGRAM_STATS_H
#define TB_PROGRAM_STATS_H

#include "base/abi3.h"

PyObject *tb_stats_enable(PyObject *module, PyObject *unused);

int tb_stats_add(PyObject *module);

#endif
