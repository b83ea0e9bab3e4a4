/* SPDX-License-Identifier: MIT
 *
 * Record: the base of all Record classes, a subclass of bytes. A record is the raw
 * value and its fields at once: immutable, hashable, one allocation.
 */
#ifndef TB_VALUE_RECORD_H
#define TB_VALUE_RECORD_H

#include "btf/btf.h"
#include "value/codec.h"

/* A record of a class (borrowed; NULL: hands on the exception) with a copy of size
 * bytes, which are as many as its layout needs. */
PyObject *tb_record_make(Btf *btf, PyObject *class, const void *data, Py_ssize_t size);

/* Whether a record of this class that is made directly is the same as bytes: 0 or 1, or
 * -1 with an exception. */
int tb_record_check_bytes(PyObject *class);

/* Py_tp_new of all Record classes, which tells them from others. */
PyObject *tb_record_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/* The codec of a class: a new reference to it in ->type; kind BYTES, and no exception,
 * if it is no Record class. */
struct tb_codec tb_record_codec(PyObject *class);

/* The same for a type of BTF that takes size bytes; kind BYTES where it is none that
 * has a class, or broken. -1 with MemoryError. */
int tb_record_codec_of(Btf *btf, uint32_t type_id, uint32_t size,
                       struct tb_codec *out_codec);

/* Whether records of this codec may be longer: the type ends in a flexible array. */
int tb_record_is_open_ended(const struct tb_codec *codec);

/* Both ways for TB_CODEC_RECORD, as in value/codec.h; a record may be longer than its
 * type if that ends in a flexible array. */
int tb_record_encode(const struct tb_codec *codec, const struct tb_path *at,
                     PyObject *value, void *out);
PyObject *tb_record_decode(const struct tb_codec *codec, const void *data, size_t size);

int tb_record_add(PyObject *module);

#endif
