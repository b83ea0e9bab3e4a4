/* SPDX-License-Identifier: MIT
 *
 * Where in a value a conversion is: for messages that name the field. Each step lies
 * on the stack of the function that takes it.
 */
#ifndef TB_VALUE_PATH_H
#define TB_VALUE_PATH_H

#include "base/abi3.h"

struct tb_path {
    const struct tb_path *up; /* NULL: the value itself */
    const char *name;         /* "Key", "Value", a type's name; of a field; or NULL: */
    Py_ssize_t index;         /* ... an element of an array */
};

/* "Value", or "Value field 'stats.bytes[2]'": a new str, or NULL with MemoryError. */
PyObject *tb_path_text(const struct tb_path *path);

/* Raise what values are refused with; all return -1. TypeError: cannot convert; the
 * wanted kinds are named. ValueError: another number of bytes. */
int tb_path_raise_type(const struct tb_path *at, PyObject *value, uint32_t size,
                       const char *wanted);
int tb_path_raise_size(const struct tb_path *at, uint32_t size, Py_ssize_t got);

#endif
