/* SPDX-License-Identifier: MIT
 *
 * Reading of arguments that several methods share.
 */
#ifndef TB_ARGS_H
#define TB_ARGS_H

#include "abi3.h"

/* Check the number of positional arguments of a METH_FASTCALL method; 0 or -1. */
int tb_args_count(const char *method, Py_ssize_t n, Py_ssize_t min, Py_ssize_t max);

/* The one that comes nearest to a misspelt name; NULL if none is near. */
const char *tb_args_nearest(const char *wanted, const char *const *names, size_t n);

#endif
