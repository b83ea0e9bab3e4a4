/* SPDX-License-Identifier: MIT
 *
 * Reader of ELF files (elf/image.h) without a copy and without libelf. They may be cut
 * or hostile: nothing is read before its place was compared with the size.
 */
#include "elf/image.h"

#include "base/nearest.h"

#include <endian.h>
#include <string.h>

#define HOST_DATA (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

int
tb_elf_is_elf(const void *data, size_t size)
{
    return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

/* Copy n bytes from an offset; 0, or -1 if they are not all there. */
static int
read_at(const struct tb_elf_image *image, size_t offset, void *out, size_t n)
{
    if (offset > image->size || n > image->size - offset) {
        return -1;
    }
    memcpy(out, image->data + offset, n);
    return 0;
}

int
tb_image_open(struct tb_elf_image *image, const void *data, size_t size)
{
    *image = (struct tb_elf_image){.data = data, .size = size};
    if (!tb_elf_is_elf(data, size) ||
        read_at(image, 0, &image->header, sizeof(image->header)) < 0) {
        return -1;
    }
    return image->header.e_ident[EI_CLASS] == ELFCLASS64 ? 0 : -1;
}

int
tb_image_section(const struct tb_elf_image *image, size_t index, Elf64_Shdr *out)
{
    if (index >= image->header.e_shnum || image->header.e_shentsize != sizeof(*out) ||
        image->header.e_shoff > image->size) {
        return -1;
    }
    return read_at(image, image->header.e_shoff + index * sizeof(*out), out,
                   sizeof(*out));
}

const char *
tb_image_data(const struct tb_elf_image *image, const Elf64_Shdr *section)
{
    if (section->sh_type == SHT_NOBITS || (section->sh_flags & SHF_COMPRESSED) ||
        section->sh_offset > image->size ||
        section->sh_size > image->size - section->sh_offset) {
        return NULL;
    }
    return image->data + section->sh_offset;
}

const char *
tb_image_name(const struct tb_elf_image *image, const Elf64_Shdr *section)
{
    Elf64_Shdr names;
    const char *text;

    if (tb_image_section(image, image->header.e_shstrndx, &names) < 0) {
        return NULL;
    }
    text = tb_image_data(image, &names);
    if (text == NULL || section->sh_name >= names.sh_size ||
        memchr(text + section->sh_name, '\0', names.sh_size - section->sh_name) ==
            NULL) {
        return NULL;
    }
    return text + section->sh_name;
}

const void *
tb_elf_section(const void *data, size_t size, const char *name, size_t *out_size)
{
    struct tb_elf_image image;
    Elf64_Shdr section;

    if (tb_image_open(&image, data, size) < 0 ||
        image.header.e_ident[EI_DATA] != HOST_DATA) {
        return NULL;
    }
    for (size_t i = 0; tb_image_section(&image, i, &section) == 0; i++) {
        const char *its_name = tb_image_name(&image, &section);

        if (its_name != NULL && strcmp(its_name, name) == 0) {
            *out_size = section.sh_size;
            return tb_image_data(&image, &section);
        }
    }
    return NULL;
}

/* A string that ends inside of the image; NULL if there is none. */
static const char *
string_at(const struct tb_elf_image *image, const Elf64_Shdr *strings, size_t offset)
{
    size_t at = strings->sh_offset + offset;

    if (strings->sh_offset > image->size || offset > image->size || at >= image->size ||
        memchr(image->data + at, '\0', image->size - at) == NULL) {
        return NULL;
    }
    return image->data + at;
}

/* Offer the functions of one symbol table; how many. */
static long
offer_functions(const struct tb_elf_image *image, const Elf64_Shdr *table,
                const Elf64_Shdr *strings, struct tb_nearest *nearest)
{
    size_t n = table->sh_size / sizeof(Elf64_Sym);
    Elf64_Sym symbol;
    long found = 0;

    for (size_t i = 0; i < n && table->sh_offset <= image->size; i++) {
        size_t at = table->sh_offset + i * sizeof(symbol);
        const char *name;

        if (read_at(image, at, &symbol, sizeof(symbol)) < 0) {
            break;
        }
        name = string_at(image, strings, symbol.st_name);
        if (name != NULL && *name != '\0' && symbol.st_shndx != SHN_UNDEF &&
            ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
            tb_nearest_offer(nearest, name);
            found++;
        }
    }
    return found;
}

long
tb_elf_functions(const void *data, size_t size, struct tb_nearest *nearest)
{
    struct tb_elf_image image;
    long found = 0;

    if (tb_image_open(&image, data, size) < 0) {
        return -1;
    }
    for (size_t i = 0; i < image.header.e_shnum; i++) {
        Elf64_Shdr table, strings;

        if (tb_image_section(&image, i, &table) == 0 &&
            (table.sh_type == SHT_SYMTAB || table.sh_type == SHT_DYNSYM) &&
            tb_image_section(&image, table.sh_link, &strings) == 0) {
            found += offer_functions(&image, &table, &strings, nearest);
        }
    }
    return found;
}
