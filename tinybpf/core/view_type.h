/* SPDX-License-Identifier: MIT
 *
 * What Python sees of a View.
 */
#ifndef TB_VIEW_TYPE_H
#define TB_VIEW_TYPE_H

#include "view.h"

int tb_view_type_add(PyObject *module);

#endif
