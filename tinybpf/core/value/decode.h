/* SPDX-License-Identifier: MIT
 *
 * Between Python values and memory, for every layout, at any address and alignment:
 *
 *   integers, pointers    int              float, double  float
 *   bool                  bool             enums          IntEnum member, or int
 *   char[]                str, up to the first NUL; utf-8 with surrogateescape
 *   u8[]                  bytes            other arrays   tuple
 *   structs, unions       Record           no meaning     bytes
 *
 * Encoding also takes a mapping or a sequence of all fields for an aggregate, any
 * sequence for an array, and bytes-like objects of the right size for everything.
 */
#ifndef TB_VALUE_DECODE_H
#define TB_VALUE_DECODE_H

#include "btf/btf.h"
#include "btf/layout.h"
#include "value/codec.h"

/* Memory to write. */
struct tb_span {
    void *data;
    size_t size;
};

/* The layout of a type of this BTF, made when first asked for; NULL with an exception
 * if there is none: broken BTF, or one for machines of the other byte order. */
const struct tb_layout *tb_value_layout(Btf *btf, uint32_t type_id);

/* The value at data. size bytes may be read: those of the layout, or more, which a
 * flexible array takes. */
PyObject *tb_value_decode(Btf *btf, const struct tb_layout *layout, const void *data,
                          size_t size);

/* Write size bytes at data, those of the layout or, for flexible arrays, more. 0, or -1
 * with ValueError or TypeError, which says where, and then anything may stand there:
 * memory that others see is written from a copy. Padding becomes zero. */
int tb_value_encode(const struct tb_layout *layout, const struct tb_path *at,
                    PyObject *value, struct tb_span out);

/* The same for a field, bitfields included, of the aggregate at base, which may be
 * read or written up to its size. at leads to the field itself. */
PyObject *tb_value_decode_field(Btf *btf, const struct tb_field *field,
                                const void *base, size_t size);
int tb_value_encode_field(const struct tb_field *field, const struct tb_path *at,
                          PyObject *value, struct tb_span out);

/* Write the fields that a dict names into an aggregate, and leave the others. */
int tb_value_encode_some(const struct tb_layout *layout, const struct tb_path *at,
                         PyObject *dict, struct tb_span out);

/* The same as decoding, with dicts for aggregates at any depth; an aggregate's fields
 * as one str: "pid=1, comm='sh'". */
PyObject *tb_value_plain(Btf *btf, const struct tb_layout *layout, const char *data,
                         size_t size);
PyObject *tb_value_text(Btf *btf, const struct tb_layout *layout, const char *data,
                        size_t size);

/* The codec of a number; bytes for anything else. */
struct tb_codec tb_value_codec(const struct tb_layout *layout);

/* The codec of a map's key or value that takes size bytes: numbers for scalars, enums
 * and pointers among them; bytes for what BTF (NULL: absent) does not tell. */
struct tb_codec tb_value_codec_of(const struct btf *btf, uint32_t type_id,
                                  uint32_t size);

#endif
