/* SPDX-License-Identifier: MIT
 *
 * What is loaded: the kernel's lists of programs, maps, links and BTF.
 */
#ifndef TB_SYSTEM_LIST_H
#define TB_SYSTEM_LIST_H

#include "base/abi3.h"

/* Functions of the module: each an iterator, which opens nothing. */
PyObject *tb_list_programs(PyObject *module, PyObject *unused);
PyObject *tb_list_maps(PyObject *module, PyObject *unused);
PyObject *tb_list_links(PyObject *module, PyObject *unused);
PyObject *tb_list_btfs(PyObject *module, PyObject *unused);

int tb_list_add(PyObject *module);

#endif
