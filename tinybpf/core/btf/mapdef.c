/* SPDX-License-Identifier: MIT
 *
 * Reader of map definitions (btf/mapdef.h). The macros of bpf_helpers.h make a struct
 * of pointers: __uint(x, n) is `int (*x)[n]`, __type(x, t) is `t *x`, and
 * __array(values, t) is `t *values[]`. libbpf reads them the same way, but forgets
 * the types of keys and values of those maps whose creation takes no BTF, and the
 * inner map once the outer one is made (bpf_object__create_map in libbpf.c).
 */
#include "btf/mapdef.h"

#include "base/libbpf.h"
#include "btf/find.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The id of the type that a member points to; 0 if it is no pointer. */
static uint32_t
pointee(const struct btf *btf, const struct btf_member *member)
{
    uint32_t id = member->type;
    const struct btf_type *type = tb_btf_resolve(btf, &id);

    return type && btf_is_ptr(type) ? type->type : 0;
}

/* The number of a member that __uint made; 0 if it is none. */
static uint32_t
number(const struct btf *btf, const struct btf_member *member)
{
    uint32_t id = pointee(btf, member);
    const struct btf_type *type = tb_btf_resolve(btf, &id);

    return type && btf_is_array(type) ? btf_array(type)->nelems : 0;
}

/* The struct of the maps that `values` holds; 0 if it holds programs, or is none. */
static uint32_t
inner_id(const struct btf *btf, const struct btf_member *member)
{
    uint32_t id = member->type;
    const struct btf_type *type = tb_btf_resolve(btf, &id);

    if (type == NULL || !btf_is_array(type)) {
        return 0;
    }
    id = btf_array(type)->type;
    type = tb_btf_resolve(btf, &id);
    if (type == NULL || !btf_is_ptr(type)) {
        return 0;
    }
    id = type->type;
    type = tb_btf_resolve(btf, &id);
    return type && btf_is_struct(type) ? id : 0;
}

static const struct {
    const char *name;
    size_t offset;
    uint32_t (*read)(const struct btf *btf, const struct btf_member *member);
} members[] = {
    {"type", offsetof(struct tb_mapdef, type), number},
    {"key_size", offsetof(struct tb_mapdef, key_size), number},
    {"value_size", offsetof(struct tb_mapdef, value_size), number},
    {"max_entries", offsetof(struct tb_mapdef, max_entries), number},
    {"map_flags", offsetof(struct tb_mapdef, map_flags), number},
    {"key", offsetof(struct tb_mapdef, key_type_id), pointee},
    {"value", offsetof(struct tb_mapdef, value_type_id), pointee},
    {"values", offsetof(struct tb_mapdef, inner), inner_id},
};

static void
read_member(const struct btf *btf, const struct btf_member *member,
            struct tb_mapdef *def)
{
    const char *name = btf__name_by_offset(btf, member->name_off);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(name, members[i].name) == 0) {
            uint32_t value = members[i].read(btf, member);

            memcpy((char *)def + members[i].offset, &value, sizeof(value));
        }
    }
}

/* The size that a type gives, where none was given as a number. */
static void
complete(const struct btf *btf, uint32_t type_id, uint32_t *size)
{
    int64_t found = type_id && *size == 0 ? btf__resolve_size(btf, type_id) : 0;

    if (found > 0) {
        *size = (uint32_t)found;
    }
}

void
tb_mapdef_read(const struct btf *btf, uint32_t id, struct tb_mapdef *out_def)
{
    const struct btf_type *type = tb_btf_resolve(btf, &id);

    *out_def = (struct tb_mapdef){0};
    if (type == NULL || !btf_is_struct(type)) {
        return;
    }
    for (uint16_t i = 0; i < btf_vlen(type); i++) {
        read_member(btf, &btf_members(type)[i], out_def);
    }
    complete(btf, out_def->key_type_id, &out_def->key_size);
    complete(btf, out_def->value_type_id, &out_def->value_size);
}

int
tb_mapdef_find(const struct btf *btf, const char *name, struct tb_mapdef *out_def)
{
    int id = btf__find_by_name_kind(btf, ".maps", BTF_KIND_DATASEC);
    const struct btf_type *section;

    if (id < 0) {
        return -ENOENT;
    }
    section = btf__type_by_id(btf, (uint32_t)id);
    for (uint16_t i = 0; i < btf_vlen(section); i++) {
        const struct btf_type *var =
            btf__type_by_id(btf, btf_var_secinfos(section)[i].type);

        if (var && strcmp(btf__name_by_offset(btf, var->name_off), name) == 0) {
            tb_mapdef_read(btf, var->type, out_def);
            return 0;
        }
    }
    return -ENOENT;
}
