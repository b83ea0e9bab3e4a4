/* SPDX-License-Identifier: MIT
 *
 * Perf map files: what just-in-time compilers (and python -X perf) write of the
 * functions that they made, lines "START SIZE NAME". Pure.
 */
#ifndef TB_SYSTEM_PERF_MAP_H
#define TB_SYSTEM_PERF_MAP_H

#include "elf/ranges.h"

/* Add what a text has, of which the last line may be being written; of two at one place
 * the later one counts. 0 or functions->err. */
int tb_perf_map_parse(struct tb_ranges *functions, const char *text, size_t size);

#endif
