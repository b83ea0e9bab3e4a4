/* SPDX-License-Identifier: MIT
 *
 * Parser of /proc/kallsyms (system/kallsyms.h): lines "ADDRESS TYPE NAME", and
 * "\t[MODULE]" behind those of modules, of BPF ("bpf") and of trampolines.
 */
#include "system/kallsyms.h"

#include <string.h>

#define DIGITS 16        /* of an address */
#define NAME_AT (16 + 3) /* "ffffffff81000000 T " */
#define KERNEL                                                                 \
    (1ULL << 63) /* addresses of the kernel have this bit: others are those of \
                  * per-CPU variables, or absolute numbers */

/* A hexadecimal digit as a number; 16 for another character. */
static unsigned int
digit(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned int)(c - '0');
    }
    return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : 16;
}

/* The address that a line begins with; 0 if it does not. */
static uint64_t
address_of(const char *line)
{
    uint64_t address = 0;

    for (int i = 0; i < DIGITS; i++) {
        unsigned int value = digit(line[i]);

        if (value > 15) {
            return 0;
        }
        address = address << 4 | value;
    }
    return address;
}

/* The module that stands behind a name, as the group of what is added next. */
static void
take_group(struct tb_ranges *ranges, const char *rest, size_t n)
{
    ranges->group = NULL;
    ranges->n_group = 0;
    if (n > 3 && rest[0] == '\t' && rest[1] == '[' && rest[n - 1] == ']') {
        ranges->group = rest + 2;
        ranges->n_group = n - 3;
    }
}

/* Whether the group is one of what is made while the kernel runs. */
static int
is_made_later(const struct tb_ranges *ranges)
{
    return (ranges->n_group == 3 && memcmp(ranges->group, "bpf", 3) == 0) ||
           (ranges->n_group > 11 && memcmp(ranges->group, "__builtin__", 11) == 0);
}

/* Keep where it lies. */
static void
take_made(struct tb_kallsyms *symbols, uint64_t address)
{
    if (symbols->made_first == 0 || address < symbols->made_first) {
        symbols->made_first = address;
    }
    if (address > symbols->made_last) {
        symbols->made_last = address;
    }
}

/* Add what a line of n bytes says; others than the kernel's addresses are passed over.
 */
static void
take_line(struct tb_kallsyms *symbols, const char *line, size_t n)
{
    uint64_t address;
    const char *tab;
    size_t n_name;

    symbols->n_lines++;
    if (n <= NAME_AT) {
        return;
    }
    address = address_of(line);
    symbols->n_zeros += address == 0;
    if (!(address & KERNEL)) {
        return;
    }
    tab = memchr(line + NAME_AT, '\t', n - NAME_AT);
    n_name = tab != NULL ? (size_t)(tab - line) - NAME_AT : n - NAME_AT;
    take_group(&symbols->ranges, line + NAME_AT + n_name, n - NAME_AT - n_name);
    if (is_made_later(&symbols->ranges)) {
        take_made(symbols, address);
    }
    tb_ranges_add(&symbols->ranges, address, 0, line + NAME_AT, n_name);
}

size_t
tb_kallsyms_parse(struct tb_kallsyms *symbols, const char *text, size_t n)
{
    const char *at = text, *end = text + n, *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        take_line(symbols, at, (size_t)(newline - at));
        at = newline + 1;
    }
    symbols->ranges.group = NULL;
    symbols->ranges.n_group = 0;
    return (size_t)(at - text);
}

int
tb_kallsyms_is_hidden(const struct tb_kallsyms *symbols)
{
    return symbols->n_lines > 0 && symbols->n_zeros == symbols->n_lines;
}
