/* SPDX-License-Identifier: MIT
 *
 * Btf.minimize(), and what objects ask of the kernel's types.
 */
#ifndef TB_BTF_MINIMIZE_H
#define TB_BTF_MINIMIZE_H

#include "base/abi3.h"

PyObject *tb_btf_minimize(PyObject *self, PyObject *objects);

/* _relocations(data): the CO-RE relocations of an object. */
PyObject *tb_btf_relocations(PyObject *module, PyObject *data);

/* _section(object, name): the bytes of a section. */
PyObject *tb_btf_section(PyObject *module, PyObject *args);

#endif
