/* SPDX-License-Identifier: MIT
 *
 * Reader of symbol tables (elf/symbols.h).
 */
#include "elf/symbols.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOST_DATA (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)
#define HEADERS_MAX 4096u        /* sections or segments that are looked at */
#define NOTES_MAX (64u << 10)    /* bytes of a part with notes */
#define SYMBOLS_MAX (8u << 20)   /* symbols of a table */
#define STRINGS_MAX (256u << 20) /* bytes of their names */
#define MEMORY_MAX (256u << 20)  /* what is kept of them */
#define CHUNK 1024               /* symbols that are read at once */
#define LAST_SIZE 4096           /* how far the last one without a size may reach */

struct reader {
    const struct tb_elf_file *file;
    struct tb_elf_symbols *symbols;
    Elf64_Ehdr header;
    Elf64_Shdr *sections; /* owned */
    size_t n_sections;
    int err; /* -ENOMEM once there was no memory: what was read may be less */
};

static int
copy(struct reader *reader, uint64_t offset, void *out, size_t n)
{
    int err = reader->file->read(reader->file->ctx, offset, out, n);

    reader->err = err == -ENOMEM ? err : reader->err;
    return err;
}

/* A copy of a part of the file with a NUL behind it; NULL if it is not there, or larger
 * than max. */
static char *
copy_part(struct reader *reader, uint64_t offset, uint64_t size, size_t max)
{
    char *data = size <= max ? malloc((size_t)size + 1) : NULL;

    if (data == NULL) {
        reader->err = size <= max ? -ENOMEM : reader->err;
        return NULL;
    }
    if (copy(reader, offset, data, (size_t)size) < 0) {
        free(data);
        return NULL;
    }
    data[size] = '\0';
    return data;
}

static int
read_header(struct reader *reader)
{
    Elf64_Ehdr *header = &reader->header;

    if (copy(reader, 0, header, sizeof(*header)) < 0 ||
        memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != HOST_DATA) {
        return reader->err != 0 ? reader->err : -EINVAL;
    }
    return 0;
}

/* Copy the headers of all sections; 0 or -ENOMEM. Without them there are none. */
static int
read_sections(struct reader *reader)
{
    size_t n = reader->header.e_shnum;

    if (n == 0 || n > HEADERS_MAX || reader->header.e_shentsize != sizeof(Elf64_Shdr)) {
        return 0;
    }
    reader->sections = calloc(n, sizeof(Elf64_Shdr));
    if (reader->sections == NULL) {
        return -ENOMEM;
    }
    if (copy(reader, reader->header.e_shoff, reader->sections,
             n * sizeof(Elf64_Shdr)) == 0) {
        reader->n_sections = n;
    }
    return 0;
}

/* Look for the build id in notes; align is how their parts are padded. */
static void
take_build_id(struct tb_elf_symbols *symbols, const char *notes, size_t size,
              size_t align)
{
    size_t at = 0;
    Elf64_Nhdr note;

    while (symbols->n_build_id == 0 && at <= size && size - at >= sizeof(note)) {
        size_t name, data;

        memcpy(&note, notes + at, sizeof(note));
        name = at + sizeof(note);
        data = name + (((size_t)note.n_namesz + align - 1) & ~(align - 1));
        if (data > size || note.n_descsz > size - data) {
            return;
        }
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            memcmp(notes + name, "GNU", 4) == 0 && note.n_descsz <= TB_ELF_BUILD_ID) {
            memcpy(symbols->build_id, notes + data, note.n_descsz);
            symbols->n_build_id = note.n_descsz;
        }
        at = data + (((size_t)note.n_descsz + align - 1) & ~(align - 1));
    }
}

static void
read_notes(struct reader *reader, uint64_t offset, uint64_t size, uint64_t align)
{
    char *notes = copy_part(reader, offset, size, NOTES_MAX);

    if (notes != NULL) {
        take_build_id(reader->symbols, notes, (size_t)size, align == 8 ? 8 : 4);
    }
    free(notes);
}

/* Keep where code is mapped, and the build id. */
static void
read_segments(struct reader *reader)
{
    struct tb_elf_symbols *symbols = reader->symbols;
    size_t n = reader->header.e_phnum;
    Elf64_Phdr part;

    if (reader->header.e_phentsize != sizeof(part)) {
        return;
    }
    for (size_t i = 0; i < n && i < HEADERS_MAX; i++) {
        if (copy(reader, reader->header.e_phoff + i * sizeof(part), &part,
                 sizeof(part)) < 0) {
            return;
        }
        if (part.p_type == PT_NOTE) {
            read_notes(reader, part.p_offset, part.p_filesz, part.p_align);
        }
        if (part.p_type == PT_LOAD && (part.p_flags & PF_X) &&
            symbols->n_segments < TB_ELF_SEGMENTS) {
            symbols->segments[symbols->n_segments++] =
                (struct tb_elf_segment){part.p_offset, part.p_filesz, part.p_vaddr};
        }
    }
}

/* Whether a symbol is code of this file. */
static int
is_function(const Elf64_Sym *symbol)
{
    int type = ELF64_ST_TYPE(symbol->st_info);

    return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx < SHN_LORESERVE &&
           symbol->st_value != 0 &&
           (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE);
}

/* Whether a name is an assembler's mark ("$x" on arm64), or none. */
static int
is_mark(const char *name, size_t n)
{
    return n == 0 || *name == '$' || (n > 2 && name[0] == '.' && name[1] == 'L');
}

/* Whether what has no type is code: its section is, and it is more than a label. */
static int
is_code(const struct reader *reader, const Elf64_Sym *symbol)
{
    return ELF64_ST_TYPE(symbol->st_info) != STT_NOTYPE ||
           (ELF64_ST_BIND(symbol->st_info) != STB_LOCAL &&
            symbol->st_shndx < reader->n_sections &&
            (reader->sections[symbol->st_shndx].sh_flags & SHF_EXECINSTR));
}

/* Add a symbol if it is a function; 0, or what tb_ranges_add() says. */
static int
add(struct reader *reader, const Elf64_Sym *symbol, const char *strings,
    size_t n_strings)
{
    const char *name = strings + symbol->st_name;
    size_t n;

    if (!is_function(symbol) || symbol->st_name >= n_strings ||
        !is_code(reader, symbol)) {
        return 0;
    }
    n = strnlen(name, n_strings - symbol->st_name < TB_RANGES_NAME
                          ? n_strings - symbol->st_name
                          : TB_RANGES_NAME);
    return is_mark(name, n)
               ? 0
               : tb_ranges_add(&reader->symbols->functions, symbol->st_value,
                               symbol->st_size < UINT32_MAX ? (uint32_t)symbol->st_size
                                                            : UINT32_MAX,
                               name, n);
}

/* Add the functions of a table, as many as are there. */
static void
read_table(struct reader *reader, const Elf64_Shdr *table, const char *strings,
           size_t n_strings)
{
    size_t n = table->sh_size / sizeof(Elf64_Sym) < SYMBOLS_MAX
                   ? (size_t)(table->sh_size / sizeof(Elf64_Sym))
                   : SYMBOLS_MAX;
    Elf64_Sym *symbols = malloc(CHUNK * sizeof(*symbols));
    int err = symbols != NULL ? 0 : -ENOMEM;

    reader->err = err != 0 ? err : reader->err;
    for (size_t i = 0; i < n && err == 0; i += CHUNK) {
        size_t n_now = n - i < CHUNK ? n - i : CHUNK;

        err = copy(reader, table->sh_offset + i * sizeof(*symbols), symbols,
                   n_now * sizeof(*symbols));
        for (size_t k = 0; k < n_now && err == 0; k++) {
            err = add(reader, &symbols[k], strings, n_strings);
        }
    }
    free(symbols);
}

/* Read the table of a kind; whether there is one. */
static int
read_tables(struct reader *reader, uint32_t type)
{
    for (size_t i = 0; i < reader->n_sections; i++) {
        const Elf64_Shdr *table = &reader->sections[i], *names;
        char *strings;

        if (table->sh_type != type || table->sh_link >= reader->n_sections ||
            table->sh_entsize != sizeof(Elf64_Sym)) {
            continue;
        }
        names = &reader->sections[table->sh_link];
        strings = names->sh_type == SHT_STRTAB
                      ? copy_part(reader, names->sh_offset, names->sh_size, STRINGS_MAX)
                      : NULL;
        if (strings != NULL) {
            read_table(reader, table, strings, (size_t)names->sh_size);
            free(strings);
            return 1;
        }
    }
    return 0;
}

/* Take the name and checksum that .gnu_debuglink holds. */
static void
take_debuglink(struct tb_elf_symbols *symbols, const char *data, size_t size)
{
    size_t n = strnlen(data, size), crc = (n + 4) & ~(size_t)3;

    if (n == 0 || n >= sizeof(symbols->debuglink) || crc > size || size - crc < 4 ||
        memchr(data, '/', n) != NULL) {
        return;
    }
    memcpy(symbols->debuglink, data, n + 1);
    memcpy(&symbols->debuglink_crc, data + crc, sizeof(symbols->debuglink_crc));
}

/* Read what sections hold besides symbols: notes, for a file of debug information has
 * no others, and .gnu_debuglink. */
static void
read_marks(struct reader *reader)
{
    size_t index = reader->header.e_shstrndx, n_names;
    const Elf64_Shdr *section = reader->sections;
    char *names;

    if (index >= reader->n_sections) {
        return;
    }
    n_names = (size_t)section[index].sh_size;
    names = copy_part(reader, section[index].sh_offset, n_names, 1u << 20);
    for (size_t i = 0; names != NULL && i < reader->n_sections; i++) {
        if (section[i].sh_type == SHT_NOTE) {
            read_notes(reader, section[i].sh_offset, section[i].sh_size,
                       section[i].sh_addralign);
        }
        else if (section[i].sh_type == SHT_PROGBITS && section[i].sh_name < n_names &&
                 strcmp(names + section[i].sh_name, ".gnu_debuglink") == 0) {
            char *data = copy_part(reader, section[i].sh_offset, section[i].sh_size,
                                   TB_ELF_DEBUGLINK + 8);

            if (data != NULL) {
                take_debuglink(reader->symbols, data, (size_t)section[i].sh_size);
            }
            free(data);
        }
    }
    free(names);
}

int
tb_elf_symbols_read(const struct tb_elf_file *file, struct tb_elf_symbols *symbols)
{
    struct reader reader = {.file = file, .symbols = symbols};
    int err = read_header(&reader);

    symbols->functions.max = MEMORY_MAX;
    if (err == 0) {
        err = read_sections(&reader);
    }
    if (err == 0) {
        read_segments(&reader);
        read_marks(&reader);
        symbols->is_whole = read_tables(&reader, SHT_SYMTAB);
        if (!symbols->is_whole) {
            read_tables(&reader, SHT_DYNSYM);
        }
        err = tb_ranges_finish(&symbols->functions, LAST_SIZE);
        err = err == -E2BIG ? reader.err : err;
        err = err == 0 ? reader.err : err;
    }
    free(reader.sections);
    return err;
}

int
tb_elf_symbols_address(const struct tb_elf_symbols *symbols, uint64_t offset,
                       uint64_t *out_address)
{
    for (size_t i = 0; i < symbols->n_segments; i++) {
        const struct tb_elf_segment *segment = &symbols->segments[i];

        if (offset - segment->offset < segment->size) {
            *out_address = offset - segment->offset + segment->address;
            return 0;
        }
    }
    return -1;
}

void
tb_elf_symbols_free(struct tb_elf_symbols *symbols)
{
    tb_ranges_free(&symbols->functions);
}
