/* SPDX-License-Identifier: MIT
 *
 * A loan: memory that Python sees as a memoryview for the time of one call. The view
 * is released behind the call, so that later use of it is a ValueError; what was made
 * of it and kept (a slice, an array) holds the memory until it goes.
 */
#ifndef TB_STREAM_LOAN_H
#define TB_STREAM_LOAN_H

#include "base/state.h"

/* Whose memory it is; the head of the struct that owns it. */
struct tb_loan_lender {
    size_t n_loans; /* loans that are not back */
    int is_over;    /* the owner wants to free it, as soon as all are back */
    void (*free)(struct tb_loan_lender *lender);
};

/* Free it now, or when the last loan comes back. */
void tb_loan_end_lender(struct tb_loan_lender *lender);

/* Call a function with a read-only view of size bytes; its answer, or NULL with its
 * exception, or BufferError if a view is left. */
PyObject *tb_loan_call(struct tb_state *state, struct tb_loan_lender *lender,
                       PyObject *callback, const void *data, size_t size);

int tb_loan_add(PyObject *module);

#endif
