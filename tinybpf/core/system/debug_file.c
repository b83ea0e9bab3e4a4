/* SPDX-License-Identifier: MIT
 *
 * Finder of debug files (system/debug_file.h), at the places where gdb looks. What is
 * found is of the same build: by its build id, or its checksum where there is none.
 */
#include "system/debug_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/lib/debug"
#define CHECKED_MAX (512u << 20) /* bytes of a file whose checksum is computed */
#define CHUNK (1u << 16)

/* Go on with a checksum as .gnu_debuglink has it: that of zip. */
static uint32_t
checksum(uint32_t crc, const unsigned char *data, size_t n)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc = table[(crc ^ data[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ (data[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

/* Whether all of a file has a checksum; -ENOMEM without memory. */
static int
has_checksum(int fd, const struct stat *st, uint32_t wanted)
{
    unsigned char *buffer = malloc(CHUNK);
    uint32_t crc = 0;
    off_t at = 0;
    ssize_t n = st->st_size <= (off_t)CHECKED_MAX ? 1 : -1;

    if (buffer == NULL) {
        return -ENOMEM;
    }
    while (n > 0 && at <= (off_t)CHECKED_MAX) {
        n = pread(fd, buffer, CHUNK, at);
        crc = n > 0 ? checksum(crc, buffer, (size_t)n) : crc;
        at += n > 0 ? n : 0;
    }
    free(buffer);
    return n == 0 && crc == wanted;
}

/* Whether an open file is of the same build; -ENOMEM without memory. */
static int
is_of(const struct tb_elf_symbols *symbols, const struct tb_elf_symbols *debug, int fd,
      const struct stat *st)
{
    if (symbols->n_build_id > 0) {
        return symbols->n_build_id == debug->n_build_id &&
               memcmp(symbols->build_id, debug->build_id, debug->n_build_id) == 0;
    }
    return has_checksum(fd, st, symbols->debuglink_crc);
}

/* Take the symbols of one file, if it is there and the right one: whether it is, or
 * -errno. */
static int
take(const struct tb_foreign_root *root, const char *path,
     struct tb_elf_symbols *symbols)
{
    struct tb_elf_symbols debug = {.is_whole = 0};
    struct stat st;
    int fd = tb_foreign_open_nogil(root, path, 1, &st), is_taken;
    struct tb_elf_file file = {tb_foreign_read_nogil, &fd};

    if (fd < 0) {
        return tb_foreign_is_want(fd) ? fd : 0;
    }
    is_taken = tb_elf_symbols_read(&file, &debug);
    if (is_taken == 0 && debug.is_whole) {
        is_taken = is_of(symbols, &debug, fd, &st);
    }
    if (is_taken > 0) {
        struct tb_ranges old = symbols->functions;

        symbols->functions = debug.functions;
        symbols->is_whole = 1;
        debug.functions = old;
    }
    tb_elf_symbols_free(&debug);
    close(fd);
    return is_taken == -ENOMEM || is_taken > 0 ? is_taken : 0;
}

/* By build id: the first byte is a folder, the others are the file. */
static int
take_by_id(const struct tb_foreign_root *root, struct tb_elf_symbols *symbols)
{
    char path[sizeof(FOLDER) + 2 * TB_ELF_BUILD_ID + 32];
    int n =
        snprintf(path, sizeof(path), FOLDER "/.build-id/%02x/", symbols->build_id[0]);

    for (size_t i = 1; i < symbols->n_build_id; i++) {
        n += snprintf(path + n, sizeof(path) - (size_t)n, "%02x", symbols->build_id[i]);
    }
    snprintf(path + n, sizeof(path) - (size_t)n, ".debug");
    return take(root, path, symbols);
}

/* By name: beside the file, in .debug there, and in the folder of all of them. */
static int
take_by_name(const struct tb_foreign_root *root, const char *path,
             struct tb_elf_symbols *symbols)
{
    static const char *const before[] = {"", "", FOLDER}, *const behind[] = {
                                                              "", ".debug/", ""};
    const char *slash = strrchr(path, '/');
    int n_folder = slash != NULL ? (int)(slash - path) + 1 : 0;
    int is_taken = 0;
    char name[8192];

    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]) && is_taken == 0; i++) {
        int n = snprintf(name, sizeof(name), "%s%.*s%s%s", before[i], n_folder, path,
                         behind[i], symbols->debuglink);

        if (n > 0 && (size_t)n < sizeof(name) && strcmp(name, path) != 0) {
            is_taken = take(root, name, symbols);
        }
    }
    return is_taken;
}

int
tb_debug_file_take_nogil(const struct tb_foreign_root *root, const char *path,
                         struct tb_elf_symbols *symbols)
{
    int is_taken = symbols->n_build_id > 1 ? take_by_id(root, symbols) : 0;

    return is_taken == 0 && symbols->debuglink[0] != '\0'
               ? take_by_name(root, path, symbols)
               : is_taken;
}
