/* SPDX-License-Identifier: MIT
 *
 * Between Python values and the bytes of a BPF key or value: pure, it knows no
 * map, no descriptor, no BTF.
 */
#ifndef TB_CODEC_H
#define TB_CODEC_H

#include "abi3.h"

enum tb_codec_kind {
    TB_CODEC_BYTES, /* bytes of that size; the default where nothing is known */
    TB_CODEC_UNSIGNED,
    TB_CODEC_SIGNED,
    TB_CODEC_BOOL,
    TB_CODEC_FLOAT,
    TB_CODEC_CTYPE, /* instances of a class of ctypes (ctype.h), which is type */
};

struct tb_codec {
    enum tb_codec_kind kind;
    uint32_t size; /* bytes; numbers: 1, 2, 4, 8, 16 (FLOAT: 4, 8) */
    PyObject
        *type; /* owned by the holder; the class of a value that has one, or NULL */
};

/* Write a value as codec->size bytes. Bytes-like objects of that size are always
 * taken. what is "Key" or "Value", for the message. 0, or -1 with ValueError (size,
 * range) or TypeError (cannot be converted) set. */
int tb_codec_encode(const struct tb_codec *codec, const char *what, PyObject *value,
                    void *out);

/* Make the Python value of codec->size bytes. */
PyObject *tb_codec_decode(const struct tb_codec *codec, const void *data);

#endif
