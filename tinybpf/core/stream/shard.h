/* SPDX-License-Identifier: MIT
 *
 * Rings that lie in an array of maps, one for each CPU, and are read as one.
 */
#ifndef TB_STREAM_SHARD_H
#define TB_STREAM_SHARD_H

#include "owner/map.h"

/* Whether the map is such an array: 1, 0, or -1 with an exception. */
int tb_shard_is_array(BpfMap *map);

/* The descriptor of its ring number i, owned by the caller, and the bytes of that; -1
 * with an exception, -2 without one if there is none. */
int tb_shard_open(BpfMap *map, uint32_t i, uint64_t *out_size);

#endif
