/* SPDX-License-Identifier: MIT
 *
 * BpfPerfBuffer: the rings of a perf event array, one for each CPU.
 */
#ifndef TB_STREAM_PERFBUF_H
#define TB_STREAM_PERFBUF_H

#include "base/state.h"

int tb_perfbuf_add(PyObject *module);

#endif
