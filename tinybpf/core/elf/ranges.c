/* SPDX-License-Identifier: MIT
 *
 * Named ranges of addresses (elf/ranges.h): one array of 16 bytes each, one text.
 */
#include "elf/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 1024
#define OVERLAPS 8 /* how many ranges may reach over those behind them */

/* Make room for `more` elements of a size; 0 or -errno. */
static int
reserve(void **data, size_t *cap, size_t needed, size_t size)
{
    size_t wanted = *cap > 0 ? *cap : FIRST_CAP;
    void *grown;

    if (needed <= *cap) {
        return 0;
    }
    while (wanted < needed) {
        wanted *= 2;
    }
    grown = realloc(*data, wanted * size);
    if (grown == NULL) {
        return -ENOMEM;
    }
    *data = grown;
    *cap = wanted;
    return 0;
}

/* Append bytes and a NUL to the text, which has room for them. */
static void
append(struct tb_ranges *ranges, const char *bytes, size_t n)
{
    if (n > 0) {
        memcpy(ranges->text + ranges->n_text, bytes, n);
    }
    ranges->text[ranges->n_text + n] = '\0';
    ranges->n_text += n + 1;
}

int
tb_ranges_add(struct tb_ranges *ranges, uint64_t start, uint32_t size, const char *name,
              size_t n)
{
    size_t n_name = n < TB_RANGES_NAME ? n : TB_RANGES_NAME, n_text;

    if (ranges->err != 0) {
        return ranges->err;
    }
    n_text = ranges->n_text + n_name + ranges->n_group + 2;
    if (n_text > UINT32_MAX ||
        n_text + (ranges->n + 1) * sizeof(struct tb_range) > ranges->max) {
        return ranges->err = -E2BIG;
    }
    ranges->err = reserve((void **)&ranges->items, &ranges->cap, ranges->n + 1,
                          sizeof(struct tb_range));
    if (ranges->err == 0) {
        ranges->err = reserve((void **)&ranges->text, &ranges->cap_text, n_text, 1);
    }
    if (ranges->err != 0) {
        return ranges->err;
    }
    ranges->items[ranges->n++] = (struct tb_range){
        .start = start, .size = size, .name = (uint32_t)ranges->n_text};
    append(ranges, name, n_name);
    append(ranges, ranges->group, ranges->n_group);
    return 0;
}

static int
is_sorted(const struct tb_ranges *ranges)
{
    for (size_t i = 1; i < ranges->n; i++) {
        if (ranges->items[i - 1].start > ranges->items[i].start) {
            return 0;
        }
    }
    return 1;
}

/* Move all from one array to the other, in the order of one byte of their starts, and
 * otherwise as they are; whether they are not all alike in it, or else nothing moves.
 */
static int
sort_by_byte(const struct tb_range *from, struct tb_range *to, size_t n, int shift)
{
    size_t at[256] = {0}, sum = 0;

    for (size_t i = 0; i < n; i++) {
        at[(from[i].start >> shift) & 0xff]++;
    }
    if (at[(from[0].start >> shift) & 0xff] == n) {
        return 0;
    }
    for (size_t k = 0; k < 256; k++) {
        size_t count = at[k];

        at[k] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++) {
        to[at[(from[i].start >> shift) & 0xff]++] = from[i];
    }
    return 1;
}

/* Sort by start, byte by byte from the lowest; 0 or -ENOMEM. */
static int
sort(struct tb_ranges *ranges)
{
    struct tb_range *other, *swapped;

    if (is_sorted(ranges)) {
        return 0;
    }
    other = malloc(ranges->n * sizeof(*other));
    if (other == NULL) {
        return -ENOMEM;
    }
    for (int shift = 0; shift < 64; shift += 8) {
        if (sort_by_byte(ranges->items, other, ranges->n, shift)) {
            swapped = ranges->items;
            ranges->items = other;
            ranges->cap = ranges->n;
            other = swapped;
        }
    }
    free(other);
    return 0;
}

/* How many underscores a range's name begins with. */
static size_t
underscores(const struct tb_ranges *ranges, const struct tb_range *range)
{
    return strspn(tb_ranges_name(ranges, range), "_");
}

/* Leave one range at each address. */
static void
drop_aliases(struct tb_ranges *ranges)
{
    struct tb_range *items = ranges->items;
    size_t n = 0;

    for (size_t i = 0; i < ranges->n; i++) {
        if (n == 0 || items[n - 1].start != items[i].start) {
            items[n++] = items[i];
        }
        else if (!ranges->is_log &&
                 underscores(ranges, &items[i]) < underscores(ranges, &items[n - 1])) {
            uint32_t size = items[n - 1].size;

            items[n - 1] = items[i];
            items[n - 1].size = items[i].size > 0 ? items[i].size : size;
        }
    }
    ranges->n = n;
}

/* Give a size to those that have none. */
static void
close_gaps(struct tb_ranges *ranges, uint32_t last)
{
    for (size_t i = 0; i < ranges->n; i++) {
        struct tb_range *range = &ranges->items[i], *next = range + 1;
        uint64_t gap = i + 1 < ranges->n ? next->start - range->start : last;

        if (range->size > 0) {
            continue;
        }
        if (gap > last &&
            (i + 1 == ranges->n || strcmp(tb_ranges_group(ranges, range),
                                          tb_ranges_group(ranges, next)) != 0)) {
            gap = last;
        }
        range->size = gap < UINT32_MAX ? (uint32_t)gap : UINT32_MAX;
    }
}

int
tb_ranges_finish(struct tb_ranges *ranges, uint32_t last)
{
    void *smaller;

    if (ranges->err == 0 || ranges->err == -E2BIG) {
        int err = ranges->n > 0 ? sort(ranges) : 0;

        ranges->err = err != 0 ? err : ranges->err;
    }
    if (ranges->err == -ENOMEM || ranges->n == 0) {
        return ranges->err;
    }
    drop_aliases(ranges);
    close_gaps(ranges, last);
    smaller = realloc(ranges->items, ranges->n * sizeof(struct tb_range));
    ranges->items = smaller != NULL ? smaller : ranges->items;
    ranges->cap = smaller != NULL ? ranges->n : ranges->cap;
    smaller = realloc(ranges->text, ranges->n_text);
    ranges->text = smaller != NULL ? smaller : ranges->text;
    ranges->cap_text = smaller != NULL ? ranges->n_text : ranges->cap_text;
    return ranges->err;
}

const struct tb_range *
tb_ranges_find(const struct tb_ranges *ranges, uint64_t address)
{
    size_t low = 0, high = ranges->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ranges->items[middle].start <= address) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    for (size_t i = low; i > 0 && low - i < OVERLAPS; i--) {
        const struct tb_range *range = &ranges->items[i - 1];

        if (address - range->start < range->size) {
            return range;
        }
    }
    return NULL;
}

const char *
tb_ranges_name(const struct tb_ranges *ranges, const struct tb_range *range)
{
    return ranges->text + range->name;
}

const char *
tb_ranges_group(const struct tb_ranges *ranges, const struct tb_range *range)
{
    const char *name = tb_ranges_name(ranges, range);

    return name + strlen(name) + 1;
}

size_t
tb_ranges_memory(const struct tb_ranges *ranges)
{
    return ranges->cap * sizeof(struct tb_range) + ranges->cap_text;
}

void
tb_ranges_free(struct tb_ranges *ranges)
{
    free(ranges->items);
    free(ranges->text);
    *ranges = (struct tb_ranges){.max = ranges->max};
}
