/* SPDX-License-Identifier: MIT
 *
 * BpfPerfBuffer: the rings of a perf event array, one for each CPU.
 */
#ifndef TB_PERFBUF_H
#define TB_PERFBUF_H

#include "state.h"

int tb_perfbuf_add(PyObject *module);

#endif
