/* SPDX-License-Identifier: MIT
 *
 * Between Python values and the bytes of a BPF key, value or event of any kind, and
 * which kind a Python type asks for.
 */
#ifndef TB_VALUE_CODEC_H
#define TB_VALUE_CODEC_H

#include "value/scalar.h"

/* Both ways as in value/scalar.h, for every codec. */
int tb_codec_encode(const struct tb_codec *codec, const struct tb_path *at,
                    PyObject *value, void *out);
PyObject *tb_codec_decode(const struct tb_codec *codec, const void *data);

/* The codec that a type given for keys or values asks for, where BTF, or the size
 * alone, says base of them. Its type is owned by the caller, who holds it. what is
 * "Key" or "Value". 0, or -1 with TypeError (no type that can be stored) or ValueError
 * ("Key size mismatch"). */
int tb_codec_of_type(PyObject *type, const struct tb_codec *base, const char *what,
                     struct tb_codec *out_codec);

/* The codec of events, whose size their class of ctypes says: as above, with TypeError
 * only. */
int tb_codec_of_event(PyObject *type, struct tb_codec *out_codec);

/* The name of a type for messages: a new str. */
PyObject *tb_codec_type_name(PyObject *type);

#endif
