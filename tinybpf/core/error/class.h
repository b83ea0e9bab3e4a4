/* SPDX-License-Identifier: MIT
 *
 * The error classes; error/raise.h raises them.
 */
#ifndef TB_ERROR_CLASS_H
#define TB_ERROR_CLASS_H

#include "base/state.h"

/* Its name in the module. */
const char *tb_error_class_name(enum tb_error_class which);

/* Make one class; its bases are BpfError, which comes first, and for some a built-in
 * class. NULL with an exception. */
PyObject *tb_error_class_make(struct tb_state *state, enum tb_error_class which);

/* The class of a call that names something outside of all objects: a file, a network
 * interface, an id. It is BpfError and the class that Python has for errnum at once, or
 * BpfError alone if Python has none. Borrowed; NULL with an exception. */
PyObject *tb_error_class_outside(struct tb_state *state, int errnum);

/* Make such an error anew when it is unpickled: _error(message, errno, libbpf_log). */
PyObject *tb_error_class_remake(PyObject *module, PyObject *args);

#endif
