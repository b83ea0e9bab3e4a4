/* SPDX-License-Identifier: MIT
 *
 * What repr() of a View shows.
 */
#ifndef TB_VIEW_TEXT_H
#define TB_VIEW_TEXT_H

#include "view/view.h"

/* "config(verbose=True)", ".bss(seen=1)", "[1, 2]": the values of now, of long arrays
 * the first ones. */
PyObject *tb_view_text(View *self);

#endif
