/* SPDX-License-Identifier: MIT
 *
 * Who holds programs, maps, links and BTF, and where they are pinned: one walk over all
 * processes and one over all pins, made when they are first asked for.
 */
#ifndef TB_SYSTEM_SCAN_H
#define TB_SYSTEM_SCAN_H

#include "base/state.h"

/* A scan that has looked at nothing yet; NULL with an exception. */
PyObject *tb_scan_new(struct tb_state *state);

/* Methods of BpfProgram, BpfMap and BpfLink: by the scan of the listing that it was
 * found in, or by a new one. */
PyObject *tb_scan_holders(PyObject *self, PyObject *unused);
PyObject *tb_scan_pins(PyObject *self, PyObject *unused);

/* _btf_holders(scan, id): the same of BTF. */
PyObject *tb_scan_btf_holders(PyObject *module, PyObject *args);

int tb_scan_add(PyObject *module);

#endif
