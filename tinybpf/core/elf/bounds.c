/* SPDX-License-Identifier: MIT
 *
 * Bounds of an object file (elf/bounds.h). libbpf 1.7 takes offsets of 64 bits into 32,
 * finds some sections by the first and some by the last of a name, writes the second
 * half of an instruction behind the last of a function, and calls itself for each
 * function that calls another one (SECURITY.md lists where). What compilers make is
 * nowhere near.
 */
#include "elf/bounds.h"

#include "elf/image.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXTERNS_MAX 4096   /* libbpf looks at all types for each */
#define FUNCTIONS_MAX 2048 /* of .text; the kernel takes 256 for one program */
#define INSN_SIZE 8
#define LDIMM64 0x18 /* opcode of the one instruction that takes two places */

struct bounds {
    struct tb_elf_image image;
    char *text; /* borrowed; where the problem is written */
    size_t max;
    Elf64_Shdr symbols; /* of size 0: there are none */
    size_t code;        /* the section .text; 0: there is none */
    uint32_t n_externs, n_functions;
};

/* Sections that are found by name, and of which libbpf keeps one: it finds another than
 * we do, or forgets what it has allocated for the first. */
static const char *const unique[] = {".BTF",        ".BTF.ext", ".addr_space.1",
                                     ".jumptables", ".maps",    ".text",
                                     "license",     "version"};

enum { N_UNIQUE = sizeof(unique) / sizeof(unique[0]) };

static const char *
complain(struct bounds *bounds, const char *what, size_t number, const char *problem)
{
    snprintf(bounds->text, bounds->max, "it is malformed: %s %zu %s", what, number,
             problem);
    return bounds->text;
}

/* What is wrong with a section by itself. */
static const char *
section_problem(const Elf64_Shdr *section, const char *name)
{
    if (name == NULL) {
        return "has no name";
    }
    if (section->sh_size > INT32_MAX) {
        return "is larger than 2 GiB";
    }
    if ((section->sh_flags & SHF_COMPRESSED) && strncmp(name, ".debug", 6) != 0) {
        return "is compressed, which only debug information can be";
    }
    return NULL;
}

/* Look at all sections, and find the symbols and the code that programs share. */
static const char *
check_sections(struct bounds *bounds)
{
    int seen[N_UNIQUE] = {0};
    Elf64_Shdr section;

    for (size_t i = 0; tb_image_section(&bounds->image, i, &section) == 0; i++) {
        const char *name = tb_image_name(&bounds->image, &section);
        const char *problem = section_problem(&section, name);

        for (size_t k = 0; problem == NULL && k < N_UNIQUE; k++) {
            if (strcmp(name, unique[k]) == 0 && seen[k]++ > 0) {
                problem = "has the name of another one";
            }
        }
        if (problem != NULL) {
            return complain(bounds, "section", i, problem);
        }
        if (section.sh_type == SHT_SYMTAB) {
            bounds->symbols = section;
        }
        if (strcmp(name, ".text") == 0) {
            bounds->code = i;
        }
    }
    return NULL;
}

/* Whether a function ends in the first half of an instruction. */
static int
ends_in_half(const struct bounds *bounds, const Elf64_Shdr *section,
             const Elf64_Sym *symbol)
{
    const char *code = tb_image_data(&bounds->image, section);

    return code != NULL && (section->sh_flags & SHF_EXECINSTR) &&
           symbol->st_size >= INSN_SIZE &&
           code[symbol->st_value + symbol->st_size - INSN_SIZE] == LDIMM64;
}

/* What is wrong with a symbol; NULL if nothing is. */
static const char *
symbol_problem(struct bounds *bounds, const Elf64_Sym *symbol)
{
    int type = ELF64_ST_TYPE(symbol->st_info);
    Elf64_Shdr section;

    if (symbol->st_value > INT32_MAX || symbol->st_size > INT32_MAX) {
        return "is larger than 2 GiB";
    }
    if (symbol->st_shndx == SHN_UNDEF && symbol->st_name != 0) {
        return ++bounds->n_externs > EXTERNS_MAX ? "is one of more than 4096 externs"
                                                 : NULL;
    }
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE) {
        return NULL;
    }
    if (tb_image_section(&bounds->image, symbol->st_shndx, &section) < 0) {
        return "is in a section that does not exist";
    }
    if (symbol->st_value + symbol->st_size > section.sh_size) {
        return "lies outside of its section";
    }
    if (type == STT_FUNC && ends_in_half(bounds, &section, symbol)) {
        return "is a function that ends in half of an instruction";
    }
    if (type == STT_FUNC && symbol->st_shndx == bounds->code &&
        ++bounds->n_functions > FUNCTIONS_MAX) {
        return "is one of more than 2048 functions in .text";
    }
    return NULL;
}

static const char *
check_symbols(struct bounds *bounds)
{
    const char *data = tb_image_data(&bounds->image, &bounds->symbols);
    size_t n = bounds->symbols.sh_size / sizeof(Elf64_Sym);
    const char *problem = NULL;
    Elf64_Sym symbol;

    for (size_t i = 0; data != NULL && i < n; i++) {
        memcpy(&symbol, data + i * sizeof(symbol), sizeof(symbol));
        problem = symbol_problem(bounds, &symbol);
        if (problem != NULL) {
            return complain(bounds, "symbol", i, problem);
        }
    }
    return NULL;
}

/* Whether libbpf applies the relocations of a section: to code, or by its name. */
static int
is_applied(const Elf64_Shdr *target, const char *name)
{
    return (target->sh_flags & SHF_EXECINSTR) || strcmp(name, ".rel.maps") == 0 ||
           strncmp(name, ".rel.struct_ops", 15) == 0 ||
           strncmp(name, ".rel?.struct_ops", 16) == 0;
}

/* Look at the relocations of a section: each changes 8 bytes of another one. */
static const char *
check_relocations(struct bounds *bounds, const Elf64_Shdr *section)
{
    const char *name = tb_image_name(&bounds->image, section);
    const char *data = tb_image_data(&bounds->image, section);
    size_t n = section->sh_size / sizeof(Elf64_Rel);
    Elf64_Shdr target;
    Elf64_Rel rel;

    if (name == NULL || data == NULL ||
        tb_image_section(&bounds->image, section->sh_info, &target) < 0 ||
        !is_applied(&target, name)) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(&rel, data + i * sizeof(rel), sizeof(rel));
        if (target.sh_size < sizeof(uint64_t) ||
            rel.r_offset > target.sh_size - sizeof(uint64_t)) {
            return complain(bounds, "relocation", i, "lies outside of its section");
        }
    }
    return NULL;
}

const char *
tb_bounds_problem(const void *image, size_t size, size_t *n_symbols, char *text,
                  size_t max)
{
    struct bounds bounds = {.text = text, .max = max};
    const char *problem;
    Elf64_Shdr section;

    if (tb_image_open(&bounds.image, image, size) < 0) {
        return NULL;
    }
    problem = check_sections(&bounds);
    if (problem == NULL) {
        problem = check_symbols(&bounds);
    }
    for (size_t i = 0;
         problem == NULL && tb_image_section(&bounds.image, i, &section) == 0; i++) {
        if (section.sh_type == SHT_REL) {
            problem = check_relocations(&bounds, &section);
        }
    }
    *n_symbols = bounds.symbols.sh_size / sizeof(Elf64_Sym);
    return problem;
}
