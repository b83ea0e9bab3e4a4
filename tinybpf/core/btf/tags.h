/* SPDX-License-Identifier: MIT
 *
 * All that the C source says by tags of ours, for Python.
 */
#ifndef TB_BTF_TAGS_H
#define TB_BTF_TAGS_H

#include "base/abi3.h"

/* _tags(btf): list the tags that begin with "tinybpf:" as tuples (number of the type
 * that is tagged, its name, name of its member or "", text behind the prefix). */
PyObject *tb_btf_tags(PyObject *module, PyObject *btf);

#endif
