/* SPDX-License-Identifier: MIT
 *
 * Addresses that were asked for together, and the list of what is found for them.
 */
#ifndef TB_SYSTEM_ADDRESS_BATCH_H
#define TB_SYSTEM_ADDRESS_BATCH_H

#include "base/abi3.h"

/* All zero to begin with. */
struct tb_address_batch {
    uint64_t *addresses; /* owned */
    PyObject *list;      /* owned */
    Py_ssize_t n;
    int err; /* -errno, to be raised behind the lock: raising runs code of Python */
};

/* Read an iterable of addresses; 0, or -1 with an exception. Freed by end() always. */
int tb_address_batch_begin(struct tb_address_batch *batch, PyObject *addresses);

/* Free what a batch holds; its list, or NULL if rc says that it failed. */
PyObject *tb_address_batch_end(struct tb_address_batch *batch, int rc);

#endif
