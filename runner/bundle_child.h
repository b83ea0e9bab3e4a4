/* SPDX-License-Identifier: MIT
 *
 * A bundle that its own program starts as a Python.
 */
#ifndef TBR_BUNDLE_CHILD_H
#define TBR_BUNDLE_CHILD_H

#include "python.h"

/* Does the process that has started this one want a Python, and no second program? What
 * it said so by is then gone from the command line, and the descriptor is closed. */
int tbr_bundle_child_is_python(int *argc, char **argv);

/* Have this interpreter's children say so: 0, or -1 with an exception. */
int tbr_bundle_child_install(void);

#endif
