/* SPDX-License-Identifier: MIT
 *
 * The helpers that programs may call, by number and name, as the bundled linux/bpf.h
 * has them.
 */
#ifndef TB_CATALOG_HELPER_H
#define TB_CATALOG_HELPER_H

#include <stddef.h>
#include <stdint.h>

/* "map_lookup_elem" of number 1: as bpf_map_lookup_elem(), less its prefix. NULL for
 * 0, for gaps and beyond the last. */
const char *tb_catalog_helper(uint32_t number);

/* One more than the highest number. */
size_t tb_catalog_helper_end(void);

#endif
