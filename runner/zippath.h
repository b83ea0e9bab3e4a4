/* SPDX-License-Identifier: MIT
 *
 * Tell cheaply whether a path can be a zip that Python imports from.
 */

#ifndef TB_ZIPPATH_H
#define TB_ZIPPATH_H

#include "python.h"

/* Returns 1 if zipimport should look at this path, 0 if it would refuse it.  Sets no
 * exception. */
int tb_zippath_is_candidate(PyObject *path);

#endif
