/* SPDX-License-Identifier: MIT
 *
 * Lines of text that programs print: the streams of one program, and the trace pipe of
 * all of them.
 */
#ifndef TB_STREAM_LINES_H
#define TB_STREAM_LINES_H

#include "base/abi3.h"

/* Getter of BpfProgram; the closure is BPF_STREAM_STDOUT or BPF_STREAM_STDERR. */
PyObject *tb_lines_of_program(PyObject *program, void *closure);

/* A function of the module: trace_pipe(timeout=None). */
PyObject *tb_lines_trace_pipe(PyObject *module, PyObject *args, PyObject *kwargs);

int tb_lines_add(PyObject *module);

#endif
