/* SPDX-License-Identifier: MIT
 *
 * What an object has to be, beyond what loading asks of it, before libbpf links it.
 */
#ifndef TB_SYSTEM_LINKER_GATE_H
#define TB_SYSTEM_LINKER_GATE_H

#include <stddef.h>
#include <stdint.h>

/* What is wrong with an object that passed tb_gate_object(), written into text; NULL if
 * nothing is that this version of libbpf's linker could trip over. Pure. */
const char *tb_linker_gate_problem(const void *image, size_t size, char *text,
                                   size_t max);

/* Bytes of all its sections, those that are only zeros among them. */
uint64_t tb_linker_gate_size(const void *image, size_t size);

/* Pass each global symbol with the name of its section to visit, "" of one that has
 * none: of a variable that is defined elsewhere, where its types say that it belongs;
 * until it returns what is not 0, and return that. */
int tb_linker_gate_each(const void *image, size_t size,
                        int (*visit)(const char *name, const char *section,
                                     int is_extern, void *ctx),
                        void *ctx);

#endif
