/* SPDX-License-Identifier: MIT
 *
 * What hangs where: prog_query(), xdp_query(), tc_query() of the module.
 */
#ifndef TB_ATTACH_QUERY_H
#define TB_ATTACH_QUERY_H

#include "base/abi3.h"

PyObject *tb_query_programs(PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *tb_query_xdp(PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *tb_query_tc(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
