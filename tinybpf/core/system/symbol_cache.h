/* SPDX-License-Identifier: MIT
 *
 * Answers that were given before: addresses of a space (the kernel, a process, a file,
 * each in one state) and their Symbols. A newer answer takes an older one's place.
 */
#ifndef TB_SYSTEM_SYMBOL_CACHE_H
#define TB_SYSTEM_SYMBOL_CACHE_H

#include "base/abi3.h"

struct tb_symbol_slot;

struct tb_symbol_cache {
    struct tb_symbol_slot *slots; /* owned; NULL until the first answer */
};

/* The Symbol of an address, as a new reference; NULL without an exception: unknown. */
PyObject *tb_symbol_cache_get(const struct tb_symbol_cache *cache, uint64_t space,
                              uint64_t address);

/* Keep a Symbol, if there is memory. */
void tb_symbol_cache_put(struct tb_symbol_cache *cache, uint64_t space,
                         uint64_t address, PyObject *symbol);

void tb_symbol_cache_free(struct tb_symbol_cache *cache);

#endif
