/* SPDX-License-Identifier: MIT
 *
 * A type of C, as BTF tells of it, written down as a class of ctypes.
 */
#ifndef TB_CTYPE_DECLARE_H
#define TB_CTYPE_DECLARE_H

#include "base/abi3.h"

struct btf;

/* The declaration of a type, with those of the structs in it before: Python source for
 * a program that imports ctypes. "_pad..." fields stand for gaps that ctypes would not
 * leave by itself. A new str, NULL with an exception. */
PyObject *tb_ctype_declare(const struct btf *btf, uint32_t id);

#endif
