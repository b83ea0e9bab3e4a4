/* SPDX-License-Identifier: MIT
 *
 * Types of a parsed BTF by their names, and what they are behind typedefs. Several
 * types may have one name: the one that answers best is found, a struct before a union,
 * then a typedef, an enum, a number, and last what has no values.
 */
#ifndef TB_BTF_FIND_H
#define TB_BTF_FIND_H

#include <stdint.h>

struct btf;
struct btf_type;

enum tb_btf_scope {
    TB_BTF_ALL,     /* all types that have a name */
    TB_BTF_VALUES,  /* those that values can have */
    TB_BTF_CLASSES, /* those that have a Python class and go by a name of their own */
};

/* Which types are looked at; all if it is zero. */
struct tb_btf_filter {
    enum tb_btf_scope scope;
    uint32_t kind; /* BTF_KIND_*; BTF_KIND_ENUM: of any width; 0: any */
};

/* The id of the type of that name; 0 if there is none. */
uint32_t tb_btf_find(const struct btf *btf, const char *name,
                     struct tb_btf_filter filter);

/* The name that a misspelt one comes nearest to; NULL if none is near. Names are
 * borrowed from the BTF. */
const char *tb_btf_find_nearest(const struct btf *btf, const char *wanted,
                                struct tb_btf_filter filter);

/* The name of a type, if it is one that is looked at and has one; else NULL. */
const char *tb_btf_find_name(const struct btf *btf, uint32_t id,
                             struct tb_btf_filter filter);

/* "struct x", "union x", "enum x" and "typedef x" say the kind: move on to the name. */
const char *tb_btf_find_keyword(const char *name, uint32_t *kind);

/* Whether a type is of the kind of a filter. */
int tb_btf_is_kind(const struct btf_type *type, uint32_t kind);

/* Whether a type has a Python class: aggregates, enums, arrays, typedefs of them. */
int tb_btf_has_class(const struct btf *btf, uint32_t id);

/* What a type is behind typedefs and qualifiers, *id becoming its number; NULL if that
 * is void, not there, or has no end. */
const struct btf_type *tb_btf_resolve(const struct btf *btf, uint32_t *id);

#endif
