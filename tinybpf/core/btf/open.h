/* SPDX-License-Identifier: MIT
 *
 * Where a Btf comes from: the class methods that make one.
 */
#ifndef TB_BTF_OPEN_H
#define TB_BTF_OPEN_H

#include "base/abi3.h"

/* Class methods: each returns a new Btf, or NULL with OSError (of a file), BpfError or
 * TypeError. */
PyObject *tb_btf_open_kernel(PyObject *type, PyObject *unused);
PyObject *tb_btf_open_module(PyObject *type, PyObject *name);
PyObject *tb_btf_open_file(PyObject *type, PyObject *args, PyObject *kwargs);
PyObject *tb_btf_open_parse(PyObject *type, PyObject *args, PyObject *kwargs);
PyObject *tb_btf_open_id(PyObject *type, PyObject *id);

#endif
