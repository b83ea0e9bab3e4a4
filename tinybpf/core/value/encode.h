/* SPDX-License-Identifier: MIT
 *
 * From Python values to memory, for every layout (value/decode.h says which values are
 * of which), at any address and alignment. A mapping or a sequence of all fields is
 * taken for an aggregate, too, any sequence for an array, and bytes-like objects of the
 * right size for everything.
 */
#ifndef TB_VALUE_ENCODE_H
#define TB_VALUE_ENCODE_H

#include "btf/layout.h"
#include "value/path.h"

/* Memory to write. */
struct tb_span {
    void *data;
    size_t size;
    int is_set; /* a value is there: a dict changes the fields that it names */
};

/* Write size bytes at data, those of the layout or, for flexible arrays, more. 0, or -1
 * with ValueError or TypeError, which says where, and then anything may stand there:
 * memory that others see is written from a copy. Padding, and fields that a dict does
 * not name, become zero, or stay as they are where a value is set. */
int tb_value_encode(const struct tb_layout *layout, const struct tb_path *at,
                    PyObject *value, struct tb_span out);

/* The same for a field, bitfields included, of the aggregate at out, which may be
 * written up to its size. at leads to the field itself. */
int tb_value_encode_field(const struct tb_field *field, const struct tb_path *at,
                          PyObject *value, struct tb_span out);

/* Whether a value is taken by its fields' names: a dict, or what has keys as it does;
 * -1 with an exception. */
int tb_value_is_mapping(PyObject *value);

/* Write the fields that a dict names into an aggregate, and leave the others. */
int tb_value_encode_some(const struct tb_layout *layout, const struct tb_path *at,
                         PyObject *dict, struct tb_span out);

#endif
