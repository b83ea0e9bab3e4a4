/* SPDX-License-Identifier: MIT
 *
 * The source of a stream that reads one ring buffer map: its records go to a
 * callback, or into the stream's queue.
 */
#ifndef TB_RINGSOURCE_H
#define TB_RINGSOURCE_H

#include "map.h"
#include "stream.h"

/* Map the ring. Without a callback (NULL) the records are queued; with as_view it
 * gets memoryviews (loan.h), else bytes. NULL with an exception on failure. */
struct tb_source *tb_ringsource_new(BpfMap *map, PyObject *callback, int as_view);

#endif
