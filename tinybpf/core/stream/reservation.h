/* SPDX-License-Identifier: MIT
 *
 * Room in a user ring buffer that a `with` statement fills.
 */
#ifndef TB_STREAM_RESERVATION_H
#define TB_STREAM_RESERVATION_H

#include "stream/user_ring.h"

/* A method of BpfUserRingBuffer: reserve(what, timeout=None). */
PyObject *tb_reservation_reserve(PyObject *op, PyObject *args, PyObject *kwargs);

int tb_reservation_add(PyObject *module);

#endif
