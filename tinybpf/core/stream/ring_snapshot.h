/* SPDX-License-Identifier: MIT
 *
 * What lies in ring buffers that the kernel writes over (BPF_F_RB_OVERWRITE).
 */
#ifndef TB_STREAM_RING_SNAPSHOT_H
#define TB_STREAM_RING_SNAPSHOT_H

#include "base/abi3.h"

/* A method of BpfRingBuffer: snapshot(max_events=None). */
PyObject *tb_ring_snapshot(PyObject *op, PyObject *args, PyObject *kwargs);

#endif
