/* SPDX-License-Identifier: MIT
 *
 * Where a Btf comes from: the class methods that make one.
 */
#ifndef TB_BTF_OPEN_H
#define TB_BTF_OPEN_H

#include "base/abi3.h"

#include <stdint.h>

struct bpf_btf_info;
struct btf;

/* Class methods: each returns a new Btf, or NULL with OSError (of a file), BpfError or
 * TypeError. */
PyObject *tb_btf_open_kernel(PyObject *type, PyObject *unused);
PyObject *tb_btf_open_module(PyObject *type, PyObject *name);
PyObject *tb_btf_open_file(PyObject *type, PyObject *args, PyObject *kwargs);
PyObject *tb_btf_open_parse(PyObject *type, PyObject *args, PyObject *kwargs);
PyObject *tb_btf_open_id(PyObject *type, PyObject *id);

/* What some process has loaded into the kernel as the BTF of that number: checked, as
 * it is the word of that process. NULL with *err = -errno, or 0 and a problem. */
struct btf *tb_btf_open_loaded_nogil(uint32_t id, int *err, char problem[160]);

/* What the kernel says of the BTF of a number, with its name; 0 or -errno. */
int tb_btf_loaded_info_nogil(uint32_t id, struct bpf_btf_info *out_info, char *out_name,
                             uint32_t name_size);

#endif
