/* SPDX-License-Identifier: MIT
 *
 * What Python sees of a View.
 */
#ifndef TB_CLASS_VIEW_H
#define TB_CLASS_VIEW_H

#include "view/view.h"

int tb_view_type_add(PyObject *module);

#endif
