/* SPDX-License-Identifier: MIT
 *
 * What columns records of a type are taken apart into: nested structs flat, by names
 * such as "hdr.pid". A plan knows all that it needs by itself, so that columns outlive
 * the BTF; it is counted, for batches of columns and those who take them over share it.
 * Pure C: no Python.
 */
#ifndef TB_COLUMN_PLAN_H
#define TB_COLUMN_PLAN_H

#include "btf/layout.h"

#include <stddef.h>

#define TB_COLUMN_DIMS 8        /* of an array; those of more are bytes */
#define TB_COLUMN_MAX (1 << 14) /* columns */

enum tb_column_kind {
    TB_COLUMN_UNSIGNED, /* this and those up to ENUM: 1, 2, 4 or 8 bytes */
    TB_COLUMN_SIGNED,
    TB_COLUMN_BOOL,  /* 1 byte, anything but 0 is true */
    TB_COLUMN_FLOAT, /* 4 or 8 bytes */
    TB_COLUMN_ENUM,
    TB_COLUMN_TEXT,  /* char[], up to the first NUL */
    TB_COLUMN_BYTES, /* u8[]; unions, 128 bits and what has no meaning, too */
    TB_COLUMN_KIND_COUNT,
};

struct tb_column_member {
    char *name;     /* owned; UTF-8 */
    uint64_t value; /* cut to the size of the column's elements */
    uint32_t place; /* among those of the declaration */
};

struct tb_column {
    char *name; /* owned; UTF-8 */
    enum tb_column_kind kind;
    uint32_t part;   /* which part of an entry it lies in: 0 of a record; of a map's
                      * entry 0 the key, 1 the value, 2 the CPU */
    uint32_t offset; /* bytes into that part; bitfields: of the first byte with a bit */
    uint8_t bits;    /* width of a bitfield; 0: it is none */
    uint8_t shift;   /* of a bitfield, as in a layout */
    uint8_t is_signed; /* of a number or an enum */
    uint8_t n_dims;    /* of an array; 0: one element a row */
    uint32_t dims[TB_COLUMN_DIMS];
    uint32_t size;                    /* bytes of an element */
    uint32_t width;                   /* bytes of a row's elements together */
    struct tb_column_member *members; /* owned; of ENUM, by their values; of several of
                                       * one value the first comes first */
    uint32_t n_members;
};

struct tb_column_plan {
    _Atomic uint32_t n_users;
    uint32_t n;
    struct tb_column *columns; /* owned */
    size_t row;                /* bytes of all columns' rows */
    uint32_t n_parts;
    uint32_t part_sizes[3]; /* bytes of each part, all of which can be read */
};

/* A plan without columns, for one user; NULL: no memory. */
struct tb_column_plan *tb_column_plan_new(void);
struct tb_column_plan *tb_column_plan_use(struct tb_column_plan *plan);
void tb_column_plan_drop(struct tb_column_plan *plan); /* NULL: nothing */

/* Append the columns of a part of the entries, which is of a layout. The fields of a
 * struct are named by themselves, behind "name." if there is a name; what is no struct
 * is one column `name`. What takes no room, as an array of no length does, has none. 0,
 * or -ENOMEM, -E2BIG (too many columns). */
int tb_column_plan_add(struct tb_column_plan *plan, const struct btf *btf,
                       const struct tb_layout *layout, const char *name);

/* Free what a column owns that is in no plan. */
void tb_column_clear(struct tb_column *column);

/* Append one that is described already, but for its width and the order of its
 * members, taking over what it owns. 0,
 * -ENOMEM (also if it has no name), -E2BIG or -EINVAL: no such column can be. */
int tb_column_plan_append_steal(struct tb_column_plan *plan, struct tb_column *column);

/* Elements of a row. */
size_t tb_column_elements(const struct tb_column *column);

/* The member with a value, cut as those are; NULL if there is none. */
const struct tb_column_member *tb_column_member(const struct tb_column *column,
                                                uint64_t value);

#endif
