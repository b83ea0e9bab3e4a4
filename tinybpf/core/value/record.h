/* SPDX-License-Identifier: MIT
 *
 * Record: the base of all Record classes, a subclass of bytes. A record is the raw
 * value and its fields at once: immutable, hashable, one allocation.
 */
#ifndef TB_VALUE_RECORD_H
#define TB_VALUE_RECORD_H

#include "btf/btf.h"
#include "value/scalar.h"

/* The codec of a class: a new reference to it in ->type; kind BYTES, and no exception,
 * if it is no Record class. */
struct tb_codec tb_record_codec(PyObject *class);

/* The same for a type of BTF that takes size bytes; kind BYTES where it is none that
 * has a class, or broken. -1 with MemoryError. */
int tb_record_codec_of(Btf *btf, uint32_t type_id, uint32_t size,
                       struct tb_codec *out_codec);

/* Whether records of this codec may be longer: the type ends in a flexible array. */
int tb_record_is_open_ended(const struct tb_codec *codec);

/* Both ways for TB_CODEC_RECORD, as in value/scalar.h; a record may be longer than its
 * type if that ends in a flexible array. */
int tb_record_encode(const struct tb_codec *codec, const struct tb_path *at,
                     PyObject *value, void *out);
PyObject *tb_record_decode(const struct tb_codec *codec, const void *data, size_t size);

int tb_record_add(PyObject *module);

#endif
