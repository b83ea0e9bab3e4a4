/* SPDX-License-Identifier: MIT
 *
 * Types of BTF as C writes them. All return a new str.
 */
#ifndef TB_BTF_SPELL_H
#define TB_BTF_SPELL_H

#include "base/abi3.h"

struct btf;

/* A name of a BTF; bytes that are no UTF-8 as backslash escapes. */
PyObject *tb_btf_spell_name(const struct btf *btf, uint32_t name_off);

/* "struct flow *", "const char[16]": as a declaration without a name. */
PyObject *tb_btf_spell(const struct btf *btf, uint32_t id);

/* "flow *", "char[16]": the same without keywords and qualifiers. */
PyObject *tb_btf_spell_short(const struct btf *btf, uint32_t id);

#endif
