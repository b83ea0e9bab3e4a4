/* SPDX-License-Identifier: MIT
 *
 * Draining: entries that are read and taken out of a map in one step, so that nothing
 * that a program adds meanwhile is lost. Method of BpfMap.
 */
#ifndef TB_MAP_DRAIN_H
#define TB_MAP_DRAIN_H

#include "base/abi3.h"

PyObject *tb_map_drain(PyObject *self, PyObject *unused);

int tb_drain_add(PyObject *module);

#endif
