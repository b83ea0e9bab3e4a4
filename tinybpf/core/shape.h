/* SPDX-License-Identifier: MIT
 *
 * A shape: what a Record class knows of itself. It stands in the class under a private
 * name, so that subclasses written in Python find it too.
 */
#ifndef TB_SHAPE_H
#define TB_SHAPE_H

#include "btf.h"

typedef struct Shape {
    PyObject_HEAD
    Btf *btf;                       /* owned */
    const struct tb_layout *layout; /* borrowed from btf; a struct or a union */
    PyObject *name;                 /* owned; str: the class's */
    PyObject *recipe; /* owned; what its pickles say of it; NULL: none yet */
} Shape;

PyObject *tb_shape_new(Btf *btf, const struct tb_layout *layout, PyObject *name);

/* The shape of a Record class or of its subclass, borrowed from it; NULL without an
 * exception if it is something else. */
Shape *tb_shape_of(PyObject *type);

/* The name under which a class keeps it. */
#define TB_SHAPE_NAME "_shape_"

int tb_shape_add(PyObject *module);

#endif
