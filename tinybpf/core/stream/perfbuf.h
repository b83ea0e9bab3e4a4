/* SPDX-License-Identifier: MIT
 *
 * BpfPerfBuffer: the rings of all CPUs, and the callbacks or the loop that their
 * records go to. It counts what was lost.
 */
#ifndef TB_STREAM_PERFBUF_H
#define TB_STREAM_PERFBUF_H

#include "stream/reader.h"

/* Py_tp_new of the class, whose instances are a BpfReader and no more. */
PyObject *tb_perfbuf_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

#endif
