/* SPDX-License-Identifier: MIT
 *
 * What is chosen for an opened object (object/choice.h), in the order in which one part
 * can need another: a map's size first.
 */
#include "object/choice.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "map/setting.h"
#include "object/collection.h"
#include "program/setting.h"
#include "view/section.h"

/* Change the settings of the map of that name. 0, or -1 with an exception. */
static int
set_map(void *object, PyObject *name, PyObject *settings)
{
    PyObject *map = tb_collection_find(object, TB_TYPE_MAPS, name);
    int rc = map ? tb_map_setting_all((BpfMap *)map, settings) : -1;

    Py_XDECREF(map);
    return rc;
}

/* Set autoload of the program of that name. 0, or -1 with an exception. */
static int
set_autoload(void *object, PyObject *name, PyObject *value)
{
    PyObject *program = tb_collection_find(object, TB_TYPE_PROGRAMS, name);
    int rc = -1;

    if (program != NULL) {
        rc = tb_program_setting_set(program, value,
                                    (void *)(uintptr_t)TB_PROGRAM_AUTOLOAD);
    }
    Py_XDECREF(program);
    return rc;
}

/* Choose what is loaded: names, and no others; or {name: whether}. 0, or -1 with an
 * exception. */
static int
choose_programs(BpfObject *object, PyObject *choice)
{
    PyObject *names;
    int rc = 0;

    if (PyDict_Check(choice)) {
        return tb_args_each(choice, "autoload", set_autoload, object);
    }
    if (PyUnicode_Check(choice)) {
        PyErr_SetString(PyExc_TypeError, "autoload is names of programs, or a dict of "
                                         "them, not one str");
        return -1;
    }
    names = PySequence_List(choice);
    if (names == NULL || tb_object_handle(object) == NULL) {
        Py_XDECREF(names);
        return -1;
    }
    for (size_t i = 0; i < object->programs.n; i++) {
        bpf_program__set_autoload(object->programs.items[i].handle, false);
    }
    for (Py_ssize_t i = 0; rc == 0 && i < PyList_Size(names); i++) {
        rc = set_autoload(object, PyList_GetItem(names, i), Py_True);
    }
    Py_DECREF(names);
    return rc;
}

int
tb_choice_apply(BpfObject *object, const struct tb_choice *choice)
{
    if (tb_args_is_given(choice->maps) &&
        tb_args_each(choice->maps, "maps", set_map, object) < 0) {
        return -1;
    }
    if (tb_args_is_given(choice->rodata) &&
        tb_section_set_rodata(object, choice->rodata) < 0) {
        return -1;
    }
    return tb_args_is_given(choice->autoload)
               ? choose_programs(object, choice->autoload)
               : 0;
}
