/* SPDX-License-Identifier: MIT
 *
 * Filters: which records are shown, by one field compared with what a user wrote. The
 * comparison is that of the field's type: numbers as numbers of any size, enums also by
 * name, text by its bytes, and whatever else as it is shown.
 */
#ifndef TB_ROW_FILTER_H
#define TB_ROW_FILTER_H

#include "row/place.h"
#include "value/bits.h"

enum tb_row_relation {
    TB_ROW_EQUAL,
    TB_ROW_UNEQUAL,
    TB_ROW_LESS,
    TB_ROW_AT_MOST,
    TB_ROW_MORE,
    TB_ROW_AT_LEAST,
    TB_ROW_LIKE, /* text, by a pattern of the shell */
};

struct tb_row_filter {
    struct tb_row_place place;
    enum tb_row_relation relation;
    enum {
        TB_ROW_AS_NUMBER,
        TB_ROW_AS_FLOAT,
        TB_ROW_AS_TEXT,
    } how;
    tb_signed_wide number;
    double real;
    char *text; /* owned */
};

/* Make one of (path, operator such as "==", text, function or None) for records of a
 * shape. 0, or -1 with KeyError (no such field) or ValueError: the text is nothing that
 * the field can be compared with. */
int tb_row_filter_make(const Shape *shape, PyObject *given, struct tb_row_filter *out);
void tb_row_filter_drop(struct tb_row_filter *filter);

/* Whether a record of size bytes passes: 1, 0, or -1 with an exception. */
int tb_row_filter_passes(const struct tb_row_filter *filter, const char *data,
                         size_t size);

#endif
