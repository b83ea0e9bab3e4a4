/* SPDX-License-Identifier: MIT
 *
 * A look at the ELF headers before libbpf sees the file: libelf's own errors do not
 * say what a person did wrong, and a truncated download should be called that.
 */
#include "elf/check.h"

#include "elf/image.h"

#include <elf.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define HOST_DATA ELFDATA2LSB
#define HOST_ORDER "little"
#define OTHER_ORDER "big"
#define CLANG_TARGET "bpfel"
#else
#define HOST_DATA ELFDATA2MSB
#define HOST_ORDER "big"
#define OTHER_ORDER "little"
#define CLANG_TARGET "bpfeb"
#endif

/* The identification bytes; NULL if they are right. */
static const char *
ident_problem(const unsigned char *image, size_t size)
{
    if (size == 0) {
        return "the file is empty";
    }
    if (!tb_elf_is_elf(image, size)) {
        return "it is not an ELF file; give the .bpf.o that clang -target bpf made";
    }
    if (size < sizeof(Elf64_Ehdr)) {
        return "it is truncated: the ELF header is not whole";
    }
    if (image[EI_CLASS] != ELFCLASS64) {
        return "it is a 32-bit ELF file; BPF objects are 64-bit";
    }
    if (image[EI_DATA] != HOST_DATA) {
        return "it is compiled for " OTHER_ORDER
               "-endian machines and this one is " HOST_ORDER
               "-endian; compile it with clang -target " CLANG_TARGET;
    }
    return NULL;
}

/* The end of a section's bytes in the file, or of the header itself. */
static size_t
section_end(const Elf64_Shdr *section)
{
    if (section->sh_type == SHT_NOBITS || section->sh_type == SHT_NULL) {
        return 0;
    }
    if (section->sh_offset > SIZE_MAX - section->sh_size) {
        return SIZE_MAX;
    }
    return section->sh_offset + section->sh_size;
}

/* How long the file must be for its section table and sections to be in it. */
static size_t
needed_size(const unsigned char *image, size_t size, const Elf64_Ehdr *header)
{
    size_t table = (size_t)header->e_shnum * sizeof(Elf64_Shdr);
    size_t needed = header->e_shoff + table;

    if (header->e_shoff > SIZE_MAX - table) {
        return SIZE_MAX;
    }
    if (needed > size) {
        return needed;
    }
    for (size_t i = 0; i < header->e_shnum; i++) {
        Elf64_Shdr section;
        size_t end;

        memcpy(&section, image + header->e_shoff + i * sizeof(section),
               sizeof(section));
        end = section_end(&section);
        if (end > needed) {
            needed = end;
        }
    }
    return needed;
}

/* What libbpf refuses without saying what to do about it; NULL if there is nothing. */
static const char *
map_problem(const void *image, size_t size)
{
    size_t n;

    if (tb_elf_section(image, size, "maps", &n) != NULL) {
        return "its maps are in the old form, SEC(\"maps\"), which libbpf 1.0 gave up\n"
               "  write struct { __uint(type, ...); __uint(max_entries, ...); "
               "__type(key, ...); __type(value, ...); } NAME SEC(\".maps\");";
    }
    if (tb_elf_section(image, size, ".maps", &n) != NULL &&
        tb_elf_section(image, size, ".BTF", &n) == NULL) {
        return "it has maps, and no BTF that describes them\n  compile it with clang "
               "-g, "
               "and strip nothing but debug information (llvm-strip -g)";
    }
    return NULL;
}

const char *
tb_elf_problem(const void *image, size_t size, char *text, size_t text_size)
{
    const char *problem = ident_problem(image, size);
    Elf64_Ehdr header;
    size_t needed;

    if (problem != NULL) {
        snprintf(text, text_size, "%s", problem);
        return text;
    }
    memcpy(&header, image, sizeof(header));
    if (header.e_machine != EM_BPF) {
        snprintf(text, text_size,
                 "it is an ELF file for another machine (%u), not for BPF; "
                 "compile it with clang -target bpf",
                 header.e_machine);
        return text;
    }
    if (header.e_type != ET_REL || header.e_shentsize != sizeof(Elf64_Shdr)) {
        snprintf(text, text_size,
                 "it is no relocatable ELF object; give the .bpf.o that clang -c made");
        return text;
    }
    if (header.e_shnum == 0 || header.e_shstrndx >= header.e_shnum) {
        snprintf(text, text_size, "it has no table of sections, or none with names");
        return text;
    }
    needed = needed_size(image, size, &header);
    if (needed > size) {
        snprintf(text, text_size,
                 "it is truncated: it has %zu bytes and its sections need %zu", size,
                 needed);
        return text;
    }
    problem = map_problem(image, size);
    if (problem != NULL) {
        snprintf(text, text_size, "%s", problem);
        return text;
    }
    return NULL;
}
