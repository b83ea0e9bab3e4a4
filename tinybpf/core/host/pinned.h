/* SPDX-License-Identifier: MIT
 *
 * What is wrong with the pins of an object's maps: loading takes over what is pinned,
 * and pins what it makes.
 */
#ifndef TB_HOST_PINNED_H
#define TB_HOST_PINNED_H

#include "base/libbpf.h"

#include <stddef.h>

/* After a load that failed with that log: the map, its pin and what does not fit, then
 * what to do; 0, or -1 if no pin is to blame. The pin is looked at; no Python. */
int tb_pinned_explain(const struct bpf_object *object, const char *log, char *text,
                      size_t size);

#endif
