/* SPDX-License-Identifier: MIT
 *
 * Which codec a Python type asks for: what a program gives as the type of keys, values
 * or events.
 */
#ifndef TB_VALUE_PYTYPE_H
#define TB_VALUE_PYTYPE_H

#include "value/codec.h"

/* The codec of a key or value that BTF, or its size alone, describes by base. Its type
 * is owned by the caller, who holds it. what is "Key" or "Value". 0, or -1 with
 * TypeError (no type that can be stored) or ValueError ("Key size mismatch"). */
int tb_pytype_codec(PyObject *type, const struct tb_codec *base, const char *what,
                    struct tb_codec *out_codec);

/* The codec of events, whose size their type says: as above, with TypeError only. */
int tb_pytype_event(PyObject *type, struct tb_codec *out_codec);

/* The name of a type for messages: a new str. */
PyObject *tb_pytype_name(PyObject *type);

#endif
