/* SPDX-License-Identifier: MIT
 *
 * From memory to Python values, for every layout, at any address and alignment:
 *
 *   integers, pointers    int              float, double  float
 *   bool                  bool             enums          IntEnum member, or int
 *   char[]                str, up to the first NUL; what is no utf-8 as \xff
 *   u8[]                  bytes            other arrays   tuple
 *   structs, unions       Record           no meaning     bytes
 *
 * value/encode.h is the way back.
 */
#ifndef TB_VALUE_DECODE_H
#define TB_VALUE_DECODE_H

#include "btf/btf.h"

/* The value at data. size bytes may be read: those of the layout, or more, which a
 * flexible array takes. */
PyObject *tb_value_decode(Btf *btf, const struct tb_layout *layout, const void *data,
                          size_t size);

/* The same for a field, bitfields included, of the aggregate at base, which may be read
 * up to its size. */
PyObject *tb_value_decode_field(Btf *btf, const struct tb_field *field,
                                const void *base, size_t size);

/* The same as tb_value_decode(), with dicts for aggregates at any depth. */
PyObject *tb_value_plain(Btf *btf, const struct tb_layout *layout, const char *data,
                         size_t size);

#endif
