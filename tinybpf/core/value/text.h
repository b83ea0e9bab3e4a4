/* SPDX-License-Identifier: MIT
 *
 * Aggregates as text for a person.
 */
#ifndef TB_VALUE_TEXT_H
#define TB_VALUE_TEXT_H

#include "btf/btf.h"

/* An aggregate's fields as one str: "pid=1, comm='sh'". With padding: what lies between
 * and behind the fields follows, where it is not zero ("padding[4:8]=b'...'"), for two
 * values that differ in it are different keys. */
PyObject *tb_value_text(Btf *btf, const struct tb_layout *layout, const char *data,
                        size_t size, int with_padding);

#endif
