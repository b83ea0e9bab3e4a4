/* SPDX-License-Identifier: MIT
 *
 * Members of enums, of either size.
 */
#ifndef TB_BTF_MEMBER_H
#define TB_BTF_MEMBER_H

#include "base/abi3.h"

#include <stdint.h>

struct btf;
struct btf_type;

struct tb_enum_member {
    const char *name; /* borrowed from the BTF; "" or NULL: it has none */
    uint64_t bits;    /* the number, widened to 64 bits as its enum says */
    int is_signed;    /* whether they are those of a signed number */
};

/* Its number as an int of Python. */
PyObject *tb_member_number(const struct tb_enum_member *member);

/* Member i of an enum. */
struct tb_enum_member tb_member_get(const struct btf *btf, const struct btf_type *type,
                                    int i);

/* The member of that name of one enum: 1, or 0: there is none. */
int tb_member_find_in(const struct btf *btf, const struct btf_type *type,
                      const char *name, struct tb_enum_member *out);

/* The same of any enum: C has one name for one number in a file. */
int tb_member_find(const struct btf *btf, const char *name, struct tb_enum_member *out);

#endif
