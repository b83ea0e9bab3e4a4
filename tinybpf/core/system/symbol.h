/* SPDX-License-Identifier: MIT
 *
 * Symbol: whose code an address is. It never changes, so that many lists share it.
 */
#ifndef TB_SYSTEM_SYMBOL_H
#define TB_SYSTEM_SYMBOL_H

#include "base/state.h"

/* What was found of an address; the texts are borrowed, NULL where unknown. */
struct tb_symbol_found {
    const char *name;
    const char *module;
    uint64_t offset, address;
};

/* A new Symbol; NULL with MemoryError. It allocates nothing that the collector tracks:
 * no code of Python runs meanwhile. */
PyObject *tb_symbol_new(struct tb_state *state, const struct tb_symbol_found *found);

int tb_symbol_add(PyObject *module);

#endif
