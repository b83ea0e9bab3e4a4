/* SPDX-License-Identifier: MIT
 *
 * Reading of arguments, and calls of Python, that several files share.
 */
#ifndef TB_BASE_ARGS_H
#define TB_BASE_ARGS_H

#include "base/abi3.h"

/* Check the number of positional arguments of a METH_FASTCALL method; 0 or -1. */
int tb_args_count(const char *method, Py_ssize_t n, Py_ssize_t min, Py_ssize_t max);

/* An attribute, or a call of a method with one argument or none (NULL). Their names
 * are interned: the interpreter's method cache would keep a new str of each call. */
PyObject *tb_args_attr(PyObject *object, const char *name);
int tb_args_has(PyObject *object, const char *name); /* errors count as no */
PyObject *tb_args_call(PyObject *object, const char *method, PyObject *arg);

/* A function or class that the package has in Python: its module is imported when one
 * is asked for, for most programs ask for none. */
PyObject *tb_args_import(const char *module, const char *name);

/* A whole number from 0 to max; 0, or -1 with TypeError or, named, ValueError. */
int tb_args_number(PyObject *value, const char *name, uint64_t max, uint64_t *out);

/* A mapping's (key, value) pairs as a list; TypeError, with what it is, for others. */
PyObject *tb_args_items(PyObject *mapping, const char *what);

/* The one that comes nearest to a misspelt name; NULL if none is near. */
const char *tb_args_nearest(const char *wanted, const char *const *names, size_t n);

#endif
