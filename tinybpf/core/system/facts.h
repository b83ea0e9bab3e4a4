/* SPDX-License-Identifier: MIT
 *
 * What this host says of itself as far as BPF goes: what it is set to refuse, what is
 * mounted where, what this process may and what confines it.
 */
#ifndef TB_SYSTEM_FACTS_H
#define TB_SYSTEM_FACTS_H

#include "base/abi3.h"

/* _facts(): a dict, with None for what cannot be read. */
PyObject *tb_facts_read(PyObject *module, PyObject *unused);

#endif
