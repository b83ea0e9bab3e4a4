/* SPDX-License-Identifier: MIT
 *
 * Finding a section (elf/section.h) without a copy and without libelf, in files that
 * may be cut or hostile: every offset is compared with the size.
 */
#include "elf/section.h"

#include <elf.h>
#include <endian.h>
#include <string.h>

#define HOST_DATA (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)

struct image {
    const char *data;
    size_t size;
    Elf64_Ehdr header;
};

int
tb_elf_section_is_elf(const void *image, size_t size)
{
    return size >= SELFMAG && memcmp(image, ELFMAG, SELFMAG) == 0;
}

/* Copy a section's header; 0, or -1 if it is not in the file. */
static int
read_header(const struct image *image, size_t index, Elf64_Shdr *out)
{
    uint64_t at = image->header.e_shoff + index * sizeof(*out);

    if (index >= image->header.e_shnum || image->header.e_shoff > image->size ||
        at > image->size || image->size - at < sizeof(*out)) {
        return -1;
    }
    memcpy(out, image->data + at, sizeof(*out));
    return 0;
}

/* Its bytes; NULL if they are not in the file as they are. */
static const char *
section_data(const struct image *image, const Elf64_Shdr *section)
{
    if (section->sh_type == SHT_NOBITS || (section->sh_flags & SHF_COMPRESSED) ||
        section->sh_offset > image->size ||
        section->sh_size > image->size - section->sh_offset) {
        return NULL;
    }
    return image->data + section->sh_offset;
}

const void *
tb_elf_section(const void *data, size_t size, const char *name, size_t *out_size)
{
    struct image image = {data, size, {.e_shnum = 0}};
    Elf64_Shdr section, names;
    const char *text;

    if (!tb_elf_section_is_elf(data, size) || size < sizeof(image.header)) {
        return NULL;
    }
    memcpy(&image.header, data, sizeof(image.header));
    if (image.header.e_ident[EI_CLASS] != ELFCLASS64 ||
        image.header.e_ident[EI_DATA] != HOST_DATA ||
        image.header.e_shentsize != sizeof(section) ||
        read_header(&image, image.header.e_shstrndx, &names) < 0) {
        return NULL;
    }
    text = section_data(&image, &names);
    for (size_t i = 0; text != NULL && read_header(&image, i, &section) == 0; i++) {
        size_t n = strlen(name) + 1;

        if (section.sh_name < names.sh_size && names.sh_size - section.sh_name >= n &&
            memcmp(text + section.sh_name, name, n) == 0) {
            *out_size = section.sh_size;
            return section_data(&image, &section);
        }
    }
    return NULL;
}
