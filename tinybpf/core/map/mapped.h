/* SPDX-License-Identifier: MIT
 *
 * Maps that are memory (owner/window.h): which they are, and when the memory is used.
 */
#ifndef TB_MAP_MAPPED_H
#define TB_MAP_MAPPED_H

#include "owner/map.h"

/* The window of a map that is open, made when it is first asked for; NULL, without an
 * exception, where there is none: then it takes the system call, which tells why. It is
 * borrowed, and there as long as no Python code runs; tb_window_use() keeps it. */
struct tb_window *tb_mapped_window(BpfMap *self);

/* Copy the value of an index out of the window, or into it: 1 done, 0 it takes the
 * system call: there is no such index, no window, or it must not be written. */
int tb_mapped_read(BpfMap *self, const void *key, void *out);
int tb_mapped_write(BpfMap *self, const void *key, const void *value);

#endif
