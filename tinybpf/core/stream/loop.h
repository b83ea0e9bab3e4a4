/* SPDX-License-Identifier: MIT
 *
 * The loop over events that calls a callback, in bytecode (tinybpf/_callback.py): the
 * events come out of an iterator, and what calls them costs what it does in a loop that
 * a program has itself.
 */
#ifndef TB_STREAM_LOOP_H
#define TB_STREAM_LOOP_H

#include "base/state.h"

/* One call's run over its events; the head of a struct that knows where they are. */
struct tb_loop {
    /* The next event; NULL: that was all, or an exception is set. */
    PyObject *(*next)(struct tb_loop *loop);
    int rc; /* 0 go on, 1 a callback said stop, -1 next() failed */
    /* owned; what it raised then */
    PyObject *type, *value, *traceback;
};

/* A function that runs a loop, for one callback; None where the interpreter gains
 * nothing. NULL with an exception. */
PyObject *tb_loop_new(void);

/* Hand events to a callback until there is none: 0, 1 if the callback said stop, -1
 * with an exception, in whose traceback the loop does not stand. */
int tb_loop_run(struct tb_state *state, PyObject *function, PyObject *callback,
                struct tb_loop *loop);

/* What a callback's answer means: 0 go on, 1 stop, -1 with an exception. */
int tb_loop_judge(PyObject *answer);

int tb_loop_add(PyObject *module);

#endif
