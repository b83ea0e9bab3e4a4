/* SPDX-License-Identifier: MIT
 *
 * What lies in the rings of a perf buffer that the kernel writes over.
 */
#ifndef TB_STREAM_PERF_SNAPSHOT_H
#define TB_STREAM_PERF_SNAPSHOT_H

#include "base/abi3.h"

/* A method of BpfPerfBuffer: snapshot(max_events=None). */
PyObject *tb_perf_snapshot(PyObject *op, PyObject *args, PyObject *kwargs);

#endif
