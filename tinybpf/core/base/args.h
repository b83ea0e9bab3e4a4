/* SPDX-License-Identifier: MIT
 *
 * Reading of arguments, and calls of Python, that several files share.
 */
#ifndef TB_BASE_ARGS_H
#define TB_BASE_ARGS_H

#include "base/abi3.h"

/* Check the number of positional arguments of a METH_FASTCALL method; 0 or -1. */
int tb_args_count(const char *method, Py_ssize_t n, Py_ssize_t min, Py_ssize_t max);

/* What a METH_FASTCALL | METH_KEYWORDS method takes, each by position or by name. */
struct tb_args_signature {
    const char *method;
    const char *parameters[4]; /* NULL behind the last */
    Py_ssize_t n_needed;       /* so many of them must be given */
};

/* Read the arguments of such a method, borrowed, NULL where one was left out: one for
 * each parameter. 0, or -1 with TypeError. */
int tb_args_read(const struct tb_args_signature *signature, PyObject *const *args,
                 Py_ssize_t n, PyObject *names, PyObject **out);

/* Whether an argument is there, and not None. */
int tb_args_is_given(PyObject *arg);

/* An attribute, or a call of a method with one argument or none (NULL). Their names
 * are interned: the interpreter's method cache would keep a new str of each call. */
PyObject *tb_args_attr(PyObject *object, const char *name);
PyObject *tb_args_call(PyObject *object, const char *method, PyObject *arg);

/* An attribute that may be absent: 1 (*out_value is new), 0, or -1 with an exception.
 */
int tb_args_find(PyObject *object, const char *name, PyObject **out_value);
int tb_args_has(PyObject *object, const char *name);

/* A whole number from 0 to max; 0, or -1 with TypeError or, named, ValueError. */
int tb_args_number(PyObject *value, const char *name, uint64_t max, uint64_t *out);

/* A descriptor, or an index of the kernel's, as an int; -1 with an exception. */
long tb_args_descriptor(PyObject *number);

/* Takes one (name, value) of a mapping for whom it is meant; 0, or -1 with an
 * exception. */
typedef int (*tb_args_taker)(void *taker, PyObject *name, PyObject *value);

/* Hand the pairs of a mapping on, one by one, as they were when it was asked;
 * TypeError, with what it is, for others. 0, or -1 with an exception: of the first that
 * failed. */
int tb_args_each(PyObject *mapping, const char *what, tb_args_taker take, void *taker);

/* A name or text of C as a str: UTF-8, other bytes as \\xff, so that whoever prints it
 * never fails. */
PyObject *tb_args_text(const char *text);

/* Append what a call has made to a list; 0, or -1 with an exception, that of the call
 * if item is NULL. In a chain of && no call comes behind one that failed. */
int tb_args_append_steal(PyObject *list, PyObject *item);

/* Clear the exception of a module that is not there, as Python's files are not behind
 * a chroot(2): what it would have looked for is then not found either. 0, or -1 with
 * any other exception. */
int tb_args_forgive_module(void);

/* The one that comes nearest to a misspelt name; NULL if none is near. */
const char *tb_args_nearest(const char *wanted, const char *const *names, size_t n);

#endif
