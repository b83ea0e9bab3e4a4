/* SPDX-License-Identifier: MIT
 *
 * What the classes that read a stream have in common: reading, waiting, closing. Each
 * of them begins as a BpfReader, and puts these methods into its table.
 */
#ifndef TB_STREAM_READER_H
#define TB_STREAM_READER_H

#include "stream/stream.h"

typedef struct {
    PyObject_HEAD
    struct tb_stream stream; /* owned */
    int is_finished;         /* of tb_state_finish() */
} BpfReader;

/* Methods that both classes have: poll(timeout_ms=-1) waits and delivers, consume()
 * delivers what is there. */
PyObject *tb_reader_poll(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *tb_reader_consume(PyObject *op, PyObject *unused);
PyObject *tb_reader_fileno(PyObject *op, PyObject *unused);
PyObject *tb_reader_close(PyObject *op, PyObject *unused);
PyObject *tb_reader_enter(PyObject *op, PyObject *unused);
PyObject *tb_reader_exit(PyObject *op, PyObject *unused);

/* Return an object that keeps the stream's descriptor for one wait of an event loop:
 * `with reader._wait() as fd`. Each has a descriptor of its own, since event loops
 * know one waiter for each; closing the stream makes it readable. */
PyObject *tb_reader_wait(PyObject *op, PyObject *unused);

/* Keep seconds between looks at rings whose program wakes nobody, as they were given;
 * NULL or None: none. 0, or -1 with an exception. */
int tb_reader_set_interval(BpfReader *self, PyObject *seconds);

/* Of tinybpf/_async.py: those seconds, or None. */
PyObject *tb_reader_interval(PyObject *op, PyObject *unused);

/* Slots. The finaliser warns ResourceWarning if it was left open. */
int tb_reader_traverse(PyObject *op, visitproc visit, void *arg);
void tb_reader_finalize(PyObject *op);
void tb_reader_dealloc(PyObject *op);

int tb_reader_add(PyObject *module);

#endif
