/* SPDX-License-Identifier: MIT
 *
 * Named ranges of addresses: functions of a kernel, a file, a just-in-time compiler.
 * Compact, for there are hundreds of thousands of them. Pure.
 */
#ifndef TB_ELF_RANGES_H
#define TB_ELF_RANGES_H

#include <stddef.h>
#include <stdint.h>

#define TB_RANGES_NAME 4096 /* bytes of a name; longer ones are cut */

struct tb_range {
    uint64_t start;
    uint32_t size; /* 0, until tb_ranges_finish(): up to the next one */
    uint32_t name; /* where name and group stand in the text, a NUL behind each */
};

/* All zero but for max, to begin with. */
struct tb_ranges {
    struct tb_range *items; /* owned; sorted by tb_ranges_finish() */
    char *text;             /* owned */
    size_t n, cap, n_text, cap_text;
    size_t max;        /* bytes at most, all together */
    const char *group; /* borrowed; of those added next: a module. NULL: of none */
    size_t n_group;
    int is_log; /* of several at one address the first stays, whatever its name */
    int err; /* -ENOMEM or -E2BIG once something found no room: nothing is added then */
};

/* Add a range whose name is n bytes; 0 or ranges->err. */
int tb_ranges_add(struct tb_ranges *ranges, uint64_t start, uint32_t size,
                  const char *name, size_t n);

/* Sort by address; of several at one address the name with the fewest underscores in
 * front stays (is_log aside). One without a size ends where the next one begins, `last`
 * bytes at most behind its begin if that is of another group, or there is none. 0 or
 * ranges->err. */
int tb_ranges_finish(struct tb_ranges *ranges, uint32_t last);

/* The range that holds an address; NULL: none does. */
const struct tb_range *tb_ranges_find(const struct tb_ranges *ranges, uint64_t address);

/* Name and group of a range; the group is "" if it is of none. */
const char *tb_ranges_name(const struct tb_ranges *ranges,
                           const struct tb_range *range);
const char *tb_ranges_group(const struct tb_ranges *ranges,
                            const struct tb_range *range);

/* Bytes of memory that it takes. */
size_t tb_ranges_memory(const struct tb_ranges *ranges);

void tb_ranges_free(struct tb_ranges *ranges);

#endif
