/* SPDX-License-Identifier: MIT
 *
 * The functions of a program or library, and where its parts lie in memory. The file
 * may be cut, hostile, and changed while it is read: bytes are copied out of it by a
 * function of the caller's, what they say is checked, memory and time are bounded.
 * Pure.
 */
#ifndef TB_ELF_SYMBOLS_H
#define TB_ELF_SYMBOLS_H

#include "elf/ranges.h"

#define TB_ELF_SEGMENTS 16 /* parts of a file that are looked at */
#define TB_ELF_BUILD_ID 64 /* bytes of a build id; longer ones are none */
#define TB_ELF_DEBUGLINK 256

struct tb_elf_file {
    /* Copy n bytes from an offset; 0, -1 if they are not all there, or -ENOMEM. */
    int (*read)(void *ctx, uint64_t offset, void *out, size_t n);
    void *ctx;
};

/* A part of the file that is mapped, with code in it. */
struct tb_elf_segment {
    uint64_t offset, size, address;
};

/* All zero to begin with. */
struct tb_elf_symbols {
    struct tb_ranges functions; /* owned; by the addresses that the file gives them */
    int is_whole;               /* it has .symtab, not only what others can call */
    struct tb_elf_segment segments[TB_ELF_SEGMENTS];
    size_t n_segments;
    unsigned char build_id[TB_ELF_BUILD_ID];
    size_t n_build_id;                /* 0: it has none */
    char debuglink[TB_ELF_DEBUGLINK]; /* .gnu_debuglink: a file name; "": there is none
                                       */
    uint32_t debuglink_crc;
};

/* Read them; 0, -EINVAL if it is no 64-bit ELF file of this machine's byte order, or
 * -ENOMEM. A damaged file has as much as can be read. */
int tb_elf_symbols_read(const struct tb_elf_file *file, struct tb_elf_symbols *symbols);

/* The address of what lies at an offset of the file; 0, or -1 if no code does. */
int tb_elf_symbols_address(const struct tb_elf_symbols *symbols, uint64_t offset,
                           uint64_t *out_address);

void tb_elf_symbols_free(struct tb_elf_symbols *symbols);

#endif
