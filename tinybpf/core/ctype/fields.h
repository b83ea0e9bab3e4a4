/* SPDX-License-Identifier: MIT
 *
 * The fields of a class of ctypes, and those of a struct or union of BTF, as lists that
 * can be compared. Fields of anonymous members stand in their place.
 */
#ifndef TB_CTYPE_FIELDS_H
#define TB_CTYPE_FIELDS_H

#include "base/abi3.h"

struct btf;

struct tb_ctype_field {
    PyObject *name;  /* owned; str */
    PyObject *class; /* owned; of ctypes; NULL for a member of BTF */
    uint32_t btf_id; /* type of a member of BTF; 0 for one of ctypes */
    uint64_t bit_offset, bits;
};

struct tb_ctype_fields {
    struct tb_ctype_field *items; /* owned */
    size_t n, cap;
};

/* List the members of a struct or union of BTF; 0, or -1 with an exception. Start with
 * an empty list, free it in both cases. */
int tb_ctype_fields_of_btf(struct tb_ctype_fields *fields, const struct btf *btf,
                           uint32_t id);

/* The same for a Structure or Union of ctypes: 1, 0 if the class is none, or -1. */
int tb_ctype_fields_of_class(struct tb_ctype_fields *fields, PyObject *class);

void tb_ctype_fields_free(struct tb_ctype_fields *fields);

#endif
