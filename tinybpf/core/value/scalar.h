/* SPDX-License-Identifier: MIT
 *
 * Between Python values and the bytes of one number, or plain bytes: what every other
 * conversion comes down to. Pure.
 */
#ifndef TB_VALUE_SCALAR_H
#define TB_VALUE_SCALAR_H

#include "value/path.h"

enum tb_codec_kind {
    TB_CODEC_BYTES, /* bytes of that size; the default where nothing is known */
    TB_CODEC_UNSIGNED,
    TB_CODEC_SIGNED,
    TB_CODEC_BOOL,
    TB_CODEC_FLOAT,
    TB_CODEC_RECORD, /* this and what follows is no scalar: an aggregate or an array of
                      * BTF (value/record.h); type is the class */
    TB_CODEC_CTYPE,  /* instances of a class of ctypes (value/ctype.h), which is type */
};

struct Shape;
struct btf;
struct tb_layout;

/* What the bytes of a value are for Python. */
struct tb_codec {
    enum tb_codec_kind kind;
    uint32_t size;  /* bytes; numbers: 1, 2, 4, 8, 16 (FLOAT: 4, 8) */
    uint32_t bits;  /* integers: those that must be enough for it; 0: all of size */
    int is_number;  /* of CTYPE: a number in the other byte order */
    PyObject *type; /* owned by the holder; the class that was asked for, or of RECORD;
                     * NULL: none */
    struct Shape *shape; /* borrowed from type; of RECORD */
};

/* The codec of a number; bytes for any other layout. */
struct tb_codec tb_scalar_codec(const struct tb_layout *layout);

/* The codec of a map's key or value that takes size bytes: numbers for scalars, enums
 * and pointers among them; bytes for what BTF (NULL: there is none) does not tell. */
struct tb_codec tb_scalar_codec_of(const struct btf *btf, uint32_t type_id,
                                   uint32_t size);

/* Write a value as codec->size bytes. Bytes-like objects of that size are always
 * taken. 0, or -1 with ValueError (size, range) or TypeError (cannot be converted) set,
 * which says where. */
int tb_scalar_encode(const struct tb_codec *codec, const struct tb_path *at,
                     PyObject *value, void *out);

/* What makes the Python value of the bytes of a number; NULL for plain bytes. */
typedef PyObject *(*tb_scalar_read)(const void *data);
tb_scalar_read tb_scalar_reader(const struct tb_codec *codec);

/* Make the Python value of codec->size bytes. */
PyObject *tb_scalar_decode(const struct tb_codec *codec, const void *data);

#endif
