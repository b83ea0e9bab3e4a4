/* SPDX-License-Identifier: MIT
 *
 * The types of a BTF by number (btf/table.h). All of its type section are words of 4
 * bytes, so that one of the other byte order is read from a copy with turned words.
 */
#include "btf/table.h"

#include "base/libbpf.h"

#include <byteswap.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_MAGIC 0x9feb

/* Up to str_len; what later versions of BTF have behind it, hdr_len counts. */
#define SMALLEST_HEADER (offsetof(struct btf_header, str_len) + sizeof(uint32_t))

/* Turn words in place. */
static void
turn(void *data, size_t size)
{
    uint32_t *words = data;

    for (size_t i = 0; i < size / sizeof(*words); i++) {
        words[i] = bswap_32(words[i]);
    }
}

/* Copy the header, in this machine's order; whether it was of the other one. */
static int
read_header(const void *data, struct btf_header *header)
{
    memcpy(header, data, SMALLEST_HEADER);
    if (header->magic != OTHER_MAGIC) {
        return 0;
    }
    header->magic = BTF_MAGIC;
    turn(&header->hdr_len, SMALLEST_HEADER - offsetof(struct btf_header, hdr_len));
    return 1;
}

/* What a header says against the size of all; NULL if nothing. */
static const char *
header_problem(const struct btf_header *header, size_t size, char *text, size_t max)
{
    uint64_t needed = (uint64_t)header->hdr_len + header->str_off + header->str_len;

    if (header->magic != BTF_MAGIC) {
        snprintf(text, max, "it is no BTF: it begins with 0x%04x and not 0x%04x",
                 header->magic, BTF_MAGIC);
    }
    else if (header->version != BTF_VERSION) {
        snprintf(text, max, "its version is %u, and %u is the only one known",
                 header->version, BTF_VERSION);
    }
    else if (needed > size) {
        snprintf(text, max, "it is truncated: %zu bytes of %llu", size,
                 (unsigned long long)needed);
    }
    else if (header->hdr_len < SMALLEST_HEADER ||
             (header->hdr_len | header->type_off | header->type_len) % 4 != 0 ||
             (uint64_t)header->type_off + header->type_len > header->str_off) {
        snprintf(text, max, "it is malformed: its parts lie across one another");
    }
    else {
        return NULL;
    }
    return text;
}

/* The bytes of a record; 0 if its kind is not known. */
static size_t
record_size(const struct btf_type *type)
{
    size_t n = btf_vlen(type);

    switch (btf_kind(type)) {
    case BTF_KIND_FWD:
    case BTF_KIND_CONST:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_PTR:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
        return sizeof(*type);
    case BTF_KIND_INT:
        return sizeof(*type) + sizeof(uint32_t);
    case BTF_KIND_ARRAY:
        return sizeof(*type) + sizeof(struct btf_array);
    case BTF_KIND_VAR:
        return sizeof(*type) + sizeof(struct btf_var);
    case BTF_KIND_DECL_TAG:
        return sizeof(*type) + sizeof(struct btf_decl_tag);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return sizeof(*type) + n * sizeof(struct btf_member);
    case BTF_KIND_ENUM:
        return sizeof(*type) + n * sizeof(struct btf_enum);
    case BTF_KIND_ENUM64:
        return sizeof(*type) + n * sizeof(struct btf_enum64);
    case BTF_KIND_FUNC_PROTO:
        return sizeof(*type) + n * sizeof(struct btf_param);
    case BTF_KIND_DATASEC:
        return sizeof(*type) + n * sizeof(struct btf_var_secinfo);
    default:
        return 0;
    }
}

/* Let types be words that can be read where they lie; 0, or -1 without memory. */
static int
align(struct tb_btf_table *table, size_t size, int is_turned)
{
    if (!is_turned && (uintptr_t)table->types % sizeof(uint32_t) == 0) {
        return 0;
    }
    table->copy = malloc(size + 1);
    if (table->copy == NULL) {
        return -1;
    }
    memcpy(table->copy, table->types, size);
    if (is_turned) {
        turn(table->copy, size);
    }
    table->types = table->copy;
    return 0;
}

/* Find where each type begins; what is wrong with one of them, or NULL. */
static const char *
index_types(struct tb_btf_table *table, size_t size, char *text, size_t max)
{
    size_t at = 0;

    while (size - at >= sizeof(struct btf_type)) {
        const struct btf_type *type = (const void *)(table->types + at);
        size_t n = record_size(type);

        if (n == 0) {
            snprintf(text, max,
                     "it is malformed: type %u is of a kind that is not known (%u)",
                     table->n, btf_kind(type));
            return text;
        }
        if (n > size - at) {
            break;
        }
        table->offsets[table->n++ - table->first] = (uint32_t)at;
        at += n;
    }
    if (at == size) {
        return NULL;
    }
    snprintf(text, max, "it is malformed: type %u is not whole", table->n);
    return text;
}

const char *
tb_btf_table_open(struct tb_btf_table *table, const void *data, size_t size, char *text,
                  size_t max)
{
    const struct btf *base = table->base;
    struct btf_header header;
    int is_turned;

    table->first = table->n = base != NULL ? btf__type_cnt(base) : 1;
    table->pointer_size = 4;
    if (size < SMALLEST_HEADER) {
        snprintf(text, max, "it is truncated: %zu bytes are less than a BTF header",
                 size);
        return text;
    }
    is_turned = read_header(data, &header);
    if (header_problem(&header, size, text, max) != NULL) {
        return text;
    }
    table->types = (const char *)data + header.hdr_len + header.type_off;
    table->strings = (const char *)data + header.hdr_len + header.str_off;
    table->n_strings = header.str_len;
    if (table->n_strings > 0 ? table->strings[table->n_strings - 1] != '\0'
                             : base == NULL) {
        snprintf(text, max, "it is malformed: its strings have no end");
        return text;
    }
    if (base == NULL && table->strings[0] != '\0') {
        snprintf(text, max,
                 "it goes on from a base that was not given, or is "
                 "malformed");
        return text;
    }
    table->offsets =
        malloc(header.type_len / sizeof(struct btf_type) * sizeof(uint32_t) + 1);
    if (table->offsets == NULL || align(table, header.type_len, is_turned) < 0) {
        snprintf(text, max, "%s", TB_BTF_NO_MEMORY);
        return text;
    }
    return index_types(table, header.type_len, text, max);
}

void
tb_btf_table_close(struct tb_btf_table *table)
{
    free(table->offsets);
    free(table->copy);
}

const struct btf_type *
tb_btf_table_type(const struct tb_btf_table *table, uint32_t id)
{
    static const struct btf_type nothing;

    if (id == 0) {
        return &nothing;
    }
    if (id < table->first) {
        return btf__type_by_id(table->base, id);
    }
    return id < table->n
               ? (const void *)(table->types + table->offsets[id - table->first])
               : NULL;
}

const char *
tb_btf_table_name(const struct tb_btf_table *table, uint32_t offset)
{
    return table->base == NULL && offset < table->n_strings ? table->strings + offset
                                                            : NULL;
}

const struct btf_type *
tb_btf_table_resolve(const struct tb_btf_table *table, uint32_t id)
{
    const struct btf_type *type = tb_btf_table_type(table, id);

    while (type != NULL && (btf_is_mod(type) || btf_is_typedef(type))) {
        type = tb_btf_table_type(table, type->type);
    }
    return type;
}

/* The bytes of what is no array; -1: it has none. */
static int64_t
own_size(const struct tb_btf_table *table, const struct btf_type *type)
{
    switch (type != NULL ? btf_kind(type) : BTF_KIND_UNKN) {
    case BTF_KIND_INT:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_FLOAT:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return type->size;
    case BTF_KIND_PTR:
        return table->pointer_size;
    default:
        return -1;
    }
}

int64_t
tb_btf_table_size(const struct tb_btf_table *table, uint32_t id)
{
    const struct btf_type *type = tb_btf_table_resolve(table, id);
    int64_t n = 1, size;

    while (type != NULL && btf_is_array(type)) {
        uint32_t nelems = btf_array(type)->nelems;

        n = nelems != 0 && n > TB_BTF_SIZE_MAX / nelems ? TB_BTF_SIZE_MAX : n * nelems;
        type = tb_btf_table_resolve(table, btf_array(type)->type);
    }
    size = own_size(table, type);
    return size > 0 && n > TB_BTF_SIZE_MAX / size ? TB_BTF_SIZE_MAX : n * size;
}

int
tb_btf_table_errno(const char *problem, int errnum)
{
    return strstr(problem, TB_BTF_NO_MEMORY) != NULL ? ENOMEM : errnum;
}
