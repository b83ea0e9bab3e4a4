/* SPDX-License-Identifier: MIT
 *
 * What sinks cannot have (stream/sink.h).
 */
#include "stream/sink.h"

#include "error/raise.h"

#include <errno.h>

int
tb_sink_refuse(struct tb_state *state, PyObject *map_name)
{
    tb_error_raise(state, TB_ERROR, EINVAL,
                   "the rings of map %R are written over: snapshot() gives what lies "
                   "there",
                   map_name);
    return -1;
}
