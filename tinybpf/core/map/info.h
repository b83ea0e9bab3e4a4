/* SPDX-License-Identifier: MIT
 *
 * What a map says of itself as one value, and its id.
 */
#ifndef TB_MAP_INFO_H
#define TB_MAP_INFO_H

#include "base/abi3.h"

/* Whether user space cannot write a map any more; 0 also where that is not known. */
int tb_map_is_frozen_nogil(int fd);

/* Getters of BpfMap. */
PyObject *tb_map_id(PyObject *self, void *unused);
PyObject *tb_map_info(PyObject *self, void *unused);

#endif
