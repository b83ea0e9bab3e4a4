/* SPDX-License-Identifier: MIT
 *
 * The runner's one door to CPython: its public C API.
 *
 * The few functions of CPython that the runner replaces or wraps at link time are
 * declared where that is done (frozen.c, pathconfig.c, importers.c), each with why.
 */
#ifndef TBR_PYTHON_H
#define TBR_PYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Where the library seems to be; sys.path, __file__ and tracebacks show it. Nothing
 * is ever looked up there on the host. */
#define TBR_HOME "/tbpy"
#define TBR_ROOT                                                            \
    TBR_HOME "/lib/python" Py_STRINGIFY(PY_MAJOR_VERSION) "." Py_STRINGIFY( \
        PY_MINOR_VERSION)

#endif
