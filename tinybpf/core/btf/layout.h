/* SPDX-License-Identifier: MIT
 *
 * How the values of a BTF type lie in memory. Pure C: it reads a parsed BTF, knows no
 * Python, and takes BTF that lies (cycles, members outside of their struct, sizes
 * that overflow) for -EINVAL. Layouts are made when first asked for and live as long
 * as the table that they are in; typedefs and qualifiers are looked through.
 */
#ifndef TB_BTF_LAYOUT_H
#define TB_BTF_LAYOUT_H

#include <stdint.h>

struct btf;

enum tb_layout_kind {
    TB_LAYOUT_BYTES, /* without meaning (forward declarations, odd ints), or u8[] */
    TB_LAYOUT_UNSIGNED,
    TB_LAYOUT_SIGNED,
    TB_LAYOUT_BOOL,
    TB_LAYOUT_FLOAT,   /* 4 or 8 bytes */
    TB_LAYOUT_POINTER, /* unsigned */
    TB_LAYOUT_ENUM,    /* is_signed tells */
    TB_LAYOUT_TEXT,    /* char[] */
    TB_LAYOUT_ARRAY,   /* any other array */
    TB_LAYOUT_STRUCT,
    TB_LAYOUT_UNION,
};

struct tb_layout {
    enum tb_layout_kind kind;
    uint32_t type_id; /* typedefs and qualifiers looked through */
    uint32_t size;    /* bytes; of a flexible array: 0 */
    uint32_t n;       /* elements of an array; fields of an aggregate */
    uint64_t
        n_parts; /* scalars in it, and some for long names: what showing it costs */
    uint8_t is_signed;
    uint8_t is_char;                 /* the type named char */
    uint8_t is_flexible;             /* an array that says no length */
    uint8_t is_wrapper;              /* a struct made by tb_layout_wrap() */
    const struct tb_layout *element; /* of arrays, bytes and text among them; or NULL */
    struct tb_field *fields;         /* owned; of aggregates, in the order of C */
    struct tb_layout *next;          /* made before it, in the same table */
};

/* A field of an aggregate; those of anonymous members stand among its own. */
struct tb_field {
    const char *name;               /* borrowed from the BTF */
    const struct tb_layout *layout; /* borrowed from the table */
    uint32_t offset;                /* bytes; bitfields: of the first byte with a bit */
    uint8_t bits;                   /* width of a bitfield; 0: it is none */
    uint8_t shift;   /* bits of the first byte before it, in the machine's order */
    uint8_t is_tail; /* a flexible array that is last: what follows is its */
};

/* The layouts of one BTF: all zero but for btf, to begin with. */
struct tb_layout_table {
    const struct btf *btf;          /* borrowed; outlives the table */
    const struct tb_layout **by_id; /* owned; NULL until the first is made */
    uint32_t n_ids, n_fields;
    struct tb_layout *last; /* owned, with those it was made after */
};

/* The layout of a type: 0, or -EINVAL (no such type, or no type of values, or BTF that
 * contradicts itself), -ENOMEM. */
int tb_layout_get(struct tb_layout_table *table, uint32_t type_id,
                  const struct tb_layout **out_layout);

/* The layout of a number, without a table: 0, or -EINVAL if it is something else. */
int tb_layout_scalar(const struct btf *btf, uint32_t type_id,
                     struct tb_layout *out_layout);

/* A new layout in the table: a struct with one field, named value; NULL: no memory. */
const struct tb_layout *tb_layout_wrap(struct tb_layout_table *table,
                                       const struct tb_layout *inner);

/* Free all of them; may be called again. */
void tb_layout_free_all(struct tb_layout_table *table);

/* A field by name, or NULL. */
const struct tb_field *tb_layout_field(const struct tb_layout *layout,
                                       const char *name);

/* Whether it is a struct or a union; one of the three kinds of array. */
int tb_layout_is_aggregate(const struct tb_layout *layout);
int tb_layout_is_array(const struct tb_layout *layout);

/* Bytes that a field takes or shares, behind its offset; flexible arrays: 0. */
uint32_t tb_layout_span(const struct tb_field *field);

#endif
