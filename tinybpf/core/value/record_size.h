/* SPDX-License-Identifier: MIT
 *
 * How many bytes a record takes: those of its layout, and of a flexible array at the
 * end as many as it is given.
 */
#ifndef TB_VALUE_RECORD_SIZE_H
#define TB_VALUE_RECORD_SIZE_H

#include "btf/layout.h"

#include "base/abi3.h"

/* The flexible array at the end, or NULL. */
const struct tb_field *tb_record_size_tail(const struct tb_layout *layout);

/* The bytes that a record of a value and fields (each may be NULL) takes; those of a
 * bytes-like value count where the flexible array is not given anew. -1 with an
 * exception. */
Py_ssize_t tb_record_size(const struct tb_layout *layout, PyObject *value,
                          PyObject *fields);

#endif
