/* SPDX-License-Identifier: MIT
 *
 * Symbols: names for addresses, and what was read for them.
 */
#ifndef TB_SYSTEM_SYMBOLS_H
#define TB_SYSTEM_SYMBOLS_H

#include "base/state.h"
#include "system/kernel_symbols.h"
#include "system/symbol_cache.h"
#include "system/user_symbols.h"

#include <pythread.h>

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock; /* owned; held while what follows is used */
    struct tb_kernel_symbols kernel;
    struct tb_user_symbols users;
    struct tb_symbol_cache cache;
} Symbols;

/* Methods and slots of the class. */
PyObject *tb_symbols_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *tb_symbols_kernel(PyObject *self, PyObject *addresses);
PyObject *tb_symbols_user(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *tb_symbols_observe(PyObject *self, PyObject *pid);
PyObject *tb_symbols_file(PyObject *self, PyObject *const *args, Py_ssize_t n);

/* The Symbol of a place that BPF_F_STACK_BUILD_ID gives, if a file with that id was
 * read: its name, or that of the file; else *out_is_known is 0. NULL with an exception.
 */
PyObject *tb_symbols_by_id(PyObject *self, PyObject *id, uint64_t offset,
                           int *out_is_known);

PyObject *tb_symbols_repr(PyObject *self);
void tb_symbols_dealloc(PyObject *self);

#endif
