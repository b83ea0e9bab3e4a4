/* SPDX-License-Identifier: MIT
 *
 * Making of records around bytes that are there, and where those lie.
 */
#ifndef TB_VALUE_RECORD_MAKE_H
#define TB_VALUE_RECORD_MAKE_H

#include "btf/btf.h"

#include <string.h>

/* The private layout of bytes, the same from 3.9 on: the head, the cached hash (-1: not
 * computed), the data. It holds if state->bytes_are_known. */
#define TB_RECORD_DATA (sizeof(PyObject) + sizeof(Py_ssize_t) + sizeof(Py_hash_t))

/* A record of a class (borrowed; NULL: hands on the exception) with a copy of size
 * bytes, which are as many as its layout needs. */
PyObject *tb_record_make(Btf *btf, PyObject *class, const void *data, Py_ssize_t size);

/* Give bytes, or a record, other contents of the same size. Only for who has all
 * references to it, and where bytes lie as is known. */
static inline void
tb_value_refill(PyObject *bytes, const void *data)
{
    const Py_hash_t unknown = -1;
    char *to = (char *)bytes + TB_RECORD_DATA;

    memcpy(to - sizeof(unknown), &unknown, sizeof(unknown));
    memcpy(to, data, (size_t)Py_SIZE(bytes));
}

/* Whether a record of this class that is made directly is the same as bytes: 0 or 1, or
 * -1 with an exception. */
int tb_record_make_check(PyObject *class);

#endif
