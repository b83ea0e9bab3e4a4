/* SPDX-License-Identifier: MIT
 *
 * The tables of CPython's unicodedata: what characters are called, and what they are.
 * (str's own methods have other tables.) unicode.py writes how they lie.
 */
#ifndef TBR_UNICODE_H
#define TBR_UNICODE_H

#include "lzma.h"
#include "unicode_tables.h"

#include <stdatomic.h>

enum { TBR_UNICODE_READY = -1 };

/* TBR_UNICODE_READY, or the process of the thread that makes the tables, or 0. */
extern atomic_int tbr_names_state, tbr_properties_state;

extern struct tbr_names tbr_names_tables;
extern struct tbr_properties tbr_properties_tables;

/* Make the tables, if no one has. */
void tbr_names_make(void);
void tbr_properties_make(void);

static inline const struct tbr_names *
tbr_names_open(void)
{
    if (atomic_load_explicit(&tbr_names_state, memory_order_acquire) !=
        TBR_UNICODE_READY) {
        tbr_names_make();
    }
    return &tbr_names_tables;
}

static inline const struct tbr_properties *
tbr_properties_open(void)
{
    if (atomic_load_explicit(&tbr_properties_state, memory_order_acquire) !=
        TBR_UNICODE_READY) {
        tbr_properties_make();
    }
    return &tbr_properties_tables;
}

#endif
