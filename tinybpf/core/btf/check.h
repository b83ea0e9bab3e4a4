/* SPDX-License-Identifier: MIT
 *
 * Whether type information that came from anywhere can be walked without fear: pure.
 */
#ifndef TB_BTF_CHECK_H
#define TB_BTF_CHECK_H

#include <stddef.h>

struct btf;

/* What is wrong with the bytes of a BTF before it is parsed, written into text; NULL if
 * nothing is that a header tells. */
const char *tb_btf_check_bytes(const void *data, size_t size, char *text, size_t max);

/* What is wrong with the types of a parsed one, those of its base left out. NULL if
 * nothing is: then no type holds itself, and no chain of types is so deep that a
 * recursion over it exhausts the stack. */
const char *tb_btf_check_types(const struct btf *btf, char *text, size_t max);

#endif
