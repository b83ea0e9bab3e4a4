/* SPDX-License-Identifier: MIT
 *
 * Sections: the global variables of an object, which libbpf keeps as maps of one value
 * each (.data, .bss, .rodata, .kconfig and .data.x, .rodata.x), or in an arena.
 */
#ifndef TB_VIEW_SECTION_H
#define TB_VIEW_SECTION_H

#include "owner/object.h"

struct bpf_map;

/* Getter of BpfObject; the closure is the section's name. */
PyObject *tb_section_get(PyObject *object, void *closure);

/* BpfObject.section(name) and .sections */
PyObject *tb_section_find(PyObject *object, PyObject *name);
PyObject *tb_section_names(PyObject *object, void *unused);

/* Set variables of .rodata and .rodata.x from a dict; 0, or -1 with an exception. */
int tb_section_set_rodata(BpfObject *object, PyObject *values);

/* Whether a map can take that value_size: 0, or -1 with an exception for a section
 * whose last variable is no array, or cannot be so long. */
int tb_section_check_size(BpfObject *object, size_t index, uint64_t size);

#endif
