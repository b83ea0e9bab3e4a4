/* SPDX-License-Identifier: MIT
 *
 * Btf: type information as one immutable value in memory. It holds no descriptor and
 * needs no close; what is made from it (layouts, classes) holds it and so outlives
 * the object that it came from.
 */
#ifndef TB_BTF_BTF_H
#define TB_BTF_BTF_H

#include "base/state.h"
#include "btf/layout.h"

struct btf;

typedef struct Btf {
    PyObject_HEAD
    struct btf *handle; /* owned; never NULL */
    PyObject *name;     /* owned; str: "vmlinux", a module, a file */
    struct Btf *base;   /* owned; what a split BTF goes on from; NULL: none */
    struct tb_layout_table
        layouts;       /* owned; of its types, as far as they were asked for */
    PyObject *classes; /* owned; dict: type id -> Record class or IntEnum */
} Btf;

/* A Btf around a handle that was parsed; takes the handle also when it fails. */
PyObject *tb_btf_new_steal(struct tb_state *state, struct btf *handle, PyObject *name,
                           Btf *base);

/* A Btf with a copy of a parsed BTF that somebody else owns and may free. */
PyObject *tb_btf_new_copy(struct tb_state *state, const struct btf *source,
                          PyObject *name);

/* The layout of a type of this BTF, made when first asked for; NULL with an exception
 * if there is none: broken BTF, or one for machines of the other byte order. */
const struct tb_layout *tb_btf_layout(Btf *btf, uint32_t type_id);

#endif
