/* SPDX-License-Identifier: MIT
 *
 * Making of records around bytes that are there, and where those lie.
 */
#ifndef TB_VALUE_RECORD_MAKE_H
#define TB_VALUE_RECORD_MAKE_H

#include "btf/btf.h"

/* The private layout of bytes, the same from 3.9 on: the head, the cached hash (-1: not
 * computed), the data. It holds if state->bytes_are_known. */
#define TB_RECORD_DATA (sizeof(PyObject) + sizeof(Py_ssize_t) + sizeof(Py_hash_t))

/* A record of a class (borrowed; NULL: hands on the exception) with a copy of size
 * bytes, which are as many as its layout needs. */
PyObject *tb_record_make(Btf *btf, PyObject *class, const void *data, Py_ssize_t size);

/* Whether a record of this class that is made directly is the same as bytes: 0 or 1, or
 * -1 with an exception. */
int tb_record_make_check(PyObject *class);

#endif
