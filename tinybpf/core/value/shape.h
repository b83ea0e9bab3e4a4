/* SPDX-License-Identifier: MIT
 *
 * A shape: what a Record class knows of itself. It is the state of a module, one for
 * each class, which the class holds as the module that it is from: reached in a few
 * instructions, and out of the reach of Python code.
 */
#ifndef TB_VALUE_SHAPE_H
#define TB_VALUE_SHAPE_H

#include "btf/btf.h"

typedef struct Shape {
    Btf *btf;                       /* owned */
    const struct tb_layout *layout; /* borrowed from btf; a struct or a union */
    PyObject *name;                 /* owned; str: the class's */
    PyObject *definition; /* owned; what its pickles say of it; NULL: none yet */
    PyObject **fields;    /* owned array of owned; of the class, where their names lead
                           * to (value/field.h); NULL: they are not looked up so */
    size_t n_slots;       /* of it; a power of 2 */
} Shape;

/* The module for a new class. */
PyObject *tb_shape_new(Btf *btf, const struct tb_layout *layout, PyObject *name);

/* The shape of a Record class or of its subclass, borrowed from it; NULL without an
 * exception if it is something else. */
Shape *tb_shape_of(PyObject *type);

/* The same of the class that was made with it, and of no subclass. */
Shape *tb_shape_of_own(PyTypeObject *type);

#endif
