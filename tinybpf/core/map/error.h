/* SPDX-License-Identifier: MIT
 *
 * Why calls on maps fail.
 */
#ifndef TB_MAP_ERROR_H
#define TB_MAP_ERROR_H

#include "owner/map.h"

/* Whether flags ask for the value of one CPU, or one value for all. */
int tb_map_is_of_one_cpu(uint64_t flags);

/* 0, or -1 with an exception if flags contradict the kind of map. */
int tb_map_check_flags(const BpfMap *self, uint64_t flags);

/* Raise for a failed call on the map; call is what was done ("lookup"). */
void *tb_map_raise(BpfMap *self, const char *call, int err, uint64_t flags);

#endif
