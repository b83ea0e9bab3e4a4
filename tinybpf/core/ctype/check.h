/* SPDX-License-Identifier: MIT
 *
 * Whether a class of ctypes lies in memory as the type of C does that BTF tells of.
 */
#ifndef TB_CTYPE_CHECK_H
#define TB_CTYPE_CHECK_H

#include "btf/btf.h"

/* What a program says: this class is that type. */
struct tb_ctype_claim {
    PyObject *type; /* borrowed; what is no class of ctypes is not checked */
    uint32_t btf_id;
    int check_names;  /* of fields, and their number */
    const char *what; /* "Key", "Value": of a map; NULL: something else */
};

/* Compare sizes, then fields in their order: number, names, offsets; structs in structs
 * and in arrays too. 0, or -1 with BtfValidationError. */
int tb_ctype_check(Btf *btf, const struct tb_ctype_claim *claim);

/* The id of the type of that name, if values can have it (btf/find.h says which of
 * several); 0 with BtfValidationError ("not found") that suggests near names. */
uint32_t tb_ctype_find(Btf *btf, const char *name);

/* The same of a name, a str, or of a BtfType of that BTF; TypeError for what is
 * neither, KeyError for one of another BTF. */
uint32_t tb_ctype_find_given(Btf *btf, PyObject *wanted);

#endif
