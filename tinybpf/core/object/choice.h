/* SPDX-License-Identifier: MIT
 *
 * What is chosen for an object while it is opened: settings of its maps, constants, and
 * which programs it will load.
 */
#ifndef TB_OBJECT_CHOICE_H
#define TB_OBJECT_CHOICE_H

#include "owner/object.h"

/* As load() and open() were given it; NULL or None: not given. All borrowed. */
struct tb_choice {
    PyObject *rodata;   /* {variable: value} */
    PyObject *maps;     /* {map's name: {setting: value}} */
    PyObject *autoload; /* names of programs, or {name: whether} */
};

/* Set all of it; 0, or -1 with an exception, and then some may be set. */
int tb_choice_apply(BpfObject *object, const struct tb_choice *choice);

#endif
