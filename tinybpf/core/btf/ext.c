/* SPDX-License-Identifier: MIT
 *
 * Reading .BTF.ext (btf/ext.h), which libbpf keeps to itself: a header, then tables of
 * one form, for each section of code a list of records. Files may be hostile: nothing
 * is read that is not inside.
 */
#include "btf/ext.h"

#include "base/libbpf.h"

#include <errno.h>
#include <string.h>

/* The header, up to what is needed; offsets count from its end. */
struct header {
    uint16_t magic;
    uint8_t version, flags;
    uint32_t size;
    uint32_t functions, functions_size;
    uint32_t lines, lines_size;
    uint32_t relocations, relocations_size;
};

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
    if (table.size > 0 && table.record_size < sizeof(struct bpf_core_relo)) {
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
