/* SPDX-License-Identifier: MIT
 *
 * Bytes that should be a BTF, or an ELF file that has one.
 */
#ifndef TB_BTF_SOURCE_H
#define TB_BTF_SOURCE_H

#include "base/state.h"

/* All borrowed. */
struct tb_btf_source {
    const void *data;
    size_t size;
    const void *base; /* of a module that carries the part of its base that it needs;
                       * NULL: none */
    size_t base_size;
};

/* Find the BTF in bytes that may be an ELF file, name being theirs for the exception;
 * 0, or -1 with one. */
int tb_btf_source_find(struct tb_state *state, struct tb_btf_source *source,
                       PyObject *name);

/* Raise for a BTF that the check found wrong; returns NULL. */
void *tb_btf_source_raise(struct tb_state *state, PyObject *name, const char *problem);

#endif
