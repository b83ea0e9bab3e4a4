/* SPDX-License-Identifier: MIT
 *
 * The gate: what object files have to pass before libbpf opens them. Pure.
 */
#ifndef TB_BTF_GATE_H
#define TB_BTF_GATE_H

#include <stddef.h>

/* What is wrong with an object file: its headers, its sections, its types. Written into
 * text; NULL if nothing is that this version of libbpf could trip over. */
const char *tb_gate_object(const void *image, size_t size, char *text, size_t max);

#endif
