/* SPDX-License-Identifier: MIT
 *
 * Loading: takes an opened object through libbpf's two steps. While a thread is in
 * there without the GIL the object is busy, so that no other one changes it.
 */
#include "object/load.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "map/describe.h"
#include "map/setting.h"
#include "object/arena.h"
#include "object/collection.h"
#include "object/open.h"
#include "program/setting.h"
#include "view/section.h"

#include <unistd.h>

/* Take the step; 0 or -errno, with what that may mean. */
static int
step_nogil(struct bpf_object *handle, enum tb_phase to, const struct tb_log *log,
           struct tb_hint *hint)
{
    int err = tb_arena_check_nogil(handle, hint);

    if (err < 0) {
        return err;
    }
    err = to == TB_PREPARED ? bpf_object__prepare(handle) : bpf_object__load(handle);
    if (err < 0) {
        tb_hint_of_load(handle, err, log, hint);
    }
    return err;
}

/* What the step has changed for the maps that Python holds, and for the BTF that was
 * kept for it. */
static int
finish(BpfObject *self)
{
    int rc = 0, btf_fd = self->btf_fd;

    self->btf_fd = -1;
    if (btf_fd >= 0) {
        close(btf_fd);
    }
    for (size_t i = 0; rc == 0 && i < self->maps.n; i++) {
        tb_object_drop_inner(&self->maps.items[i]);
        if (self->maps.items[i].wrapper != NULL) {
            rc = tb_map_refresh((BpfMap *)self->maps.items[i].wrapper);
        }
    }
    return rc;
}

/* Whether the step can be taken; 0, or -1 with an exception. */
static int
check_phase(BpfObject *self, enum tb_phase to)
{
    const char *problem = NULL;

    if (tb_object_handle(self) == NULL) {
        return -1;
    }
    if (self->phase == TB_BUSY) {
        problem = "being loaded by another thread";
    }
    else if (self->phase >= to) {
        problem = self->phase == TB_LOADED ? "loaded already" : "prepared already";
    }
    if (problem != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, 0, "object %R is %s", self->name,
                       problem);
    }
    return problem == NULL ? 0 : -1;
}

/* Prepare or load; a failure closes the object. verb and file (NULL: the object's name)
 * are for the exception. 0 or -1. */
static int
advance(BpfObject *self, enum tb_phase to, const char *verb, const char *file)
{
    struct bpf_object *handle;
    struct tb_hint hint = {.lacking = 0};
    struct tb_log log;
    struct tb_failure failure = {.log = &log, .hint = &hint};
    int rc = -1;

    if (check_phase(self, to) < 0) {
        return -1;
    }
    handle = tb_object_acquire(self);
    self->phase = TB_BUSY;
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    failure.err = step_nogil(handle, to, &log, &hint);
    Py_END_ALLOW_THREADS
    self->phase = to;
    tb_log_stop(&log);
    if (failure.err == 0) {
        rc = tb_object_handle(self) == NULL ? -1 : finish(self);
    }
    else if (file != NULL) {
        tb_error_refused(tb_state_of(self), &failure, "%s '%s'", verb, file);
    }
    else {
        tb_error_refused(tb_state_of(self), &failure, "%s of object %R", verb,
                         self->name);
    }
    tb_log_free(&log);
    if (rc < 0) {
        tb_object_close(self);
    }
    tb_object_release(self);
    return rc;
}

static PyObject *
advance_self(PyObject *op, enum tb_phase to, const char *verb)
{
    if (advance((BpfObject *)op, to, verb, NULL) < 0) {
        return NULL;
    }
    if (PyErr_CheckSignals() < 0) {
        tb_object_close((BpfObject *)op);
        return NULL;
    }
    return tb_new_ref(op);
}

PyObject *
tb_load_prepare(PyObject *self, PyObject *unused)
{
    (void)unused;
    return advance_self(self, TB_PREPARED, "prepare");
}

PyObject *
tb_load_load(PyObject *self, PyObject *unused)
{
    (void)unused;
    return advance_self(self, TB_LOADED, "load");
}

/* {map's name: {setting: value}} */
static int
set_maps(BpfObject *object, PyObject *maps)
{
    PyObject *items = tb_args_items(maps, "maps");
    int rc = items ? 0 : -1;

    for (Py_ssize_t i = 0; rc == 0 && i < PyList_Size(items); i++) {
        PyObject *name, *settings, *map = NULL;

        if (PyArg_ParseTuple(PyList_GetItem(items, i), "OO", &name, &settings)) {
            map = tb_collection_find(object, TB_TYPE_MAPS, name);
        }
        rc = map ? tb_map_setting_all((BpfMap *)map, settings) : -1;
        Py_XDECREF(map);
    }
    Py_XDECREF(items);
    return rc;
}

/* Set autoload of the program of that name. 0, or -1 with an exception. */
static int
set_autoload(BpfObject *object, PyObject *name, PyObject *value)
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

/* Do as a mapping of names says. */
static int
set_autoloads(BpfObject *object, PyObject *choice)
{
    PyObject *items = tb_args_items(choice, "autoload");
    int rc = items ? 0 : -1;

    for (Py_ssize_t i = 0; rc == 0 && i < PyList_Size(items); i++) {
        PyObject *name, *value;

        rc = PyArg_ParseTuple(PyList_GetItem(items, i), "OO", &name, &value)
                 ? set_autoload(object, name, value)
                 : -1;
    }
    Py_XDECREF(items);
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
        return set_autoloads(object, choice);
    }
    if (PyUnicode_Check(choice)) {
        PyErr_SetString(PyExc_TypeError, "autoload is names of programs, or a dict of "
                                         "them, not one str");
        return -1;
    }
    names = PySequence_List(choice);
    if (names == NULL) {
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

/* Set what load() was given, then load; 0, or -1 with an exception. */
static int
set_and_load(BpfObject *object, PyObject *rodata, PyObject *maps, PyObject *autoload)
{
    PyObject *path = PyUnicode_EncodeFSDefault(object->path);
    int rc = path ? 0 : -1;

    if (rc == 0 && maps != Py_None) {
        rc = set_maps(object, maps);
    }
    if (rc == 0 && rodata != Py_None) {
        rc = tb_section_set_rodata(object, rodata);
    }
    if (rc == 0 && autoload != Py_None) {
        rc = choose_programs(object, autoload);
    }
    if (rc == 0) {
        rc = advance(object, TB_LOADED, "load", PyBytes_AsString(path));
    }
    Py_XDECREF(path);
    return rc < 0 ? -1 : PyErr_CheckSignals();
}

PyObject *
tb_load_file(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path",  "rodata",    "maps",    "autoload",
                                        "name",  "btf",       "kconfig", "pin_root",
                                        "token", "log_level", NULL};
    PyObject *rodata = Py_None, *maps = Py_None, *autoload = Py_None;
    struct tb_open_args given = {0};
    BpfObject *object;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$OOOOOOOOi:load", (char **)names,
                                     &given.source, &rodata, &maps, &autoload,
                                     &given.name, &given.btf, &given.kconfig,
                                     &given.pin_root, &given.token, &given.log_level)) {
        return NULL;
    }
    object = tb_open_path(tb_state_of_module(module), &given, "load");
    if (object != NULL && set_and_load(object, rodata, maps, autoload) < 0) {
        tb_object_close(object);
        Py_CLEAR(object);
    }
    return (PyObject *)object;
}
