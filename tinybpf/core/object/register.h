/* SPDX-License-Identifier: MIT
 *
 * Classes that a program registers for types of C: methods of BpfObject.
 */
#ifndef TB_OBJECT_REGISTER_H
#define TB_OBJECT_REGISTER_H

#include "owner/object.h"

/* BpfObject.register_type(): maps that a program holds use the class at once. */
PyObject *tb_object_register_type(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *tb_object_lookup_type(PyObject *op, PyObject *const *args, Py_ssize_t n,
                                PyObject *names);
PyObject *tb_object_lookup_btf_name(PyObject *op, PyObject *const *args, Py_ssize_t n,
                                    PyObject *names);

#endif
