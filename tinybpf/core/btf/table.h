/* SPDX-License-Identifier: MIT
 *
 * The types in the bytes of a BTF, by number: what can be said of them before libbpf
 * reads the bytes. Pure; nothing is read that is not inside of them.
 */
#ifndef TB_BTF_TABLE_H
#define TB_BTF_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct btf;
struct btf_type;

#define TB_BTF_SIZE_MAX ((int64_t)1 << 40) /* what larger sizes are taken for */

/* What the checks say where they lack memory, which is no fault of what they look at.
 */
#define TB_BTF_NO_MEMORY "there is no memory to check it"

/* The errno of what they say: ENOMEM, or the one that is given. */
int tb_btf_table_errno(const char *problem, int errnum);

struct tb_btf_table {
    const struct btf *base; /* borrowed; what it goes on from, or NULL */
    uint32_t first, n;      /* the number of its first own type; one behind the last */
    uint32_t *offsets;      /* owned; where in types each own one begins */
    const char *types;      /* borrowed, or the copy; in this machine's byte order */
    char *copy;             /* owned; NULL if they lie as they are needed */
    const char *strings;    /* borrowed; its own, which end in a NUL */
    size_t n_strings;
    uint32_t pointer_size;
};

/* Find the types: of a table that is all zero but for base; what is wrong with the
 * bytes, written into text, or NULL. Pointers count for 4 bytes, the least that they
 * have. Closed in any case. */
const char *tb_btf_table_open(struct tb_btf_table *table, const void *data, size_t size,
                              char *text, size_t max);
void tb_btf_table_close(struct tb_btf_table *table);

/* The type of that number, those of the base among them; NULL if there is none. */
const struct btf_type *tb_btf_table_type(const struct tb_btf_table *table, uint32_t id);

/* A name; NULL if it does not lie in the strings, or there is a base with some. */
const char *tb_btf_table_name(const struct tb_btf_table *table, uint32_t offset);

/* The type behind typedefs and qualifiers, and the bytes of a value of it (-1: it has
 * none); both only once it is known that chains of types end. */
const struct btf_type *tb_btf_table_resolve(const struct tb_btf_table *table,
                                            uint32_t id);
int64_t tb_btf_table_size(const struct tb_btf_table *table, uint32_t id);

#endif
