/* SPDX-License-Identifier: MIT
 *
 * Reader of mappings (system/mappings.h): by the kernel's query (Linux 6.11), which
 * gives those with code alone, or as text, which has all.
 */
#include "system/mappings.h"

#include "system/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAPPINGS_MAX (1u << 18)
#define NAMES_MAX (64u << 20)
#define TEXT_MAX (128u << 20)
#define NAME_SIZE 4096

/* struct procmap_query of linux/fs.h */
struct query {
    uint64_t size, flags, address;                       /* in */
    uint64_t start, end, vma_flags, page, offset, inode; /* out, up to the names */
    uint32_t major, minor;
    uint32_t name_size, build_id_size; /* in and out */
    uint64_t name, build_id;           /* in: where to */
};

#define QUERY _IOWR('f', 17, struct query)
#define QUERY_EXECUTABLE 0x04
#define QUERY_THIS_OR_NEXT 0x10

/* Make room for what is added; 0, -ENOMEM or -E2BIG. */
static int
reserve(struct tb_mappings *mappings, size_t n_name)
{
    size_t cap = mappings->cap > 0 ? mappings->cap * 2 : 64;
    size_t cap_names = (mappings->cap_names + n_name + 1) * 2;
    void *grown;

    if (mappings->n == MAPPINGS_MAX || mappings->n_names + n_name > NAMES_MAX) {
        return -E2BIG;
    }
    if (mappings->n == mappings->cap) {
        grown = realloc(mappings->items, cap * sizeof(*mappings->items));
        if (grown == NULL) {
            return -ENOMEM;
        }
        mappings->items = grown;
        mappings->cap = cap;
    }
    if (mappings->cap_names - mappings->n_names <= n_name) {
        grown = realloc(mappings->names, cap_names);
        if (grown == NULL) {
            return -ENOMEM;
        }
        mappings->names = grown;
        mappings->cap_names = cap_names;
    }
    return 0;
}

/* Add one with its name of n bytes; several in a row share it. 0 or -errno. */
static int
add(struct tb_mappings *mappings, const struct tb_mapping *mapping, const char *name,
    size_t n)
{
    const struct tb_mapping *last;
    int err = reserve(mappings, n);

    if (err < 0) {
        return err;
    }
    last = mappings->n ? &mappings->items[mappings->n - 1] : NULL;
    mappings->items[mappings->n] = *mapping;
    if (last != NULL && strlen(mappings->names + last->name) == n &&
        memcmp(mappings->names + last->name, name, n) == 0) {
        mappings->items[mappings->n++].name = last->name;
        return 0;
    }
    mappings->items[mappings->n++].name = mappings->n_names;
    memcpy(mappings->names + mappings->n_names, name, n);
    mappings->names[mappings->n_names + n] = '\0';
    mappings->n_names += n + 1;
    return 0;
}

/* Copy a name as the text writes it: "\012" is a newline. How many bytes it has. */
static size_t
unescape(const char *text, size_t n, char *out)
{
    size_t n_out = 0;

    for (size_t i = 0; i < n && n_out < NAME_SIZE - 1; i++) {
        if (n - i >= 4 && memcmp(text + i, "\\012", 4) == 0) {
            out[n_out++] = '\n';
            i += 3;
        }
        else {
            out[n_out++] = text[i];
        }
    }
    return n_out;
}

/* Add the mapping of a line without its end; 0 or -errno. Others are passed over. */
static int
parse_line(struct tb_mappings *mappings, const char *line, size_t n)
{
    unsigned long long start, end, offset, inode;
    char head[160], mode[5], name[NAME_SIZE];
    struct tb_mapping mapping = {.start = 0};
    int n_head = 0;
    size_t n_copied = n < sizeof(head) - 1 ? n : sizeof(head) - 1;

    memcpy(head, line, n_copied);
    head[n_copied] = '\0';
    if (sscanf(head, "%llx-%llx %4s %llx %x:%x %llu%n", &start, &end, mode, &offset,
               &mapping.major, &mapping.minor, &inode, &n_head) != 7 ||
        strlen(mode) != 4 || mode[2] != 'x' || start >= end) {
        return 0;
    }
    mapping.start = start;
    mapping.end = end;
    mapping.offset = offset;
    mapping.inode = inode;
    while ((size_t)n_head < n && line[n_head] == ' ') {
        n_head++;
    }
    return add(mappings, &mapping, name,
               unescape(line + n_head, n - (size_t)n_head, name));
}

int
tb_mappings_parse(struct tb_mappings *mappings, const char *text, size_t size)
{
    const char *at = text, *end = text + size;
    int err = 0;

    while (at < end && err == 0) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *behind = newline != NULL ? newline : end;

        err = parse_line(mappings, at, (size_t)(behind - at));
        at = behind + 1;
    }
    return err;
}

/* Ask for one after the other; 0 or -errno: -ENOTTY where the kernel cannot. */
static int
query_all(struct tb_mappings *mappings, int fd)
{
    char name[NAME_SIZE];
    struct query query = {.address = 0};
    int err = 0;

    do {
        struct tb_mapping mapping;
        uint64_t address = query.end;

        query = (struct query){.size = sizeof(query),
                               .flags = QUERY_EXECUTABLE | QUERY_THIS_OR_NEXT,
                               .address = address,
                               .name_size = sizeof(name),
                               .name = (uint64_t)(uintptr_t)name};
        if (ioctl(fd, QUERY, &query) < 0) {
            return errno == ENOENT && mappings->n > 0 ? 0 : -errno;
        }
        mapping = (struct tb_mapping){.start = query.start,
                                      .end = query.end,
                                      .offset = query.offset,
                                      .inode = query.inode,
                                      .major = query.major,
                                      .minor = query.minor};
        err = add(mappings, &mapping, name,
                  query.name_size > 0 ? query.name_size - 1 : 0);
    } while (err == 0);
    return err;
}

static int
read_text(struct tb_mappings *mappings, int fd)
{
    char *text = NULL;
    size_t size;
    int err = tb_foreign_read_all_nogil(fd, TEXT_MAX, &text, &size);

    if (err == 0) {
        err = tb_mappings_parse(mappings, text, size);
    }
    free(text);
    return err;
}

static int
compare(const void *a, const void *b)
{
    const struct tb_mapping *first = a, *second = b;

    return (first->start > second->start) - (first->start < second->start);
}

int
tb_mappings_read_nogil(struct tb_mappings *mappings, pid_t pid)
{
    char path[64];
    int fd, err;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    err = query_all(mappings, fd);
    if (err < 0 && err != -E2BIG && err != -ENOMEM) {
        tb_mappings_free(mappings);
        err = read_text(mappings, fd);
    }
    close(fd);
    if (mappings->n > 0) {
        qsort(mappings->items, mappings->n, sizeof(*mappings->items), compare);
    }
    return err == -E2BIG ? 0 : err;
}

const struct tb_mapping *
tb_mappings_find(const struct tb_mappings *mappings, uint64_t address)
{
    size_t low = 0, high = mappings->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (mappings->items[middle].end <= address) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < mappings->n && mappings->items[low].start <= address
               ? &mappings->items[low]
               : NULL;
}

const char *
tb_mappings_name(const struct tb_mappings *mappings, const struct tb_mapping *mapping)
{
    return mappings->names + mapping->name;
}

int
tb_mappings_are_same(const struct tb_mappings *a, const struct tb_mappings *b)
{
    return a->n == b->n && a->n_names == b->n_names &&
           (a->n == 0 || (memcmp(a->items, b->items, a->n * sizeof(*a->items)) == 0 &&
                          memcmp(a->names, b->names, a->n_names) == 0));
}

void
tb_mappings_free(struct tb_mappings *mappings)
{
    free(mappings->items);
    free(mappings->names);
    *mappings = (struct tb_mappings){.n = 0};
}
