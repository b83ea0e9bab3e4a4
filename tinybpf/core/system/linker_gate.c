/* SPDX-License-Identifier: MIT
 *
 * The gate of the linker (system/linker_gate.h). libbpf 1.7 takes the section of some
 * symbols, and the kind of some sections, without a look (linker_append_elf_sym,
 * linker_append_elf_relos, sec_content_is_same), goes through all types for each global
 * symbol (find_glob_sym_btf), and through prototypes by calling itself
 * (glob_sym_btf_matches, btf_dedup_ref_type). What compilers make is nowhere near.
 */
#include "system/linker_gate.h"

#include "base/libbpf.h"
#include "btf/table.h"
#include "elf/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN_MAX 4096
#define SECTIONS_MAX 4096
#define GLOBALS_MAX 8192
#define LOOKUPS_MAX (1ull << 28) /* of global symbols among types, one by one */
#define DEPTH_MAX 64             /* of pointers and prototypes in each other */
#define PARTS_MAX 1024           /* that a pointer unfolds into */

struct gate {
    struct tb_elf_image image;
    Elf64_Shdr symbols; /* of size 0: there are none */
    Elf64_Shdr names;   /* of the symbols */
    struct tb_btf_table types;
    uint16_t *parts; /* owned; of each type: what it unfolds into; 0: not known */
    size_t n_globals;
    char *text; /* borrowed; where the problem is written */
    size_t max;
};

static const char *
complain(struct gate *gate, const char *what, size_t number, const char *problem)
{
    snprintf(gate->text, gate->max, "it cannot be linked: %s %zu %s", what, number,
             problem);
    return gate->text;
}

/* Find the symbols and the types; those that there are. */
static const char *
begin(struct gate *gate, const void *image, size_t size)
{
    size_t n = 0;
    const void *types = tb_elf_section(image, size, ".BTF", &n);
    Elf64_Shdr section;

    if (tb_image_open(&gate->image, image, size) < 0) {
        return complain(gate, "file", 0, "is no ELF file");
    }
    for (size_t i = 0; tb_image_section(&gate->image, i, &section) == 0; i++) {
        if (section.sh_type == SHT_SYMTAB &&
            tb_image_section(&gate->image, section.sh_link, &gate->names) == 0) {
            gate->symbols = section;
        }
    }
    if (types == NULL) {
        return NULL;
    }
    return tb_btf_table_open(&gate->types, types, n, gate->text, gate->max);
}

static void
end(struct gate *gate)
{
    tb_btf_table_close(&gate->types);
    free(gate->parts);
}

static size_t
n_symbols(const struct gate *gate)
{
    return tb_image_data(&gate->image, &gate->symbols) == NULL
               ? 0
               : gate->symbols.sh_size / sizeof(Elf64_Sym);
}

static Elf64_Sym
symbol_at(const struct gate *gate, size_t i)
{
    Elf64_Sym symbol;

    memcpy(&symbol, tb_image_data(&gate->image, &gate->symbols) + i * sizeof(symbol),
           sizeof(symbol));
    return symbol;
}

/* A symbol's name; "" if it does not end in the section of names. */
static const char *
symbol_name(const struct gate *gate, const Elf64_Sym *symbol)
{
    const char *names = tb_image_data(&gate->image, &gate->names);
    size_t size = gate->names.sh_size;

    return names == NULL || symbol->st_name >= size ||
                   memchr(names + symbol->st_name, '\0', size - symbol->st_name) == NULL
               ? ""
               : names + symbol->st_name;
}

static int
is_global(const Elf64_Sym *symbol)
{
    return ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
}

/* Sections of which all objects must have the same. */
static int
is_shared(const char *name)
{
    return strcmp(name, "license") == 0 || strcmp(name, "version") == 0;
}

static int
is_table(const Elf64_Shdr *section)
{
    return section->sh_type == SHT_SYMTAB || section->sh_type == SHT_REL;
}

static const char *
section_problem(const struct gate *gate, const Elf64_Shdr *section)
{
    const char *name = tb_image_name(&gate->image, section);
    Elf64_Shdr target;

    if (section->sh_addralign > ALIGN_MAX) {
        return "is aligned to more than a page";
    }
    if (name != NULL && is_shared(name) && section->sh_type != SHT_PROGBITS) {
        return "has no bytes, and must have some by its name";
    }
    if (section->sh_type == SHT_REL &&
        tb_image_section(&gate->image, section->sh_info, &target) == 0 &&
        target.sh_type == SHT_NOBITS) {
        return "relocates what has no bytes";
    }
    return NULL;
}

static const char *
check_sections(struct gate *gate)
{
    Elf64_Shdr section;

    for (size_t i = 0; tb_image_section(&gate->image, i, &section) == 0; i++) {
        const char *problem = i < SECTIONS_MAX ? section_problem(gate, &section)
                                               : "is one of more than 4096";

        if (problem != NULL) {
            return complain(gate, "section", i, problem);
        }
    }
    return NULL;
}

static const char *
symbol_problem(struct gate *gate, const Elf64_Sym *symbol)
{
    int is_section = ELF64_ST_TYPE(symbol->st_info) == STT_SECTION;
    Elf64_Shdr section;

    if (is_global(symbol) && ++gate->n_globals > GLOBALS_MAX) {
        return "is one of more than 8192 global ones";
    }
    if (symbol->st_shndx == SHN_UNDEF) {
        return is_section ? "stands for a section, and for none" : NULL;
    }
    if (tb_image_section(&gate->image, symbol->st_shndx, &section) < 0) {
        return is_section || is_global(symbol) ? "is in no section" : NULL;
    }
    return is_table(&section) ? "lies in a table" : NULL;
}

static const char *
check_symbols(struct gate *gate)
{
    uint64_t n_lookups;

    for (size_t i = 1; i < n_symbols(gate); i++) {
        Elf64_Sym symbol = symbol_at(gate, i);
        const char *problem = symbol_problem(gate, &symbol);

        if (problem != NULL) {
            return complain(gate, "symbol", i, problem);
        }
    }
    n_lookups = (uint64_t)gate->n_globals * gate->types.n;
    return n_lookups > LOOKUPS_MAX
               ? complain(gate, "number", gate->n_globals,
                          "of global symbols is too large for so many types")
               : NULL;
}

/* How many types are named on the way from a type to structs and scalars, through what
 * is recursed over: PARTS_MAX stands for more, and for ever. */
static uint32_t
unfold(struct gate *gate, uint32_t id, int depth)
{
    const struct btf_type *type = tb_btf_table_type(&gate->types, id);
    uint32_t n = 1;

    if (id == 0 || type == NULL) {
        return 1;
    }
    if (depth == 0) {
        return PARTS_MAX;
    }
    if (gate->parts[id] != 0) {
        return gate->parts[id];
    }
    if (btf_is_array(type)) {
        n += unfold(gate, btf_array(type)->type, depth - 1);
    }
    else if (btf_is_ptr(type) || btf_is_mod(type) || btf_is_typedef(type) ||
             btf_is_func_proto(type) || btf_is_func(type) || btf_is_var(type)) {
        n += unfold(gate, type->type, depth - 1);
    }
    for (uint32_t i = 0; btf_is_func_proto(type) && n < PARTS_MAX && i < btf_vlen(type);
         i++) {
        n += unfold(gate, btf_params(type)[i].type, depth - 1);
    }
    gate->parts[id] = n < PARTS_MAX ? (uint16_t)n : PARTS_MAX;
    return gate->parts[id];
}

/* Whether a section of variables belongs to none of the file that could have any. */
static const char *
variables_problem(const struct gate *gate, const struct btf_type *type)
{
    const char *name = tb_btf_table_name(&gate->types, type->name_off);
    int is_there = 0;
    Elf64_Shdr section;

    for (size_t i = 0; tb_image_section(&gate->image, i, &section) == 0; i++) {
        const char *its_name = tb_image_name(&gate->image, &section);

        if (name == NULL || its_name == NULL || strcmp(name, its_name) != 0) {
            continue;
        }
        if (is_table(&section)) {
            return "has the name of a table";
        }
        is_there = 1;
    }
    return name == NULL || name[0] == '\0' || (is_shared(name) && !is_there)
               ? "is a section that is not there"
               : NULL;
}

/* What is wrong with a section of variables, or with what is recursed over; NULL if
 * nothing is. */
static const char *
check_types(struct gate *gate)
{
    gate->parts = calloc((size_t)gate->types.n + 1, sizeof(*gate->parts));
    if (gate->parts == NULL) {
        snprintf(gate->text, gate->max, "%s", TB_BTF_NO_MEMORY);
        return gate->text;
    }
    for (uint32_t id = 1; id < gate->types.n; id++) {
        const struct btf_type *type = tb_btf_table_type(&gate->types, id);
        const char *problem = NULL;

        if (btf_is_datasec(type)) {
            problem = variables_problem(gate, type);
        }
        else if (unfold(gate, id, DEPTH_MAX) >= PARTS_MAX) {
            problem = "has too many pointers and prototypes in each other";
        }
        if (problem != NULL) {
            return complain(gate, "type", id, problem);
        }
    }
    return NULL;
}

const char *
tb_linker_gate_problem(const void *image, size_t size, char *text, size_t max)
{
    struct gate gate = {.text = text, .max = max};
    const char *problem = begin(&gate, image, size);

    if (problem == NULL) {
        problem = check_sections(&gate);
    }
    if (problem == NULL) {
        problem = check_symbols(&gate);
    }
    if (problem == NULL) {
        problem = check_types(&gate);
    }
    end(&gate);
    return problem;
}

uint64_t
tb_linker_gate_size(const void *image, size_t size)
{
    struct tb_elf_image file;
    Elf64_Shdr section;
    uint64_t sum = 0;

    if (tb_image_open(&file, image, size) < 0) {
        return 0;
    }
    for (size_t i = 0; tb_image_section(&file, i, &section) == 0; i++) {
        sum += section.sh_size;
    }
    return sum;
}

/* The section that the types name for a variable that is defined elsewhere; "" if they
 * name none. */
static const char *
section_of_extern(const struct gate *gate, const char *symbol)
{
    for (uint32_t id = 1; id < gate->types.n; id++) {
        const struct btf_type *type = tb_btf_table_type(&gate->types, id);
        const struct btf_var_secinfo *infos = btf_var_secinfos(type);

        for (uint32_t i = 0; btf_is_datasec(type) && i < btf_vlen(type); i++) {
            const struct btf_type *var = tb_btf_table_type(&gate->types, infos[i].type);
            const char *name =
                var ? tb_btf_table_name(&gate->types, var->name_off) : NULL;

            if (name != NULL && strcmp(name, symbol) == 0) {
                const char *section = tb_btf_table_name(&gate->types, type->name_off);

                return section && strcmp(section, ".extern") != 0 ? section : "";
            }
        }
    }
    return "";
}

int
tb_linker_gate_each(const void *image, size_t size,
                    int (*visit)(const char *name, const char *section, int is_extern,
                                 void *ctx),
                    void *ctx)
{
    char text[160];
    struct gate gate = {.text = text, .max = sizeof(text)};
    int rc = 0;

    if (begin(&gate, image, size) != NULL) {
        end(&gate);
        return 0;
    }
    for (size_t i = 1; rc == 0 && i < n_symbols(&gate); i++) {
        Elf64_Sym symbol = symbol_at(&gate, i);
        const char *name = symbol_name(&gate, &symbol), *section = NULL;
        int is_extern = symbol.st_shndx == SHN_UNDEF;
        Elf64_Shdr its;

        if (!is_global(&symbol)) {
            continue;
        }
        if (is_extern) {
            section = section_of_extern(&gate, name);
        }
        else if (tb_image_section(&gate.image, symbol.st_shndx, &its) == 0) {
            section = tb_image_name(&gate.image, &its);
        }
        rc = visit(name, section ? section : "", is_extern, ctx);
    }
    end(&gate);
    return rc;
}
