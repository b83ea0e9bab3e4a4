/* SPDX-License-Identifier: MIT
 *
 * Why calls on maps fail.
 */
#ifndef TB_MAP_ERROR_H
#define TB_MAP_ERROR_H

#include "owner/map.h"

/* Raise for a failed call on the map; call is what was done ("lookup"). */
void *tb_map_raise(BpfMap *self, const char *call, int err, uint64_t flags);

#endif
