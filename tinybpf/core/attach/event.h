/* SPDX-License-Identifier: MIT
 *
 * Attaching to events of the CPUs: clocks, counters, breakpoints.
 */
#ifndef TB_ATTACH_EVENT_H
#define TB_ATTACH_EVENT_H

#include "base/abi3.h"

PyObject *tb_attach_perf_event(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
