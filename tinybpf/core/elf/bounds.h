/* SPDX-License-Identifier: MIT
 *
 * Whether what an object file says of itself lies inside of it: pure.
 */
#ifndef TB_ELF_BOUNDS_H
#define TB_ELF_BOUNDS_H

#include <stddef.h>

/* What is wrong with the sections, symbols and relocations of an object whose headers
 * were found right; written into text. NULL if nothing is that this version of libbpf
 * could trip over; then *n_symbols says how many symbols there are. */
const char *tb_bounds_problem(const void *image, size_t size, size_t *n_symbols,
                              char *text, size_t max);

#endif
