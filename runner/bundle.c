/* SPDX-License-Identifier: MIT
 *
 * Find, check and read the files of a bundle (bundle.h). No Python here.
 */
#include "bundle.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* What tells the segment from the others: the flag is one of those that ELF leaves to
 * the operating system, and Linux does not look at it. */
enum { SEGMENT_FLAGS = PF_R | 0x04000000 };

struct header {
    char magic[8];
    uint32_t format;
    uint32_t checksum;
    uint64_t size;
    uint64_t runner_size;
    uint32_t runner_checksum;
    uint32_t count;
    char placeholder[56];
};

/* The checksum is of what begins here. */
enum {
    CHECKED = offsetof(struct header, size),
    RATIO = 1032 /* at most, of deflate */
};

static const char magic[8] = {'t', 'i', 'n', 'y', 'b', 'p', 'f', '\n'};
static const char cut_off[] = "it is damaged: a part of it is missing";
static const char changed[] = "it is damaged: its checksum is another";
static const char malformed[] = "it is damaged: its list of files makes no sense";

static const char *start;
static const struct tbr_bundle_file *files;
static size_t count;

static const Elf64_Phdr *
find_segment(void)
{
    const Elf64_Phdr *segment = (const Elf64_Phdr *)getauxval(AT_PHDR);
    unsigned long n = segment != NULL ? getauxval(AT_PHNUM) : 0;

    for (; n > 0; n--, segment++) {
        if (segment->p_type == PT_LOAD && segment->p_flags == SEGMENT_FLAGS) {
            return segment;
        }
    }
    return NULL;
}

int
tbr_bundle_is_there(void)
{
    return find_segment() != NULL;
}

/* Does the file have this byte, which is its last? Reading what is mapped beyond a
 * file's end kills; the kernel, asked to read a name there, only says that it cannot.
 * What is behind it in its page, and there is something, is zeroes: the name has an
 * end. */
static int
is_readable(const char *at)
{
    return access(at, F_OK) == 0 || errno != EFAULT;
}

/* Does a part lie within the bundle? */
static int
is_inside(uint32_t offset, uint32_t size, size_t whole)
{
    return offset <= whole && size <= whole - offset;
}

/* Order of names: by bytes, then by length. */
static int
compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static int
compare_file(const struct tbr_bundle_file *file, const char *name, size_t size)
{
    return compare(start + file->name, file->name_size, name, size);
}

/* Can this file be read, and does it come behind the one before it? */
static int
is_sound(const struct tbr_bundle_file *file, size_t whole)
{
    if (!is_inside(file->name, file->name_size, whole) ||
        file->name + file->name_size == whole ||
        start[file->name + file->name_size] != '\0' ||
        memchr(start + file->name, '\0', file->name_size) != NULL ||
        !is_inside(file->data, file->size, whole) ||
        !is_inside(file->code, file->code_size, whole) ||
        file->full_size < file->size || file->full_size / RATIO > file->size) {
        return 0;
    }
    return file == files ||
           compare_file(file - 1, start + file->name, file->name_size) < 0;
}

const char *
tbr_bundle_open_at(const void *at, size_t size)
{
    const struct header *header = at;
    uint32_t checksum;

    start = at;
    if (size < sizeof(*header)) {
        return cut_off;
    }
    checksum = (uint32_t)crc32_z(0, (const Bytef *)start + CHECKED, size - CHECKED);
    if (memcmp(header->magic, magic, sizeof(magic)) != 0 || header->size != size ||
        header->checksum != checksum) {
        return changed;
    }
    if (header->format != TBR_BUNDLE_FORMAT ||
        header->count > (size - sizeof(*header)) / sizeof(*files)) {
        return malformed;
    }
    files = (const struct tbr_bundle_file *)(header + 1);
    count = header->count;
    for (size_t i = 0; i < count; i++) {
        if (!is_sound(&files[i], size)) {
            return malformed;
        }
    }
    return NULL;
}

const char *
tbr_bundle_open(void)
{
    const Elf64_Phdr *segment = find_segment();
    char *at =
        (char *)segment->p_vaddr; /* not position-independent, as the runner is */

    if (segment->p_filesz == 0 || !is_readable(at + segment->p_filesz - 1)) {
        return cut_off;
    }
    (void)madvise(at, segment->p_filesz, MADV_POPULATE_READ);
    return tbr_bundle_open_at(at, segment->p_filesz);
}

const struct tbr_bundle_file *
tbr_bundle_files(size_t *out_n)
{
    *out_n = count;
    return files;
}

const struct tbr_bundle_file *
tbr_bundle_from(const char *name, size_t size)
{
    const struct tbr_bundle_file *first = files;
    size_t n = count;

    while (n > 0) {
        size_t half = n / 2;

        if (compare_file(&first[half], name, size) < 0) {
            first += half + 1;
            n -= half + 1;
        }
        else {
            n = half;
        }
    }
    return first;
}

const struct tbr_bundle_file *
tbr_bundle_find(const char *name, size_t size)
{
    const struct tbr_bundle_file *file = tbr_bundle_from(name, size);

    return file < files + count && compare_file(file, name, size) == 0 ? file : NULL;
}

int
tbr_bundle_is_folder(const char *name, size_t size)
{
    const struct tbr_bundle_file *file = tbr_bundle_from(name, size);

    /* "a-b" and "a.b" come between "a" and "a/b". */
    for (; size > 0 && name[0] != '/' && file < files + count; file++) {
        const char *found = start + file->name;

        if (file->name_size < size || memcmp(found, name, size) != 0) {
            return 0;
        }
        if (file->name_size > size && found[size] == '/') {
            return 1;
        }
    }
    return 0;
}

const void *
tbr_bundle_at(uint32_t offset)
{
    return start + offset;
}

int
tbr_bundle_read(const struct tbr_bundle_file *file, char *out)
{
    z_stream stream = {
        /* zlib only reads it */
        .next_in = (Bytef *)(uintptr_t)(start + file->data),
        .avail_in = file->size,
        .next_out = (Bytef *)out,
        .avail_out = file->full_size,
    };
    int err;

    if (file->size == file->full_size) {
        memcpy(out, start + file->data, file->size);
        return 0;
    }
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        return -1;
    }
    err = inflate(&stream, Z_FINISH);
    (void)inflateEnd(&stream);
    return err == Z_STREAM_END && stream.avail_out == 0 ? 0 : -1;
}
