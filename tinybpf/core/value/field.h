/* SPDX-License-Identifier: MIT
 *
 * Fields of Record classes: descriptors that decode from the bytes when they are read.
 * Each holds the type information that it reads by, and so outlives everything else.
 */
#ifndef TB_VALUE_FIELD_H
#define TB_VALUE_FIELD_H

#include "btf/btf.h"

PyObject *tb_field_new(Btf *btf, const struct tb_field *field);

int tb_field_add(PyObject *module);

#endif
