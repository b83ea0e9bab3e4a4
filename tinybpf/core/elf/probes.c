/* SPDX-License-Identifier: MIT
 *
 * Reader of .note.stapsdt (elf/probes.h), as <sys/sdt.h> writes it: notes of type 3 by
 * "stapsdt", whose descriptor is three addresses, then provider, name and arguments,
 * each with its NUL.
 */
#include "elf/probes.h"

#include "base/nearest.h"
#include "elf/image.h"

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PROBE_NOTE 3 /* _SDT_NOTE_TYPE */
#define ADDRESSES (3 * sizeof(uint64_t))

/* A text and the one behind it as "provider:name"; 0, or -1 if they do not end. */
static int
read_names(const char *at, size_t size, char *out, size_t out_size)
{
    const char *end = memchr(at, '\0', size);
    size_t n = end ? (size_t)(end - at) + 1 : size;

    if (end == NULL || memchr(at + n, '\0', size - n) == NULL) {
        return -1;
    }
    return snprintf(out, out_size, "%s:%s", at, at + n) < (int)out_size ? 0 : -1;
}

/* The size of a note's part with what fills it up to a word. */
static size_t
padded(uint32_t size)
{
    return ((size_t)size + 3) & ~(size_t)3;
}

/* Append a name to a list, if it is not the last of it already and there is room. */
static void
append(const char *name, char *list, size_t size)
{
    size_t n = strlen(list), k = strlen(name);

    if (n + k + 3 < size && !(n >= k && strcmp(list + n - k, name) == 0)) {
        snprintf(list + n, size - n, "%s%s", n ? ", " : "", name);
    }
}

long
tb_elf_probes(const void *data, size_t size, struct tb_nearest *nearest, char *list,
              size_t list_size)
{
    size_t left = 0;
    const char *at = tb_elf_section(data, size, ".note.stapsdt", &left);
    char name[TB_NEAREST_NAME];
    Elf64_Nhdr note;
    long found = 0;

    list[0] = '\0';
    while (at != NULL && left >= sizeof(note)) {
        size_t before, whole;

        memcpy(&note, at, sizeof(note));
        before = sizeof(note) + padded(note.n_namesz) + ADDRESSES;
        whole = sizeof(note) + padded(note.n_namesz) + padded(note.n_descsz);
        if (note.n_descsz < ADDRESSES || whole > left) {
            break;
        }
        if (note.n_type == PROBE_NOTE &&
            read_names(at + before, note.n_descsz - ADDRESSES, name, sizeof(name)) ==
                0) {
            tb_nearest_offer(nearest, name);
            append(name, list, list_size);
            found++;
        }
        at += whole;
        left -= whole;
    }
    return found;
}
