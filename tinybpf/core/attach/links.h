/* SPDX-License-Identifier: MIT
 *
 * BpfLinks: links that were made in one step, and end in one.
 */
#ifndef TB_ATTACH_LINKS_H
#define TB_ATTACH_LINKS_H

#include "base/state.h"

/* Make a BpfLinks of a list of BpfLink. */
PyObject *tb_links_new(struct tb_state *state, PyObject *list);

int tb_links_add(PyObject *module);

#endif
