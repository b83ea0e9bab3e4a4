/* SPDX-License-Identifier: MIT
 *
 * Spare lists (stream/spare.h).
 */
#include "stream/spare.h"

PyObject *
tb_spare_take(struct tb_spare *spare)
{
    for (int i = 1; i >= 0; i--) { /* the newest is the nearest to the processor */
        PyObject *list = spare->lists[i];

        if (list != NULL && Py_REFCNT(list) == 1) {
            spare->lists[i] = NULL;
            return list;
        }
    }
    return PyList_New(0);
}

void
tb_spare_keep(struct tb_spare *spare, PyObject *list)
{
    PyObject *oldest = spare->lists[0];

    spare->lists[0] = spare->lists[1];
    spare->lists[1] = list;
    Py_XINCREF(list);
    Py_XDECREF(oldest);
}

void
tb_spare_clear(struct tb_spare *spare)
{
    tb_spare_keep(spare, NULL);
    tb_spare_keep(spare, NULL);
}

int
tb_spare_traverse(const struct tb_spare *spare, visitproc visit, void *arg)
{
    Py_VISIT(spare->lists[0]);
    Py_VISIT(spare->lists[1]);
    return 0;
}
