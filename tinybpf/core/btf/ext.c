/* SPDX-License-Identifier: MIT
 *
 * Reading .BTF.ext (btf/ext.h), which libbpf keeps to itself: a header, then tables of
 * one form, for each section of code a list of records. Files may be hostile: nothing
 * is read that is not inside.
 */
#include "btf/ext.h"

#include "base/libbpf.h"
#include "btf/table.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header, up to what is needed; offsets count from its end. */
struct header {
    uint16_t magic;
    uint8_t version, flags;
    uint32_t size;
    uint32_t functions, functions_size;
    uint32_t lines, lines_size;
    uint32_t relocations, relocations_size; /* not in those that are older than CO-RE */
};

#define OLD_SIZE offsetof(struct header, relocations)

/* Bounds of work: functions are looked through for each relocation, here, and the types
 * of the kernel for each type that relocations begin at, in libbpf (some 0.7 ms each,
 * bpf_core_add_cands), and members for each member that has to match. */
#define LOOKUPS_MAX (1ull << 28)
#define ROOTS_MAX 4096
/* Members, each compared with all of a kernel's type. */
#define MATCHED_MAX (1u << 16)

struct table {
    const char *data;
    size_t size, at;
    uint32_t record_size;
};

/* The records of one section. */
struct part {
    uint32_t name_off, n;
    const char *records;
};

/* A table's records begin behind their size; 0 or -EINVAL. One that is not there is
 * empty. */
static int
table_open(struct table *table, const char *data, size_t size, uint64_t at, uint32_t n)
{
    *table = (struct table){.data = data};
    if (n == 0) {
        return 0;
    }
    if (at > size || n > size - at || n < sizeof(uint32_t)) {
        return -EINVAL;
    }
    table->data = data + at;
    table->size = n;
    table->at = sizeof(uint32_t);
    memcpy(&table->record_size, table->data, sizeof(uint32_t));
    return table->record_size >= 2 * sizeof(uint32_t) ? 0 : -EINVAL;
}

/* The next section of a table: 1, 0 at the end, -EINVAL. */
static int
table_next(struct table *table, struct part *part)
{
    size_t left = table->size - table->at;

    if (table->size == 0 || left == 0) {
        return 0;
    }
    if (left < 2 * sizeof(uint32_t)) {
        return -EINVAL;
    }
    memcpy(&part->name_off, table->data + table->at, sizeof(uint32_t));
    memcpy(&part->n, table->data + table->at + sizeof(uint32_t), sizeof(uint32_t));
    table->at += 2 * sizeof(uint32_t);
    left -= 2 * sizeof(uint32_t);
    if (part->n > left / table->record_size) {
        return -EINVAL;
    }
    part->records = table->data + table->at;
    table->at += (size_t)part->n * table->record_size;
    return 1;
}

/* The records of all sections, of as many as are whole. */
static uint64_t
table_count(struct table table)
{
    struct part part;
    uint64_t n = 0;

    while (table_next(&table, &part) > 0) {
        n += part.n;
    }
    return n;
}

/* Whether it would take too long to find the function of each relocation. */
static int
is_too_much(const struct table *functions, const struct table *relocations)
{
    return table_count(*functions) * table_count(*relocations) > LOOKUPS_MAX;
}

/* The function that an instruction of a section is in: the last that begins before. */
static const char *
function_at(const struct btf *btf, struct table functions, const struct part *part,
            uint32_t insn_off)
{
    const char *found = "";
    struct part other;

    while (table_next(&functions, &other) > 0) {
        for (uint32_t i = 0; other.name_off == part->name_off && i < other.n; i++) {
            const struct btf_type *type;
            struct bpf_func_info info;

            memcpy(&info, other.records + (size_t)i * functions.record_size,
                   sizeof(info));
            type = btf__type_by_id(btf, info.type_id);
            if (info.insn_off <= insn_off && type != NULL && btf_is_func(type)) {
                found = btf__name_by_offset(btf, type->name_off);
            }
        }
    }
    return found;
}

int
tb_btf_ext_visit(const struct btf *btf, const void *ext, size_t size,
                 int (*visit)(const struct tb_btf_relocation *relocation, void *ctx),
                 void *ctx)
{
    struct table functions, table;
    struct header header = {.size = 0};
    struct part part;
    int rc, err = 0;

    if (size < 6 * sizeof(uint32_t)) {
        return -EINVAL;
    }
    memcpy(&header, ext, size < sizeof(header) ? size : sizeof(header));
    if (header.magic != BTF_MAGIC || header.version != BTF_VERSION) {
        return -EINVAL;
    }
    if (header.size < sizeof(header)) { /* older than CO-RE */
        return 0;
    }
    if (table_open(&functions, ext, size, (uint64_t)header.size + header.functions,
                   header.functions_size) < 0 ||
        table_open(&table, ext, size, (uint64_t)header.size + header.relocations,
                   header.relocations_size) < 0) {
        return -EINVAL;
    }
    if ((table.size > 0 && table.record_size < sizeof(struct bpf_core_relo)) ||
        is_too_much(&functions, &table)) {
        return -EINVAL;
    }
    while (err == 0 && (rc = table_next(&table, &part)) != 0) {
        for (uint32_t i = 0; rc > 0 && err == 0 && i < part.n; i++) {
            struct tb_btf_relocation relocation = {.function = ""};
            struct bpf_core_relo record;

            memcpy(&record, part.records + (size_t)i * table.record_size,
                   sizeof(record));
            relocation.section = btf__name_by_offset(btf, part.name_off);
            relocation.access = btf__name_by_offset(btf, record.access_str_off);
            relocation.function = function_at(btf, functions, &part, record.insn_off);
            relocation.insn = record.insn_off / 8;
            relocation.type_id = record.type_id;
            relocation.kind = record.kind;
            if (relocation.section == NULL || relocation.access == NULL ||
                btf__type_by_id(btf, record.type_id) == NULL) {
                return -EINVAL;
            }
            err = visit(&relocation, ctx);
        }
        if (rc < 0) {
            return -EINVAL;
        }
    }
    return err;
}

/* Whether a text is numbers with colons between them, as clang writes the way to a
 * member: libbpf would take negative ones for indices, too. */
static int
is_way(const char *text)
{
    while (text != NULL && isdigit((unsigned char)*text)) {
        char *end;

        if (strtoull(text, &end, 10) > INT32_MAX || end - text > 10) {
            return 0;
        }
        if (*end == '\0') {
            return 1;
        }
        text = *end == ':' ? end + 1 : NULL;
    }
    return 0;
}

/* What is wrong with a relocation; NULL if nothing is. */
static const char *
relocation_problem(const struct tb_btf_table *types, const struct bpf_core_relo *record)
{
    if (record->insn_off % sizeof(struct bpf_insn) != 0) {
        return "is of half an instruction";
    }
    if (tb_btf_table_type(types, record->type_id) == NULL) {
        return "is of a type that does not exist";
    }
    if (!is_way(tb_btf_table_name(types, record->access_str_off))) {
        return "says no way to what it is of";
    }
    return NULL;
}

/* Look at the relocations of one section of code. */
static const char *
part_problem(const struct tb_btf_table *types, const struct table *table,
             const struct part *part)
{
    const char *problem = NULL;
    struct bpf_core_relo record;

    for (uint32_t i = 0; problem == NULL && i < part->n; i++) {
        memcpy(&record, part->records + (size_t)i * table->record_size, sizeof(record));
        problem = relocation_problem(types, &record);
    }
    return problem;
}

/* Look at a table whose records have min bytes at least; types are those of
 * relocations, NULL for what else there is. */
static const char *
table_problem(struct table table, uint32_t min, const struct tb_btf_table *types)
{
    const char *problem = NULL;
    struct part part;
    int rc = 0;

    if (table.size == 0) {
        return NULL;
    }
    if ((uintptr_t)table.record_size % 4 != 0 || table.record_size < min) {
        return "has a size that no record has";
    }
    while (problem == NULL && (rc = table_next(&table, &part)) > 0) {
        if (part.n == 0) {
            problem = "is empty";
        }
        else if (types != NULL) {
            problem = part_problem(types, &table, &part);
        }
    }
    return rc < 0 ? "is not whole" : problem;
}

/* Copy the header; what is wrong with it, or NULL. */
static const char *
read_header(struct header *header, const char *ext, size_t size)
{
    *header = (struct header){.size = 0};
    if (size < OLD_SIZE) {
        return "is truncated";
    }
    memcpy(header, ext, size < sizeof(*header) ? size : sizeof(*header));
    if (header->magic != BTF_MAGIC || header->version != BTF_VERSION ||
        header->flags != 0) {
        return "is of a version that is not known";
    }
    if (header->size < OLD_SIZE || header->size > size) {
        return "is truncated";
    }
    if (header->size < sizeof(*header)) {
        header->relocations = header->relocations_size = 0;
    }
    return (header->functions | header->lines | header->relocations) % 4 != 0
               ? "lies across words"
               : NULL;
}

/* How many types relocations begin at, all of which exist; -1 without memory. */
static int64_t
count_roots(const struct tb_btf_table *types, struct table table)
{
    uint8_t *is_root = calloc(types->n, 1);
    struct part part;
    int64_t n = 0;

    while (is_root != NULL && table_next(&table, &part) > 0) {
        for (uint32_t i = 0; i < part.n; i++) {
            struct bpf_core_relo record;

            memcpy(&record, part.records + (size_t)i * table.record_size,
                   sizeof(record));
            n += !is_root[record.type_id];
            is_root[record.type_id] = 1;
        }
    }
    n = is_root != NULL ? n : -1;
    free(is_root);
    return n;
}

/* How many members there are in all types that relocations want to match. */
static uint64_t
count_matched(const struct tb_btf_table *types, struct table table)
{
    struct part part;
    uint64_t n = 0;

    while (table_next(&table, &part) > 0) {
        for (uint32_t i = 0; i < part.n; i++) {
            struct bpf_core_relo record;

            memcpy(&record, part.records + (size_t)i * table.record_size,
                   sizeof(record));
            n += record.kind == BPF_CORE_TYPE_MATCHES
                     ? 1 + btf_vlen(tb_btf_table_type(types, record.type_id))
                     : 0;
        }
    }
    return n;
}

/* What is wrong with how much there is; NULL if nothing is. Both tables are whole. */
static const char *
amount_problem(const struct tb_btf_table *types, const struct table *functions,
               const struct table *relocations)
{
    int64_t n;

    if (is_too_much(functions, relocations)) {
        return "are more than can be looked for among so many functions";
    }
    if (count_matched(types, *relocations) > MATCHED_MAX) {
        return "want to match more than 65536 members";
    }
    n = count_roots(types, *relocations);
    if (n < 0) {
        return "cannot be counted: " TB_BTF_NO_MEMORY;
    }
    return n > ROOTS_MAX ? "are of more than 4096 types" : NULL;
}

const char *
tb_btf_ext_problem(const struct tb_btf_table *types, const void *ext, size_t size,
                   char *text, size_t max)
{
    struct header header;
    const char *problem = read_header(&header, ext, size);
    const struct {
        uint32_t at, size, min;
        const char *what;
        const struct tb_btf_table *types;
    } tables[] = {
        {header.functions, header.functions_size, 8, "its table of functions", NULL},
        {header.lines, header.lines_size, 16, "its table of lines", NULL},
        {header.relocations, header.relocations_size, sizeof(struct bpf_core_relo),
         "a relocation", types},
    };
    const char *what = "it";
    struct table opened[3];

    for (size_t i = 0; problem == NULL && i < sizeof(tables) / sizeof(tables[0]); i++) {
        what = tables[i].what;
        problem = table_open(&opened[i], ext, size,
                             (uint64_t)header.size + tables[i].at, tables[i].size) < 0
                      ? "is not whole"
                      : table_problem(opened[i], tables[i].min, tables[i].types);
    }
    if (problem == NULL) {
        what = "they";
        problem = amount_problem(types, &opened[0], &opened[2]);
    }
    if (problem == NULL) {
        return NULL;
    }
    snprintf(text, max, "its relocations cannot be used (section .BTF.ext): %s %s",
             what, problem);
    return text;
}

void
tb_btf_ext_each(const void *ext, size_t size,
                void (*visit)(const struct bpf_core_relo *relocation, void *ctx),
                void *ctx)
{
    struct header header;
    struct table table;
    struct part part;

    if (read_header(&header, ext, size) != NULL ||
        table_open(&table, ext, size, (uint64_t)header.size + header.relocations,
                   header.relocations_size) < 0) {
        return;
    }
    while (table_next(&table, &part) > 0) {
        for (uint32_t i = 0; i < part.n; i++) {
            struct bpf_core_relo record;

            memcpy(&record, part.records + (size_t)i * table.record_size,
                   sizeof(record));
            visit(&record, ctx);
        }
    }
}

size_t
tb_btf_ext_essential(const char *name)
{
    const char *flavour = NULL;

    for (const char *at = strstr(name, "___"); at != NULL; at = strstr(at + 1, "___")) {
        if (at > name && at[3] != '\0' && at[3] != '_' && at[-1] != '_') {
            flavour = at;
        }
    }
    return flavour != NULL ? (size_t)(flavour - name) : strlen(name);
}
