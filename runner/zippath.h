/* SPDX-License-Identifier: MIT
 *
 * Tell cheaply whether a path can be a zip that Python imports from.
 */
#ifndef TBR_ZIPPATH_H
#define TBR_ZIPPATH_H

#include "python.h"

/* Should zipimport look at this path? 0 if it would refuse it. Sets no exception. */
int tbr_zippath_is_candidate(PyObject *path);

#endif
