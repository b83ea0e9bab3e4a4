/* SPDX-License-Identifier: MIT
 *
 * Records as columns.
 */
#ifndef TB_STREAM_COLUMNS_H
#define TB_STREAM_COLUMNS_H

#include "base/abi3.h"

/* A method of BpfReader: read_columns(max_events=None, timeout=None, type=None). */
PyObject *tb_stream_read_columns(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
