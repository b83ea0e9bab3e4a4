/* SPDX-License-Identifier: MIT
 *
 * Fields of Record classes: descriptors that decode from the bytes when they are read.
 * Each holds the type information that it reads by, and so outlives everything else.
 */
#ifndef TB_VALUE_FIELD_H
#define TB_VALUE_FIELD_H

#include "btf/btf.h"

PyObject *tb_field_new(Btf *btf, const struct tb_field *field);

/* Let a field know the class that was made with it, of whose records it knows where
 * their bytes are, and its interned name there; what is no field, and fields of other
 * classes, are passed over. */
void tb_field_set_owner(PyObject *field, PyObject *class, PyObject *name);

/* Py_tp_getattro of Record classes where TB_CLASSES_ARE_KNOWN. */
PyObject *tb_field_of_record(PyObject *record, PyObject *name);

int tb_field_add(PyObject *module);

#endif
