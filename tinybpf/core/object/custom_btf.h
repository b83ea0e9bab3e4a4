/* SPDX-License-Identifier: MIT
 *
 * The BTF that an object is relocated for in place of the running kernel's (btf=).
 */
#ifndef TB_OBJECT_CUSTOM_BTF_H
#define TB_OBJECT_CUSTOM_BTF_H

#include "base/state.h"

/* Open what is given, a path or the bytes of a BTF or ELF file, or a folder that has
 * one for this kernel, once it was checked: a descriptor of a file that has the BTF, or
 * -1 with an exception. */
int tb_custom_btf_open(struct tb_state *state, PyObject *given);

/* The same for what a bundle has for a kernel without BTF; -1 without an exception if
 * there is no need, or nothing. */
int tb_custom_btf_default(struct tb_state *state);

/* Whether what was opened so is too much for an object: what is wrong, or NULL. */
const char *tb_custom_btf_problem(int fd, const void *object, size_t size, char *text,
                                  size_t max);

#endif
