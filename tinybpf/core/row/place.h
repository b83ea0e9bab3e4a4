/* SPDX-License-Identifier: MIT
 *
 * Where in a record a name such as "hdr.pid" is, and the text of what is there: for
 * people, or as JSON.
 */
#ifndef TB_ROW_PLACE_H
#define TB_ROW_PLACE_H

#include "base/abi3.h"
#include "base/text.h"
#include "value/shape.h"

/* A field of a record, at any depth, and how its text is made. */
struct tb_row_place {
    Btf *btf;              /* borrowed */
    struct tb_field field; /* offset from the record's begin; its layout and name are
                            * borrowed from the Btf */
    PyObject *function;    /* owned; makes text, or a number, of the value; NULL: it is
                            * shown by its type */
};

/* Find the field of a path in the records of a shape. A function of None is none. 0, or
 * -1 with KeyError: there is no such field. */
int tb_row_place_find(const Shape *shape, const char *path, PyObject *function,
                      struct tb_row_place *out);

/* Drop what it owns; may be called again. */
void tb_row_place_drop(struct tb_row_place *place);

/* Add the text of the field of a record of size bytes. is_json: as JSON; else in one
 * line for people, without quotes. 0, or -1 with an exception: a function raised, or
 * there is no memory. */
int tb_row_place_add(struct tb_text *text, const struct tb_row_place *place,
                     const char *data, size_t size, int is_json);

/* List the fields of a Record class, those of structs behind them: tuples (path, kind,
 * size in bytes, elements of an array, number of the type that it is a member of). */
PyObject *tb_row_place_list(PyObject *module, PyObject *class);

/* _row_class(btf, type_id): the class that Rows takes for values of a type. What is no
 * struct or union is the one field, `value`, of a class of its own. */
PyObject *tb_row_place_class(PyObject *module, PyObject *args);

#endif
