/* SPDX-License-Identifier: MIT
 *
 * Cache of answers (system/symbol_cache.h): each address has one place where it can be.
 */
#include "system/symbol_cache.h"

#include <stdlib.h>

#define BITS 16 /* 65,536 answers: with their Symbols 10 MB at most */
#define N_SLOTS (1u << BITS)

struct tb_symbol_slot {
    uint64_t space, address;
    PyObject *symbol; /* owned; NULL while it is empty */
};

static size_t
place(uint64_t space, uint64_t address)
{
    uint64_t mixed = (address ^ space * 0xff51afd7ed558ccdULL) * 0x9e3779b97f4a7c15ULL;

    return (size_t)(mixed >> (64 - BITS));
}

PyObject *
tb_symbol_cache_get(const struct tb_symbol_cache *cache, uint64_t space,
                    uint64_t address)
{
    const struct tb_symbol_slot *slot;

    if (cache->slots == NULL) {
        return NULL;
    }
    slot = &cache->slots[place(space, address)];
    return slot->symbol != NULL && slot->space == space && slot->address == address
               ? tb_new_ref(slot->symbol)
               : NULL;
}

void
tb_symbol_cache_put(struct tb_symbol_cache *cache, uint64_t space, uint64_t address,
                    PyObject *symbol)
{
    struct tb_symbol_slot *slot;
    PyObject *old;

    if (cache->slots == NULL) {
        cache->slots = calloc(N_SLOTS, sizeof(*cache->slots));
    }
    if (cache->slots == NULL) {
        return;
    }
    slot = &cache->slots[place(space, address)];
    old = slot->symbol;
    *slot = (struct tb_symbol_slot){space, address, tb_new_ref(symbol)};
    Py_XDECREF(old);
}

void
tb_symbol_cache_free(struct tb_symbol_cache *cache)
{
    for (size_t i = 0; cache->slots != NULL && i < N_SLOTS; i++) {
        Py_XDECREF(cache->slots[i].symbol);
    }
    free(cache->slots);
    cache->slots = NULL;
}
