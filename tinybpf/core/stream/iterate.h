/* SPDX-License-Identifier: MIT
 *
 * Readers as iterators: `for event in ring`, which gives what is there, `for event in
 * ring.stream()`, which waits for more, and what the coroutines of tinybpf/_async.py
 * are made of.
 */
#ifndef TB_STREAM_ITERATE_H
#define TB_STREAM_ITERATE_H

#include "base/abi3.h"

/* Slots: read what is there, behind what poll() queued; then the buffer is the iterator
 * of just that, so that a producer that never stops cannot keep a loop for ever. */
PyObject *tb_iterate_iter(PyObject *op);
PyObject *tb_iterate_next(PyObject *op);
PyObject *tb_iterate_aiter(PyObject *op);

/* stream(timeout=None): an iterator that waits. */
PyObject *tb_iterate_stream(PyObject *op, PyObject *args, PyObject *kwargs);

PyObject *tb_iterate_poll_async(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *tb_iterate_events(PyObject *op, PyObject *unused);
PyObject *tb_iterate_aenter(PyObject *op, PyObject *unused);
PyObject *tb_iterate_aexit(PyObject *op, PyObject *unused);

/* Of tinybpf/_async.py: the next (map_name, event) of the queue; None: it is empty. */
PyObject *tb_iterate_take(PyObject *op, PyObject *unused);

int tb_iterate_add(PyObject *module);

#endif
