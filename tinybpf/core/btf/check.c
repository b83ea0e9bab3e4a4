/* SPDX-License-Identifier: MIT
 *
 * Checks of foreign BTF (btf/check.h). libbpf 1.7 checks offsets and ids; that types
 * end, have a size and lie inside of what they are part of is left to whoever walks
 * them, and libbpf's own walks believe it (SECURITY.md lists where).
 */
#include "btf/check.h"

#include "base/libbpf.h"
#include "btf/table.h"
#include "btf/unfold.h"

#include <stdio.h>
#include <string.h>

#define AGGREGATE_MAX (1u << 27) /* bytes: libbpf's dump counts bits in an int */
#define NAME_MAX_BYTES 4096      /* the kernel takes no more than 511 */

/* Whether the size of a scalar is one that scalars have: libbpf divides by it. */
static int
has_sane_size(const struct btf_type *type)
{
    uint32_t size = type->size;

    switch (btf_kind(type)) {
    case BTF_KIND_INT:
        if (btf_int_offset(type) + btf_int_bits(type) > size * 8) {
            return 0;
        }
        /* fall through */
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
    case BTF_KIND_FLOAT:
        return size == 2 || size == 4 || size == 8 || size == 12 || size == 16;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return size <= AGGREGATE_MAX;
    default:
        return 1;
    }
}

/* What is wrong with a member; NULL if nothing is. Before kind_flag it was the integer
 * that said which of its bits are used. */
static const char *
member_problem(const struct tb_btf_table *table, const struct btf_type *type,
               uint32_t i)
{
    const struct btf_member *member = &btf_members(type)[i];
    const struct btf_type *own = tb_btf_table_resolve(table, member->type);
    int64_t size = tb_btf_table_size(table, member->type);
    uint64_t at = btf_member_bit_offset(type, i);
    uint64_t width = btf_member_bitfield_size(type, i);

    if (size < 0) {
        return "has a part without a size";
    }
    if (width != 0 && !btf_is_int(own) && !btf_is_any_enum(own)) {
        return "has a bitfield that is no integer";
    }
    if (width > (uint64_t)size * 8) {
        return "has a bitfield that is wider than its type";
    }
    if (width == 0) {
        width = (uint64_t)size * 8;
        if (!btf_kflag(type) && btf_is_int(own)) {
            at += btf_int_offset(own);
            width = btf_int_bits(own);
        }
    }
    return at + width > (uint64_t)type->size * 8 ? "has a part outside of it" : NULL;
}

/* What is wrong with a section of variables. libbpf adds offsets and sizes in 32 bits,
 * and writes into whatever it has as into variables. */
static const char *
section_problem(const struct tb_btf_table *table, const struct btf_type *type)
{
    const struct btf_var_secinfo *infos = btf_var_secinfos(type);
    const char *name = tb_btf_table_name(table, type->name_off);
    int has_functions = name == NULL || strcmp(name, ".ksyms") == 0;

    for (uint32_t i = 0; i < btf_vlen(type); i++) {
        const struct btf_type *var = tb_btf_table_type(table, infos[i].type);
        uint64_t end = (uint64_t)infos[i].offset + infos[i].size;

        if (!btf_is_var(var) && !(has_functions && btf_is_func(var))) {
            return "has a part that is no variable";
        }
        /* Compilers leave the size to whoever links. */
        if (end > (type->size != 0 ? type->size : INT32_MAX)) {
            return "has a part outside of it";
        }
    }
    return type->size <= INT32_MAX ? NULL : "has a size that no such type has";
}

/* What is wrong with a type by itself; NULL if nothing is. */
static const char *
own_problem(const struct tb_btf_table *table, const struct btf_type *type)
{
    const char *problem = NULL;

    if (!has_sane_size(type)) {
        return "has a size that no such type has";
    }
    if (btf_is_array(type) && tb_btf_table_size(table, btf_array(type)->type) < 0) {
        return "has a part without a size";
    }
    if ((btf_is_mod(type) || btf_is_typedef(type) || btf_is_var(type)) &&
        btf_is_var(tb_btf_table_type(table, type->type))) {
        return "is made of a variable";
    }
    if (btf_is_func(type) && !btf_is_func_proto(tb_btf_table_type(table, type->type))) {
        return "is a function without a prototype";
    }
    if (btf_is_datasec(type)) {
        return section_problem(table, type);
    }
    for (uint32_t i = 0;
         problem == NULL && btf_is_composite(type) && i < btf_vlen(type); i++) {
        problem = member_problem(table, type, i);
    }
    return problem;
}

/* The words from one name of a type's parts to the next; 0 if they have none. */
static size_t
name_stride(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM64:
        return 3;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
        return 2;
    default:
        return 0;
    }
}

static int
is_long(const struct tb_btf_table *table, uint32_t name_off)
{
    const char *name = tb_btf_table_name(table, name_off);

    return name != NULL && strnlen(name, NAME_MAX_BYTES + 1) > NAME_MAX_BYTES;
}

static int
has_long_name(const struct tb_btf_table *table, const struct btf_type *type)
{
    const uint32_t *words = (const uint32_t *)(type + 1);
    size_t stride = name_stride(type);

    for (size_t i = 0; stride != 0 && i < btf_vlen(type); i++) {
        if (is_long(table, words[i * stride])) {
            return 1;
        }
    }
    return table->base != NULL || is_long(table, type->name_off);
}

/* Whether names need to be looked at: mostly no string is so long, lines of source
 * among them. One name may be that of everything, and then all work is by so much more.
 */
static int
has_long_string(const struct tb_btf_table *table)
{
    const char *at = table->strings, *end = at + table->n_strings;

    while (at < end) {
        const char *nul = memchr(at, '\0', (size_t)(end - at)); /* ends in one */

        if (nul - at > NAME_MAX_BYTES) {
            return 1;
        }
        at = nul + 1;
    }
    return 0;
}

const char *
tb_btf_check_table(const struct tb_btf_table *table, char *text, size_t max)
{
    struct tb_btf_unfold unfold = {.table = table};
    int looks_at_names = has_long_string(table);
    const char *problem = NULL;
    uint32_t id;

    if (tb_btf_unfold_start(&unfold) < 0) {
        snprintf(text, max, "%s", TB_BTF_NO_MEMORY);
        return text;
    }
    for (id = table->first; id < table->n && problem == NULL; id++) {
        const struct btf_type *type = tb_btf_table_type(table, id);

        problem = tb_btf_unfold_type(&unfold, id);
        if (problem == NULL) {
            unfold.problem_id = id;
            problem = own_problem(table, type);
        }
        if (problem == NULL && looks_at_names && has_long_name(table, type)) {
            problem = "has a name of more than 4096 bytes";
        }
    }
    tb_btf_unfold_stop(&unfold);
    if (problem == NULL) {
        return NULL;
    }
    snprintf(text, max, "it is malformed: type %u %s", unfold.problem_id, problem);
    return text;
}

const char *
tb_btf_check(const void *data, size_t size, const struct btf *base, char *text,
             size_t max)
{
    struct tb_btf_table table = {.base = base};
    const char *problem = tb_btf_table_open(&table, data, size, text, max);

    if (problem == NULL) {
        problem = tb_btf_check_table(&table, text, max);
    }
    tb_btf_table_close(&table);
    return problem;
}
