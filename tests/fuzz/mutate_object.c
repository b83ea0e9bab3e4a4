/* SPDX-License-Identifier: MIT
 *
 * Mutations of object files (mutate.h): headers and names of sections, symbols,
 * relocations, instructions, and the two sections of types. A section that grows moves
 * to the end of the file.
 */
#include "base/libbpf.h"
#include "mutate.h"

#include <elf.h>
#include <string.h>

/* An ELF file whose table of sections is there; borrowed. */
struct view {
    uint8_t *data;
    size_t size, max;
    Elf64_Shdr *sections;
    uint32_t n;
};

static int
look(struct view *view)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)view->data;

    if (view->size < sizeof(*header) || (uintptr_t)view->data % 8 != 0 ||
        memcmp(view->data, ELFMAG, SELFMAG) != 0 || header->e_shoff % 8 != 0 ||
        header->e_shoff > view->size || header->e_shnum == 0 ||
        (view->size - header->e_shoff) / sizeof(Elf64_Shdr) < header->e_shnum) {
        return -1;
    }
    view->sections = (Elf64_Shdr *)(view->data + header->e_shoff);
    view->n = header->e_shnum;
    return 0;
}

/* Whether what a section says it has is in the file. */
static int
is_there(const struct view *view, const Elf64_Shdr *section)
{
    return section->sh_type != SHT_NOBITS && section->sh_size > 0 &&
           section->sh_offset < view->size &&
           section->sh_size <= view->size - section->sh_offset;
}

/* The name of a section; "" if it has none. */
static const char *
name_of(const struct view *view, const Elf64_Shdr *section)
{
    uint32_t index = ((const Elf64_Ehdr *)view->data)->e_shstrndx;
    const Elf64_Shdr *names = index < view->n ? &view->sections[index] : NULL;
    const char *name;

    if (names == NULL || !is_there(view, names) || section->sh_name >= names->sh_size) {
        return "";
    }
    name = (const char *)view->data + names->sh_offset + section->sh_name;
    return memchr(name, '\0', names->sh_size - section->sh_name) != NULL ? name : "";
}

/* One of the sections of that type, or of that name (NULL: any) that is in the file. */
static Elf64_Shdr *
pick(struct dice *dice, const struct view *view, uint32_t type, const char *name)
{
    Elf64_Shdr *found = NULL;
    uint32_t n = 0;

    for (uint32_t i = 1; i < view->n; i++) {
        Elf64_Shdr *section = &view->sections[i];

        if (is_there(view, section) && (type == 0 || section->sh_type == type) &&
            (name == NULL || strcmp(name_of(view, section), name) == 0) &&
            roll(dice, ++n) == 0) {
            found = section;
        }
    }
    return found;
}

/* Let a section have another size: a copy at the end of the file. 0, or -1 if there is
 * no room. */
static int
move(struct view *view, Elf64_Shdr *section, const uint8_t *content, size_t n)
{
    size_t at = (view->size + 7) / 8 * 8;

    if (at > view->max || n > view->max - at) {
        return -1;
    }
    memset(view->data + view->size, 0, at - view->size);
    memcpy(view->data + at, content, n);
    section->sh_offset = at;
    section->sh_size = n;
    view->size = at + n;
    return 0;
}

static void
mutate_header(struct dice *dice, const struct view *view)
{
    Elf64_Shdr *section = &view->sections[roll(dice, view->n)];
    const Elf64_Shdr *other = &view->sections[roll(dice, view->n)];

    switch (roll(dice, 8)) {
    case 0:
        section->sh_name = other->sh_name;
        break;
    case 1:
        section->sh_type =
            roll(dice, 4) == 0 ? other_number(dice, section->sh_type) : other->sh_type;
        break;
    case 2:
        section->sh_flags ^= 1u << roll(dice, 12);
        break;
    case 3:
        section->sh_offset = other->sh_offset;
        break;
    case 4:
        section->sh_size = roll(dice, 2) == 0 ? other->sh_size / 8 * 8
                                              : other_number(dice, section->sh_size);
        break;
    case 5:
        section->sh_link = roll(dice, view->n + 1);
        break;
    case 6:
        section->sh_info = roll(dice, view->n + 1);
        break;
    default:
        section->sh_entsize = other_number(dice, (uint32_t)section->sh_entsize);
    }
}

/* A symbol, or none. */
static Elf64_Sym *
pick_symbol(struct dice *dice, const struct view *view, uint32_t *n)
{
    Elf64_Shdr *table = pick(dice, view, SHT_SYMTAB, NULL);

    *n = table != NULL ? (uint32_t)(table->sh_size / sizeof(Elf64_Sym)) : 0;
    return *n > 0 && table->sh_offset % 8 == 0
               ? (Elf64_Sym *)(view->data + table->sh_offset)
               : NULL;
}

static void
mutate_symbol(struct dice *dice, const struct view *view)
{
    uint32_t n;
    Elf64_Sym *symbols = pick_symbol(dice, view, &n), *symbol;
    const Elf64_Sym *other;

    if (symbols == NULL) {
        return;
    }
    symbol = &symbols[roll(dice, n)];
    other = &symbols[roll(dice, n)];
    switch (roll(dice, 6)) {
    case 0:
        symbol->st_name = other->st_name;
        break;
    case 1:
        symbol->st_info = (uint8_t)(roll(dice, 3) << 4 | roll(dice, 8));
        break;
    case 2:
        symbol->st_shndx = roll(dice, 8) == 0 ? (uint16_t)(0xfff0 + roll(dice, 16))
                                              : (uint16_t)roll(dice, view->n + 1);
        break;
    case 3:
        symbol->st_value = roll(dice, 2) == 0
                               ? symbol->st_value + 8
                               : other_number(dice, (uint32_t)symbol->st_value);
        break;
    case 4:
        symbol->st_size = roll(dice, 2) == 0
                              ? symbol->st_size - 8
                              : other_number(dice, (uint32_t)symbol->st_size);
        break;
    default:
        symbol->st_other = (uint8_t)roll(dice, 4);
    }
}

static void
mutate_relocation(struct dice *dice, const struct view *view)
{
    Elf64_Shdr *section = pick(dice, view, SHT_REL, NULL);
    uint32_t n_symbols,
        n = section != NULL ? (uint32_t)(section->sh_size / sizeof(Elf64_Rel)) : 0;
    Elf64_Rel *rel;

    pick_symbol(dice, view, &n_symbols);
    if (n == 0 || section->sh_offset % 8 != 0) {
        return;
    }
    rel = (Elf64_Rel *)(view->data + section->sh_offset) + roll(dice, n);
    if (roll(dice, 2) == 0) {
        rel->r_offset = roll(dice, 2) == 0
                            ? rel->r_offset + 8
                            : other_number(dice, (uint32_t)rel->r_offset);
    }
    else {
        rel->r_info = ELF64_R_INFO((uint64_t)roll(dice, n_symbols + 2),
                                   roll(dice, 4) == 0 ? roll(dice, 16)
                                                      : ELF64_R_TYPE(rel->r_info));
    }
}

static void
mutate_code(struct dice *dice, const struct view *view)
{
    static const uint8_t codes[] = {BPF_LD | BPF_IMM | BPF_DW,
                                    BPF_JMP | BPF_CALL,
                                    BPF_JMP | BPF_EXIT,
                                    BPF_LDX | BPF_MEM | BPF_DW,
                                    BPF_ST | BPF_MEM | BPF_W,
                                    BPF_STX | BPF_MEM | BPF_B,
                                    BPF_ALU64 | BPF_MOV | BPF_K,
                                    BPF_JMP | BPF_JA | BPF_X,
                                    0x06};
    Elf64_Shdr *section = pick(dice, view, SHT_PROGBITS, NULL);
    uint32_t n =
        section != NULL ? (uint32_t)(section->sh_size / sizeof(struct bpf_insn)) : 0;
    struct bpf_insn *insn;

    if (n == 0 || !(section->sh_flags & SHF_EXECINSTR) || section->sh_offset % 8 != 0) {
        return;
    }
    insn = (struct bpf_insn *)(view->data + section->sh_offset) + roll(dice, n);
    switch (roll(dice, 4)) {
    case 0:
        insn->code = codes[roll(dice, sizeof(codes))];
        break;
    case 1:
        insn->src_reg = (uint8_t)roll(dice, 8);
        break;
    case 2:
        insn->off = (int16_t)other_number(dice, (uint32_t)insn->off);
        break;
    default:
        insn->imm = (int32_t)other_number(dice, (uint32_t)insn->imm);
    }
}

/* Change any word of a section; more often those of .BTF.ext. */
static void
mutate_word(struct dice *dice, const struct view *view, const char *name)
{
    Elf64_Shdr *section = pick(dice, view, 0, name);
    uint32_t *word, n = section != NULL ? (uint32_t)(section->sh_size / 4) : 0;

    if (n == 0 || section->sh_offset % 4 != 0) {
        return;
    }
    word = (uint32_t *)(view->data + section->sh_offset) + roll(dice, n);
    *word = roll(dice, 3) == 0 ? roll(dice, 64) : other_number(dice, *word);
}

/* Change the types; the section moves to the end of the file if they grow. */
static void
mutate_types(struct dice *dice, struct view *view)
{
    static _Alignas(8) uint8_t copy[1 << 20];
    Elf64_Shdr *section = pick(dice, view, 0, ".BTF");
    size_t n;

    if (section == NULL || section->sh_size > sizeof(copy) / 2) {
        return;
    }
    memcpy(copy, view->data + section->sh_offset, section->sh_size);
    n = mutate_btf(dice, copy, section->sh_size, sizeof(copy));
    if (n == section->sh_size) {
        memcpy(view->data + section->sh_offset, copy, n);
    }
    else {
        move(view, section, copy, n);
    }
}

/* Give a section or a symbol a name that is in no table yet. */
static void
add_name(struct dice *dice, struct view *view)
{
    static uint8_t copy[1 << 18];
    Elf64_Shdr *names = pick(dice, view, SHT_STRTAB, NULL);
    const char *name = other_name(dice);
    size_t at = names != NULL ? names->sh_size : sizeof(copy), n = strlen(name) + 1;
    uint32_t n_symbols;
    Elf64_Sym *symbols;

    if (at >= sizeof(copy) - n) {
        return;
    }
    memcpy(copy, view->data + names->sh_offset, at);
    memcpy(copy + at, name, n);
    if (move(view, names, copy, at + n) < 0) {
        return;
    }
    symbols = pick_symbol(dice, view, &n_symbols);
    if (symbols != NULL && roll(dice, 2) == 0) {
        symbols[roll(dice, n_symbols)].st_name = (uint32_t)at;
    }
    else {
        view->sections[roll(dice, view->n)].sh_name = (uint32_t)at;
    }
}

size_t
mutate_object(struct dice *dice, uint8_t *object, size_t size, size_t max)
{
    struct view view = {.data = object, .size = size, .max = max};

    if (look(&view) < 0) {
        return size;
    }
    switch (roll(dice, 16)) {
    case 0:
        mutate_header(dice, &view);
        break;
    case 1:
    case 2:
        mutate_symbol(dice, &view);
        break;
    case 3:
    case 4:
        mutate_relocation(dice, &view);
        break;
    case 5:
    case 6:
        mutate_code(dice, &view);
        break;
    case 7:
    case 8:
        mutate_word(dice, &view, ".BTF.ext");
        break;
    case 9:
        mutate_word(dice, &view, NULL);
        break;
    case 10:
        add_name(dice, &view);
        break;
    default:
        mutate_types(dice, &view);
    }
    return view.size;
}
