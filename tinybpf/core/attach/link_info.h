/* SPDX-License-Identifier: MIT
 *
 * What the kernel says of a link: a value of a class for each kind, and its id.
 */
#ifndef TB_ATTACH_LINK_INFO_H
#define TB_ATTACH_LINK_INFO_H

#include "base/abi3.h"

/* Getters of BpfLink. */
PyObject *tb_link_info_id(PyObject *self, void *unused);
PyObject *tb_link_info(PyObject *self, void *unused);

#endif
