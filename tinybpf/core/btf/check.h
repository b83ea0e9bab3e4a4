/* SPDX-License-Identifier: MIT
 *
 * Whether type information that came from anywhere can be walked without fear: pure.
 */
#ifndef TB_BTF_CHECK_H
#define TB_BTF_CHECK_H

#include <stddef.h>

struct btf;
struct tb_btf_table;

/* What is wrong with the bytes of a BTF, of either byte order, that goes on from base
 * (NULL: it stands by itself); written into text. NULL if nothing is: then no type
 * holds itself, is nested too deep or unfolds into too many parts for a recursion over
 * it, and what is in a type lies inside of it. To be asked before libbpf reads them. */
const char *tb_btf_check(const void *data, size_t size, const struct btf *base,
                         char *text, size_t max);

/* The same for types that were found already. */
const char *tb_btf_check_table(const struct tb_btf_table *table, char *text,
                               size_t max);

#endif
