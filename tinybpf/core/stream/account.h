/* SPDX-License-Identifier: MIT
 *
 * The accounts of a reader.
 */
#ifndef TB_STREAM_ACCOUNT_H
#define TB_STREAM_ACCOUNT_H

#include "base/abi3.h"

/* A method of BpfReader: stats() -> RingStats, of one that was closed, too. */
PyObject *tb_account_stats(PyObject *op, PyObject *unused);

#endif
