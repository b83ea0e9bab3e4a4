/* SPDX-License-Identifier: MIT
 *
 * Symbols of the running kernel: read when they are first asked for, and again when an
 * address is in nothing that was there then. No Python objects; the GIL is not needed.
 */
#ifndef TB_SYSTEM_KERNEL_SYMBOLS_H
#define TB_SYSTEM_KERNEL_SYMBOLS_H

#include "elf/ranges.h"

/* All zero to begin with. */
struct tb_kernel_symbols {
    struct tb_ranges ranges; /* owned */
    int is_read;
    uint32_t last_program; /* highest id of a BPF program when they were read */
    uint32_t last_link;    /* the same of links: attaching makes trampolines */
    int has_sizes;         /* it is known where BPF programs end */
    uint64_t modules;      /* a hash of the modules that there were */
    uint64_t modules_ns;   /* when that was last compared */
    uint64_t n_reads;      /* how often they were read: older answers are old */
    uint64_t refill_ns;    /* when the last of the reads below came back */
    unsigned int n_spent;  /* reads because of what is new, not yet forgiven */
    uint64_t look_ns;      /* no read for an unknown address alone before that time */
    uint64_t wait_ns;      /* how long after one that found nothing */
};

/* Read them if they have not been; 0 or -errno: -EPERM where the kernel hides them. */
int tb_kernel_symbols_read_nogil(struct tb_kernel_symbols *symbols);

/* Read again if programs, links or modules have come since. Bounded: some reads at
 * once, then one a second; modules are compared once a second. Whether it was done. */
int tb_kernel_symbols_renew_nogil(struct tb_kernel_symbols *symbols);

/* Whether what is found is what is there, unless something ended since: not behind the
 * last symbol of a module, where another one may lie by now, and not in a BPF program
 * of unknown size. NULL was not found. */
int tb_kernel_symbols_is_sure(const struct tb_kernel_symbols *symbols,
                              const struct tb_range *range);

/* Read again because what is found for an address is not sure, if modules have come,
 * or programs may have; of one that is in no range just to see, ever more seldom while
 * that finds nothing. */
int tb_kernel_symbols_look_nogil(struct tb_kernel_symbols *symbols, uint64_t address);

/* Why the kernel hides its addresses, and what to do. */
void tb_kernel_symbols_advice(char *text, size_t size);

#endif
