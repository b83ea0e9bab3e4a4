/* SPDX-License-Identifier: MIT
 *
 * Keeper of the kernel's symbols (system/kernel_symbols.h). Reading /proc/kallsyms
 * takes the kernel some 50 ms, so that what could have changed is asked for first:
 * programs are numbered upwards, modules are listed in a small file.
 */
#include "system/kernel_symbols.h"

#include "base/libbpf.h"
#include "system/kallsyms.h"
#include "system/program_ranges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (1u << 18)       /* bytes of the file that are in memory at once */
#define MEMORY_MAX (96u << 20) /* of all symbols; kernels of today need 10 MB */
#define HIDDEN_LINES 4096      /* zeros, behind which no other line is expected */
#define LAST_SIZE (64u << 10)  /* how far the last symbol of a module may reach */
#define BURST 8                /* reads because of what is new, at once */
#define SECOND_NS 1000000000ULL
#define WAIT_MAX_NS (64 * SECOND_NS)

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* Read more of a file, as much as there is room for at least once; bytes or -errno. */
static ssize_t
fill(int fd, char *buffer, size_t size)
{
    size_t n = 0;

    while (n < size) {
        ssize_t got = read(fd, buffer + n, size - n);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        if (got == 0) {
            break;
        }
        n += (size_t)got;
    }
    return (ssize_t)n;
}

/* Parse all of an open file; 0 or -errno. */
static int
parse_all(int fd, char *buffer, struct tb_kallsyms *found)
{
    size_t n_left = 0;

    for (;;) {
        ssize_t got = fill(fd, buffer + n_left, CHUNK - n_left);
        size_t n = n_left + (size_t)got, n_parsed;

        if (got <= 0) {
            return (int)got;
        }
        n_parsed = tb_kallsyms_parse(found, buffer, n);
        if (n_parsed == 0 && n == CHUNK) {
            return -EINVAL;
        }
        n_left = n - n_parsed;
        memmove(buffer, buffer + n_parsed, n_left);
        if (found->ranges.err != 0) {
            return found->ranges.err;
        }
        if (found->n_lines >= HIDDEN_LINES && tb_kallsyms_is_hidden(found)) {
            return 0;
        }
    }
}

/* Read the file; 0 or -errno. */
static int
read_all(struct tb_kallsyms *found)
{
    int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC), err;
    char *buffer;

    if (fd < 0) {
        return -errno;
    }
    buffer = malloc(CHUNK);
    err = buffer != NULL ? parse_all(fd, buffer, found) : -ENOMEM;
    free(buffer);
    close(fd);
    if (err == 0 && tb_kallsyms_is_hidden(found)) {
        err = -EPERM;
    }
    return err == 0 ? tb_ranges_finish(&found->ranges, LAST_SIZE) : err;
}

/* End the last symbol of each module where the module ends, as far as that is told. */
static void
end_with_modules(struct tb_ranges *ranges)
{
    FILE *modules = fopen("/proc/modules", "re");
    char line[4096];

    while (modules != NULL && fgets(line, sizeof(line), modules) != NULL) {
        const char *place = strstr(line, " 0x");
        uint64_t start = place != NULL ? strtoull(place, NULL, 16) : 0;
        uint64_t end = start + strtoull(line + strcspn(line, " "), NULL, 10);
        const struct tb_range *last = tb_ranges_find(ranges, end - 1);

        if (last != NULL && last->start >= start && last->start + last->size > end) {
            ranges->items[last - ranges->items].size = (uint32_t)(end - last->start);
        }
    }
    if (modules != NULL) {
        fclose(modules);
    }
}

/* A hash of the names and places of all modules; 0 where there are none. */
static uint64_t
hash_modules(void)
{
    FILE *modules = fopen("/proc/modules", "re");
    uint64_t hash = 0;
    char line[4096];

    while (modules != NULL && fgets(line, sizeof(line), modules) != NULL) {
        const char *place = strstr(line, " 0x");
        size_t n_name = strcspn(line, " ");

        for (size_t i = 0; i < n_name; i++) {
            hash = hash * 31 + (unsigned char)line[i];
        }
        hash = hash * 31 + (place != NULL ? strtoull(place, NULL, 16) : 1);
    }
    if (modules != NULL) {
        fclose(modules);
    }
    return hash;
}

/* The highest id of programs or links, beginning with one that is not above it. */
static uint32_t
last_id(int (*next)(uint32_t, uint32_t *), uint32_t id)
{
    while (next(id, &id) == 0) {
    }
    return id;
}

int
tb_kernel_symbols_read_nogil(struct tb_kernel_symbols *symbols)
{
    struct tb_kallsyms found = {.ranges.max = MEMORY_MAX};
    uint32_t program, link;
    uint64_t modules;
    int err, has_sizes = 0;

    if (symbols->is_read) {
        return 0;
    }
    program = last_id(bpf_prog_get_next_id, symbols->last_program);
    link = last_id(bpf_link_get_next_id, symbols->last_link);
    modules = hash_modules();
    err = read_all(&found);
    if (err == 0) {
        end_with_modules(&found.ranges);
        err = tb_program_ranges_close_nogil(&found, &has_sizes);
    }
    if (err != 0) {
        tb_ranges_free(&found.ranges);
        return err;
    }
    tb_ranges_free(&symbols->ranges);
    symbols->ranges = found.ranges;
    symbols->last_program = program;
    symbols->last_link = link;
    symbols->has_sizes = has_sizes;
    symbols->modules = modules;
    symbols->modules_ns = now_ns();
    symbols->n_reads++;
    symbols->is_read = 1;
    return 0;
}

/* Whether one more read because of what is new may be made. */
static int
may_read(struct tb_kernel_symbols *symbols, uint64_t now)
{
    uint64_t n_back = (now - symbols->refill_ns) / SECOND_NS;

    if (n_back > 0) {
        symbols->n_spent -=
            n_back < symbols->n_spent ? (unsigned int)n_back : symbols->n_spent;
        symbols->refill_ns = now;
    }
    return symbols->n_spent++ < BURST;
}

/* Read anew, keeping what there is if that fails. */
static int
read_anew(struct tb_kernel_symbols *symbols)
{
    int err;

    symbols->is_read = 0;
    err = tb_kernel_symbols_read_nogil(symbols);
    symbols->is_read = 1;
    return err == 0;
}

/* Whether modules have come or gone, as far as that was looked at in this second. */
static int
has_new_modules(struct tb_kernel_symbols *symbols, uint64_t now)
{
    if (now - symbols->modules_ns < SECOND_NS) {
        return 0;
    }
    symbols->modules_ns = now;
    return hash_modules() != symbols->modules;
}

int
tb_kernel_symbols_renew_nogil(struct tb_kernel_symbols *symbols)
{
    uint64_t now = now_ns();
    uint32_t id;

    return (bpf_prog_get_next_id(symbols->last_program, &id) == 0 ||
            bpf_link_get_next_id(symbols->last_link, &id) == 0 ||
            has_new_modules(symbols, now)) &&
           may_read(symbols, now) && read_anew(symbols);
}

int
tb_kernel_symbols_is_sure(const struct tb_kernel_symbols *symbols,
                          const struct tb_range *range)
{
    const struct tb_range *end = symbols->ranges.items + symbols->ranges.n;
    const char *group;

    if (range == NULL) {
        return 0;
    }
    group = tb_ranges_group(&symbols->ranges, range);
    if (*group == '\0' || tb_program_ranges_is_one(&symbols->ranges, range)) {
        return *group == '\0' || symbols->has_sizes;
    }
    return range + 1 < end && range->start + range->size == range[1].start &&
           strcmp(group, tb_ranges_group(&symbols->ranges, range + 1)) == 0;
}

int
tb_kernel_symbols_look_nogil(struct tb_kernel_symbols *symbols, uint64_t address)
{
    const struct tb_range *range = tb_ranges_find(&symbols->ranges, address);
    uint64_t now = now_ns();

    if ((address >> 63) == 0) {
        return 0;
    }
    if (hash_modules() != symbols->modules) {
        return may_read(symbols, now) && read_anew(symbols);
    }
    if (range != NULL) {
        return tb_program_ranges_is_one(&symbols->ranges, range) &&
               may_read(symbols, now) && read_anew(symbols);
    }
    if (now < symbols->look_ns || !read_anew(symbols)) {
        return 0;
    }
    if (tb_ranges_find(&symbols->ranges, address) != NULL || symbols->wait_ns == 0) {
        symbols->wait_ns = SECOND_NS;
    }
    else if (symbols->wait_ns < WAIT_MAX_NS) {
        symbols->wait_ns *= 2;
    }
    symbols->look_ns = now + symbols->wait_ns;
    return 1;
}

/* A number of a sysctl; -1 if it cannot be read. */
static int
sysctl_number(const char *path)
{
    FILE *file = fopen(path, "re");
    int number = -1;

    if (file != NULL) {
        if (fscanf(file, "%d", &number) != 1) {
            number = -1;
        }
        fclose(file);
    }
    return number;
}

void
tb_kernel_symbols_advice(char *text, size_t size)
{
    int restricts = sysctl_number("/proc/sys/kernel/kptr_restrict");

    if (restricts >= 2) {
        snprintf(
            text, size,
            "/proc/kallsyms has only zeros, for kernel.kptr_restrict is %d: sysctl "
            "kernel.kptr_restrict=1 shows them to CAP_SYSLOG, 0 to those who may "
            "profile",
            restricts);
        return;
    }
    snprintf(
        text, size,
        "/proc/kallsyms has only zeros, for this process lacks CAP_SYSLOG "
        "(kernel.kptr_restrict is %d)\n  run as root, or start it with it: setpriv "
        "--inh-caps=+syslog --ambient-caps=+syslog ..., AmbientCapabilities= in "
        "systemd",
        restricts);
}
