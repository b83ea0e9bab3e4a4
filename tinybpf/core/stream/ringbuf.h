/* SPDX-License-Identifier: MIT
 *
 * BpfRingBuffer: rings, and the callbacks or the loop that their records go to.
 */
#ifndef TB_STREAM_RINGBUF_H
#define TB_STREAM_RINGBUF_H

#include "base/state.h"

int tb_ringbuf_add(PyObject *module);

#endif
