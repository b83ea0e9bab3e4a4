/* SPDX-License-Identifier: MIT
 *
 * Between Python and what the kernel copies of keys and values.
 */
#ifndef TB_MAP_VALUE_H
#define TB_MAP_VALUE_H

#include "owner/map.h"

/* A key; a value, of a per-CPU map a sequence of one per CPU, as span bytes. 0, or -1
 * with an exception. */
int tb_map_encode_key(const BpfMap *self, PyObject *key, void *out);
int tb_map_encode_value(const BpfMap *self, PyObject *value, void *out);
PyObject *tb_map_decode_key(const BpfMap *self, const void *data);
PyObject *tb_map_decode_value(const BpfMap *self, const void *data);

/* Both as a (key, value) pair. */
PyObject *tb_map_decode_item(const BpfMap *self, const void *key, const void *value);

/* The same for the value of one CPU, of a per-CPU map too. */
int tb_map_encode_one(const BpfMap *self, PyObject *value, void *out);
PyObject *tb_map_decode_one(const BpfMap *self, const void *data);

#endif
