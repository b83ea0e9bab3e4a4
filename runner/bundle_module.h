/* SPDX-License-Identifier: MIT
 *
 * The files of a bundle as Python sees them.
 */
#ifndef TBR_BUNDLE_MODULE_H
#define TBR_BUNDLE_MODULE_H

#include "python.h"

#include <stddef.h>

/* The module _tbpy_bundle; where there is no bundle, it has no files. */
PyMODINIT_FUNC PyInit__tbpy_bundle(void);

/* A file's code object, None if it has none, NULL with an exception. */
PyObject *tbr_bundle_code(const char *name, size_t size);

#endif
