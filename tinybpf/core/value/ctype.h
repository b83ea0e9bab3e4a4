/* SPDX-License-Identifier: MIT
 *
 * Classes of ctypes (Structure, Union, arrays, c_uint32 ...) as the types of values.
 * Pure: what a class says of itself. ctypes is never imported from here: a program
 * that has such a class has done it.
 */
#ifndef TB_VALUE_CTYPE_H
#define TB_VALUE_CTYPE_H

#include "value/scalar.h"

/* The size in bytes of a class of ctypes; 0 if the object is none, or has no size; -1
 * with an exception. */
Py_ssize_t tb_ctype_size(PyObject *type);

/* The codec of a class of ctypes, whose size is known; the class stays the caller's.
 * One of a number (c_uint32) gives plain Python numbers. 0, or -1 with an exception. */
int tb_ctype_codec(PyObject *type, Py_ssize_t size, struct tb_codec *out_codec);

/* Both ways for TB_CODEC_CTYPE, as in value/scalar.h. A number is taken by classes of
 * numbers, as ctypes does, but it must fit. */
int tb_ctype_encode(const struct tb_codec *codec, const struct tb_path *at,
                    PyObject *value, void *out);
PyObject *tb_ctype_decode(const struct tb_codec *codec, const void *data);

#endif
