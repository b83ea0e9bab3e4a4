/* SPDX-License-Identifier: MIT
 *
 * Batches: read(), which gives in one call a list of the events that are there, and
 * what its like have in common.
 */
#ifndef TB_STREAM_BATCH_H
#define TB_STREAM_BATCH_H

#include "base/abi3.h"

/* A method of BpfReader: read(max_events=None, timeout=None). */
PyObject *tb_batch_read(PyObject *op, PyObject *args, PyObject *kwargs);

/* Seconds as milliseconds, rounded up; None: -1, for ever. 0, or -1 with an exception.
 */
int tb_batch_timeout(PyObject *timeout, int *out_ms);

/* How many; None: TB_SINK_ALL. 0, or -1 with an exception. */
int tb_batch_max(PyObject *max_events, Py_ssize_t *out);

/* Check that a reader is open, has maps and no callbacks, for a method that gives
 * events: 0, or -1 with an exception. */
int tb_batch_check(PyObject *op, const char *method);

#endif
