/* SPDX-License-Identifier: MIT
 *
 * Make the tables of unicodedata when one is asked for first.
 *
 * They are 680 KB, or 180 squeezed, and few scripts say "\N{BULLET}", ask for
 * unicodedata.name() (7 ms, once) or normalize (2 ms). The tables lie in memory that no
 * one has touched before, and nothing is allocated: it cannot fail.
 */
#include "unicode.h"

#include "table.h"

#include <sched.h>
#include <stddef.h>
#include <unistd.h>

enum { PAGE_BITS = 8 };

atomic_int tbr_names_state, tbr_properties_state;

struct tbr_names tbr_names_tables;
struct tbr_properties tbr_properties_tables;

/* Is it for the caller to make the tables? He says when they are ready. Interpreters
 * run side by side: one thread makes the tables, others of its process wait. Who was
 * making them when a process forked is not in the child: there, another begins again.
 */
static int
begin(atomic_int *state)
{
    int own = getpid(), seen = 0;

    while (!atomic_compare_exchange_strong(state, &seen, own)) {
        if (seen == TBR_UNICODE_READY) {
            return 0;
        }
        if (seen == own) {
            seen = 0;
            sched_yield();
        }
    }
    return 1;
}

static void
set_ready(atomic_int *state)
{
    atomic_store_explicit(state, TBR_UNICODE_READY, memory_order_release);
}

/* Write the tables of names: what is squeezed, and the index that follows from it. */
static void
read_names(struct tbr_names *names)
{
    enum {
        N = sizeof(names->dawg_pos_to_codepoint_) / sizeof(unsigned),
        INDEX = sizeof(names->dawg_codepoint_to_pos_index2_) / sizeof(unsigned short),
    };
    unsigned short *index = names->dawg_codepoint_to_pos_index2_;
    unsigned codepoint = 0;

    tbr_lzma_read(tbr_blob + tbr_blocks[tbr_names_block].offset, (char *)names,
                  (const char *)index);
    for (int i = 0; i < INDEX; i++) {
        index[i] = N; /* none */
    }
    for (unsigned i = 0; i < N; i++) {
        unsigned page;

        codepoint += names->dawg_pos_to_codepoint_[i];
        names->dawg_pos_to_codepoint_[i] = codepoint;
        page = names->dawg_codepoint_to_pos_index1_[codepoint >> PAGE_BITS];
        index[page << PAGE_BITS | (codepoint & ((1 << PAGE_BITS) - 1))] =
            (unsigned short)i;
    }
}

void
tbr_names_make(void)
{
    if (begin(&tbr_names_state)) {
        read_names(&tbr_names_tables);
        set_ready(&tbr_names_state);
    }
}

void
tbr_properties_make(void)
{
    if (begin(&tbr_properties_state)) {
        tbr_lzma_read(tbr_blob + tbr_blocks[tbr_properties_block].offset,
                      (char *)&tbr_properties_tables, tbr_properties_tables.slack);
        set_ready(&tbr_properties_state);
    }
}
