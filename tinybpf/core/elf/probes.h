/* SPDX-License-Identifier: MIT
 *
 * Static tracepoints (USDT) of programs and libraries, by their ELF notes. Pure.
 */
#ifndef TB_ELF_PROBES_H
#define TB_ELF_PROBES_H

#include <stddef.h>

struct tb_nearest;

/* Offer "provider:name" of all probes that a file names, and list them in a text as far
 * as there is room; how many. A damaged file has as many as can be read. */
long tb_elf_probes(const void *data, size_t size, struct tb_nearest *nearest,
                   char *list, size_t list_size);

#endif
