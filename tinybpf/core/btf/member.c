/* SPDX-License-Identifier: MIT
 *
 * Members of enums (btf/member.h). Pure.
 */
#include "btf/member.h"

#include "base/libbpf.h"

#include <string.h>

PyObject *
tb_member_number(const struct tb_enum_member *member)
{
    return member->is_signed ? PyLong_FromLongLong((long long)member->bits)
                             : PyLong_FromUnsignedLongLong(member->bits);
}

struct tb_enum_member
tb_member_get(const struct btf *btf, const struct btf_type *type, int i)
{
    struct tb_enum_member member = {.is_signed = btf_kflag(type)};

    if (btf_is_enum64(type)) {
        member.name = btf__name_by_offset(btf, btf_enum64(type)[i].name_off);
        member.bits = btf_enum64_value(&btf_enum64(type)[i]);
        return member;
    }
    member.name = btf__name_by_offset(btf, btf_enum(type)[i].name_off);
    member.bits = member.is_signed ? (uint64_t)(int64_t)btf_enum(type)[i].val
                                   : (uint32_t)btf_enum(type)[i].val;
    return member;
}

int
tb_member_find_in(const struct btf *btf, const struct btf_type *type, const char *name,
                  struct tb_enum_member *out)
{
    for (int i = 0; i < btf_vlen(type); i++) {
        *out = tb_member_get(btf, type, i);
        if (out->name != NULL && strcmp(out->name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

int
tb_member_find(const struct btf *btf, const char *name, struct tb_enum_member *out)
{
    uint32_t n = btf__type_cnt(btf);

    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_is_any_enum(type) && tb_member_find_in(btf, type, name, out)) {
            return 1;
        }
    }
    return 0;
}
