/* SPDX-License-Identifier: MIT
 *
 * View: a live window onto memory that others write, too. Its fields are those of a
 * layout; reading and writing them goes straight to the memory. Whose memory it is, and
 * whether it is still there, is asked anew each time.
 */
#ifndef TB_VIEW_VIEW_H
#define TB_VIEW_VIEW_H

#include "btf/btf.h"
#include "value/encode.h"

/* Fields by name where there are many: a dict, and those that were asked for lately by
 * the very same str, as attributes in a program's text are. */
struct tb_view_names {
    PyObject *dict; /* owned; a field's name -> its index */
    struct {
        PyObject *name; /* owned; NULL: none yet */
        const struct tb_field *field;
    } recent[16];
};

void tb_view_names_free(struct tb_view_names *names);

/* Where a view's memory comes from. */
struct tb_view_source {
    PyObject *owner; /* keeps the memory; and the layout, if the BTF does not */
    size_t index;    /* which of the owner's */
    /* Find the memory, to write if `write`; 0, or -1 with an exception: it is closed,
     * read-only, not there. It stays valid as long as no Python code runs. */
    int (*find)(PyObject *owner, size_t index, int write, struct tb_span *out_span);
    Btf *btf;                    /* of the types */
    struct tb_view_names *names; /* borrowed from the owner; NULL: few fields */
    const char *name;            /* borrowed from the owner: for messages and repr */
};

typedef struct View {
    PyObject_HEAD
    struct View *root;              /* owned; the one with the source; NULL: itself */
    struct tb_view_source source;   /* of a root: owner and btf are owned */
    const struct tb_layout *layout; /* borrowed from the source */
    size_t offset, size;            /* its part of the source's memory, in bytes */
} View;

/* A View of all that a source has; the source is copied, with references of its own. */
PyObject *tb_view_new(struct tb_state *state, const struct tb_view_source *source,
                      const struct tb_layout *layout);

/* A part of a view; size 0 for the layout's own. */
PyObject *tb_view_part(View *self, const struct tb_layout *layout, size_t offset,
                       size_t size);

/* Its memory; NULL with an exception. */
char *tb_view_memory(View *self, int write);

/* The Btf and the name of its source, borrowed. */
Btf *tb_view_btf(View *self);
const char *tb_view_name(View *self);

/* The value of a field or an element: a View of what has parts, else as decoded. */
PyObject *tb_view_get_field(View *self, const struct tb_field *field);
PyObject *tb_view_get_element(View *self, size_t index);

/* Set a field or an element; 0, or -1 with an exception and unchanged memory. */
int tb_view_set_field(View *self, const struct tb_field *field, PyObject *value);
int tb_view_set_element(View *self, size_t index, PyObject *value);

/* Number of elements of an array. */
size_t tb_view_length(const View *self);

#endif
