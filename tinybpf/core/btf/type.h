/* SPDX-License-Identifier: MIT
 *
 * BtfType: what a BTF says of one of its types, as a Python value.
 */
#ifndef TB_BTF_TYPE_H
#define TB_BTF_TYPE_H

#include "btf/btf.h"

/* A new BtfType of an id that the BTF has. */
PyObject *tb_btf_type_new(Btf *btf, uint32_t id);

/* The type that stands behind typedefs and qualifiers, whose c_name is as written. */
PyObject *tb_btf_type_behind(Btf *btf, uint32_t id);

#endif
