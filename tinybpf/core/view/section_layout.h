/* SPDX-License-Identifier: MIT
 *
 * A section as a layout, which an object keeps once it was asked for.
 */
#ifndef TB_VIEW_SECTION_LAYOUT_H
#define TB_VIEW_SECTION_LAYOUT_H

#include "owner/object.h"
#include "view/view.h"

/* What is kept of a section. One that was resized gets another, and the first one
 * stays, as views may still use it. */
struct tb_section {
    struct tb_section *next; /* owned; of the same object */
    size_t index;            /* of the map */
    size_t size;             /* value_size that it was made for */
    Btf *btf;                /* owned */
    const char *name;        /* borrowed from the BTF */
    struct tb_view_names names;
    struct tb_layout layout; /* its fields are owned */
    struct tb_layout array;  /* of the last variable, if it was resized */
};

/* What is made of: the map of that index has the DATASEC of that id in the BTF, and so
 * many bytes. */
struct tb_section_source {
    Btf *btf; /* borrowed */
    size_t index;
    uint32_t type_id;
    size_t size;
};

/* Make one, and keep it in the object; borrowed; NULL with an exception. */
struct tb_section *tb_section_layout_new(BpfObject *object,
                                         const struct tb_section_source *source);

/* Free all of them; the object has no views any more. */
void tb_section_layout_free_all(BpfObject *object);

#endif
