/* SPDX-License-Identifier: MIT
 *
 * Sizes of BPF programs (system/program_ranges.h). A program tells where each of its
 * functions was compiled to, and how long that is (jited_ksyms and jited_func_lens of
 * bpf_prog_info, Linux 4.18).
 */
#include "system/program_ranges.h"

#include "base/libbpf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUNCTIONS 256       /* of a program, at first */
#define FUNCTIONS_MAX 65536 /* of one that has more, those behind them stay unknown */
#define PROGRAM_MAX (64u << 10) /* how far one of unknown size may reach */

/* Functions of a program. */
struct functions {
    uint64_t *starts; /* owned */
    uint32_t *sizes;  /* owned */
    uint32_t cap, n;
};

int
tb_program_ranges_is_one(const struct tb_ranges *ranges, const struct tb_range *range)
{
    return strcmp(tb_ranges_group(ranges, range), "bpf") == 0 &&
           strncmp(tb_ranges_name(ranges, range), "bpf_prog_", 9) == 0;
}

/* Whether it is made while the kernel runs, in a page at most: trampolines
 * (arch_alloc_bpf_trampoline() of kernel/bpf/trampoline.c), dispatchers, ftrace. */
static int
is_made_later(const struct tb_ranges *ranges, const struct tb_range *range)
{
    const char *group = tb_ranges_group(ranges, range);

    return strcmp(group, "bpf") == 0 || strncmp(group, "__builtin__", 11) == 0;
}

/* Make room for the functions of a program; 0 or -ENOMEM. */
static int
reserve(struct functions *functions, uint32_t n)
{
    uint64_t *starts = realloc(functions->starts, n * sizeof(*starts));
    uint32_t *sizes;

    if (starts == NULL) {
        return -ENOMEM;
    }
    functions->starts = starts;
    sizes = realloc(functions->sizes, n * sizeof(*sizes));
    if (sizes == NULL) {
        return -ENOMEM;
    }
    functions->sizes = sizes;
    functions->cap = n;
    return 0;
}

/* Ask an open program for its functions; 0 or -errno. */
static int
ask(int fd, struct functions *functions)
{
    for (;;) {
        struct bpf_prog_info info = {
            .nr_jited_ksyms = functions->cap,
            .nr_jited_func_lens = functions->cap,
            .jited_ksyms = (uint64_t)(uintptr_t)functions->starts,
            .jited_func_lens = (uint64_t)(uintptr_t)functions->sizes};
        uint32_t size = sizeof(info), n;

        if (bpf_prog_get_info_by_fd(fd, &info, &size) < 0) {
            return -errno;
        }
        n = info.nr_jited_ksyms < info.nr_jited_func_lens ? info.nr_jited_ksyms
                                                          : info.nr_jited_func_lens;
        functions->n = n < functions->cap ? n : functions->cap;
        if (info.jited_ksyms == 0 || info.jited_func_lens == 0) {
            functions->n = 0; /* the kernel does not tell */
        }
        if (n <= functions->cap || functions->cap >= FUNCTIONS_MAX) {
            return 0;
        }
        if (reserve(functions, n < FUNCTIONS_MAX ? n : FUNCTIONS_MAX) < 0) {
            return -ENOMEM;
        }
    }
}

/* Close the ranges of a program's functions. */
static void
close_ranges(struct tb_ranges *ranges, const struct functions *functions)
{
    for (uint32_t i = 0; i < functions->n; i++) {
        const struct tb_range *range = tb_ranges_find(ranges, functions->starts[i]);

        if (range != NULL && range->start == functions->starts[i]) {
            ranges->items[range - ranges->items].size = functions->sizes[i];
        }
    }
}

/* Close the ranges of all programs that there are; 0 or -errno. */
static int
close_all(struct tb_ranges *ranges, struct functions *functions)
{
    uint32_t id = 0;
    int err = 0;

    while (err == 0 && bpf_prog_get_next_id(id, &id) == 0) {
        int fd = bpf_prog_get_fd_by_id(id);

        if (fd >= 0) {
            err = ask(fd, functions);
            close(fd);
            close_ranges(ranges, functions);
        }
        else if (errno != ENOENT) {
            err = -errno;
        }
    }
    return err != 0 ? err : errno == ENOENT ? 0 : -errno;
}

/* Let none reach further than it may. */
static void
bound(struct tb_kallsyms *symbols)
{
    struct tb_ranges *ranges = &symbols->ranges;
    const struct tb_range *first = tb_ranges_find(ranges, symbols->made_first);
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);

    for (size_t i = first != NULL ? (size_t)(first - ranges->items) : 0;
         symbols->made_last != 0 && i < ranges->n &&
         ranges->items[i].start <= symbols->made_last;
         i++) {
        struct tb_range *range = &ranges->items[i];

        if (is_made_later(ranges, range)) {
            uint32_t most =
                tb_program_ranges_is_one(ranges, range) ? PROGRAM_MAX : page;

            range->size = range->size < most ? range->size : most;
        }
    }
}

int
tb_program_ranges_close_nogil(struct tb_kallsyms *symbols, int *out_is_exact)
{
    struct functions functions = {.n = 0};
    int err = reserve(&functions, FUNCTIONS);

    bound(symbols);
    if (err == 0) {
        err = close_all(&symbols->ranges, &functions);
    }
    free(functions.starts);
    free(functions.sizes);
    *out_is_exact = err == 0;
    return err == -ENOMEM || err == -EMFILE || err == -ENFILE ? err : 0;
}
