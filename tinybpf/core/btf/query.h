/* SPDX-License-Identifier: MIT
 *
 * Types of a Btf by number, by name and by kind.
 */
#ifndef TB_BTF_QUERY_H
#define TB_BTF_QUERY_H

#include "btf/btf.h"
#include "btf/find.h"

/* The number of what a caller named, by a str, an int or a BtfType; 0 with KeyError
 * (which says what comes near, or that several have the name) or TypeError set. */
uint32_t tb_btf_query_id(Btf *self, PyObject *wanted);

/* The only type of that name; 0 without an exception if there is none, with one of that
 * class if there are several that differ. */
uint32_t tb_btf_query_only(Btf *self, const char *name, struct tb_btf_filter filter,
                           PyObject *error);

/* Methods of Btf. */
PyObject *tb_btf_query_getitem(PyObject *self, PyObject *wanted);
int tb_btf_query_contains(PyObject *self, PyObject *wanted);
Py_ssize_t tb_btf_query_length(PyObject *self);
PyObject *tb_btf_query_iter(PyObject *self);
PyObject *tb_btf_query_find(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_btf_query_types(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_btf_query_names(PyObject *self, PyObject *args, PyObject *kwargs);

int tb_btf_query_add(PyObject *module);

#endif
