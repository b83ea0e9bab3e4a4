/* SPDX-License-Identifier: MIT
 *
 * Maps without keys: queues, stacks and Bloom filters.
 */
#ifndef TB_MAP_QUEUE_H
#define TB_MAP_QUEUE_H

#include "owner/map.h"

/* Methods of BpfMap. */
PyObject *tb_map_push(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_map_peek(PyObject *self, PyObject *unused);

/* Take the next value out: 1 (*out_value is new), 0 it is empty, or -1. */
int tb_map_queue_take(BpfMap *self, PyObject **out_value);

/* Whether a value may have been pushed: 1, 0, or -1 with an exception. */
int tb_map_queue_contains(BpfMap *self, PyObject *value);

#endif
