/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: what observed processes can write is read: ELF files, names of
 * Rust, perf map files, mappings; and /proc/kallsyms. The first byte of an input
 * chooses.
 */
#include "elf/rust.h"
#include "elf/symbols.h"
#include "system/kallsyms.h"
#include "system/mappings.h"
#include "system/perf_map.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX (16u << 20)

struct image {
    const char *data;
    size_t size;
};

static volatile uint64_t sum;

static int
read_image(void *ctx, uint64_t offset, void *out, size_t n)
{
    const struct image *image = ctx;

    if (offset > image->size || n > image->size - offset) {
        return -1;
    }
    memcpy(out, image->data + offset, n);
    return 0;
}

static void
demangle(const char *name)
{
    char out[512];

    if (tb_rust_demangle(name, out, sizeof(out)) == 0) {
        sum += strlen(out);
    }
}

/* All ranges are in order, have names, and are found where they are. */
static void
check_ranges(const struct tb_ranges *ranges)
{
    for (size_t i = 0; i < ranges->n; i++) {
        const struct tb_range *range = &ranges->items[i];

        if (i > 0 && range[-1].start >= range->start) {
            abort();
        }
        sum += strlen(tb_ranges_group(ranges, range));
        demangle(tb_ranges_name(ranges, range));
        if (range->size > 0 && tb_ranges_find(ranges, range->start) != range) {
            abort();
        }
    }
}

static void
elf(const char *data, size_t size)
{
    struct image image = {data, size};
    struct tb_elf_file file = {read_image, &image};
    struct tb_elf_symbols symbols = {.is_whole = 0};
    uint64_t address;

    if (tb_elf_symbols_read(&file, &symbols) == 0) {
        check_ranges(&symbols.functions);
        sum += strlen(symbols.debuglink) + symbols.n_build_id;
        for (size_t i = 0; i < symbols.n_segments; i++) {
            tb_elf_symbols_address(&symbols, symbols.segments[i].offset, &address);
        }
    }
    tb_elf_symbols_free(&symbols);
}

static void
kallsyms(const char *data, size_t size)
{
    struct tb_kallsyms symbols = {.ranges.max = MEMORY_MAX};

    tb_kallsyms_parse(&symbols, data, size);
    tb_ranges_finish(&symbols.ranges, 4096);
    check_ranges(&symbols.ranges);
    tb_ranges_free(&symbols.ranges);
}

static void
perf_map(const char *data, size_t size)
{
    struct tb_ranges functions = {.max = MEMORY_MAX};

    tb_perf_map_parse(&functions, data, size);
    check_ranges(&functions);
    tb_ranges_free(&functions);
}

static void
mappings(const char *data, size_t size)
{
    struct tb_mappings found = {.n = 0};

    tb_mappings_parse(&found, data, size);
    for (size_t i = 0; i < found.n; i++) {
        sum += strlen(tb_mappings_name(&found, &found.items[i]));
        tb_mappings_find(&found, found.items[i].start);
    }
    tb_mappings_free(&found);
}

static void
names(const char *data, size_t size)
{
    char *name = malloc(size + 1);

    if (name == NULL) {
        abort();
    }
    memcpy(name, data, size);
    name[size] = '\0';
    demangle(name);
    free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const char *, size_t) = {elf, kallsyms, perf_map,
                                                            mappings, names};
    size_t n = sizeof(readers) / sizeof(readers[0]);

    if (size < 1) {
        return -1;
    }
    watch_begin();
    readers[data[0] % n]((const char *)data + 1, size - 1);
    watch_end();
    return 0;
}
