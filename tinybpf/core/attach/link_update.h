/* SPDX-License-Identifier: MIT
 *
 * What changes a link: another program, another map, the end of what it attaches.
 */
#ifndef TB_ATTACH_LINK_UPDATE_H
#define TB_ATTACH_LINK_UPDATE_H

#include "base/abi3.h"

/* Methods of BpfLink. */
PyObject *tb_link_update(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tb_link_update_map(PyObject *self, PyObject *map);
PyObject *tb_link_update_detach(PyObject *self, PyObject *unused);

#endif
