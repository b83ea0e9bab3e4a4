/* SPDX-License-Identifier: MIT
 *
 * Attaching to receivers of infrared.
 */
#ifndef TB_ATTACH_LIRC_H
#define TB_ATTACH_LIRC_H

#include "base/abi3.h"

PyObject *tb_attach_lirc(PyObject *self, PyObject *args, PyObject *kwargs);

#endif
