/* SPDX-License-Identifier: MIT
 *
 * BtfType: what a BTF says of one of its types, as a Python value.
 */
#ifndef TB_BTF_TYPE_H
#define TB_BTF_TYPE_H

#include "btf/btf.h"

/* A new BtfType of an id that the BTF has. */
PyObject *tb_btf_type_new(Btf *btf, uint32_t id);

/* How C writes a type ("struct flow *", "char[16]"), as a new str. */
PyObject *tb_btf_type_spell(const struct btf *btf, uint32_t id);

/* A name of the BTF, as a new str. */
PyObject *tb_btf_type_name(const struct btf *btf, uint32_t name_off);

#endif
