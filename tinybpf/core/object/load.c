/* SPDX-License-Identifier: MIT
 *
 * Loading: takes an opened object through libbpf's two steps. While a thread is in
 * there without the GIL the object is busy, so that no other one changes it.
 */
#include "object/load.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "map/describe.h"
#include "object/arena.h"
#include "object/open.h"
#include "object/shards.h"

#include <unistd.h>

/* Take the step from a phase to a later one; 0 or -errno, with what that may mean. The
 * object is acquired. */
static int
step_nogil(BpfObject *self, const enum tb_phase from_to[2], const struct tb_log *log,
           struct tb_hint *hint)
{
    struct bpf_object *handle = self->handle;
    int err = tb_arena_check_nogil(handle, hint);

    if (err == 0 && from_to[0] == TB_OPENED) {
        err = tb_shards_size_nogil(handle);
    }
    if (err < 0) {
        return err;
    }
    err = from_to[1] == TB_PREPARED ? bpf_object__prepare(handle)
                                    : tb_arena_load_nogil(handle, &self->arena);
    err = tb_log_outcome(log, err);
    if (err == 0 && from_to[0] == TB_OPENED) {
        err = tb_shards_fill_nogil(handle);
    }
    if (err < 0) {
        tb_hint_of_load(handle, err, log, hint);
    }
    return err;
}

/* What the step has changed for the maps that Python holds, and for what was kept for
 * it: the BTF, descriptors. The object is acquired. */
static int
finish(BpfObject *self)
{
    int rc = 0, btf_fd = self->btf_fd;

    self->btf_fd = -1;
    if (btf_fd >= 0) {
        close(btf_fd);
    }
    for (size_t i = 0; self->phase == TB_LOADED && i < self->programs.n; i++) {
        tb_object_drop_lent(&self->programs.items[i]);
    }
    for (size_t i = 0; rc == 0 && i < self->maps.n; i++) {
        PyObject *map = self->maps.items[i].wrapper;

        tb_object_drop_lent(&self->maps.items[i]);
        if (map != NULL) {
            Py_INCREF(map);
            rc = tb_map_refresh((BpfMap *)map);
            Py_DECREF(map);
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
    struct tb_hint hint = {.lacking = 0};
    struct tb_log log;
    struct tb_failure failure = {.log = &log, .hint = &hint};
    enum tb_phase from_to[] = {self->phase, to};
    int rc = -1;

    if (check_phase(self, to) < 0) {
        return -1;
    }
    tb_object_acquire(self);
    self->phase = TB_BUSY;
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    failure.err = step_nogil(self, from_to, &log, &hint);
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

/* Load what was opened; 0, or -1 with an exception. */
static int
load_opened(BpfObject *object)
{
    PyObject *path = PyUnicode_EncodeFSDefault(object->path);
    int rc = path ? advance(object, TB_LOADED, "load", PyBytes_AsString(path)) : -1;

    Py_XDECREF(path);
    return rc < 0 ? -1 : PyErr_CheckSignals();
}

PyObject *
tb_load_file(PyObject *module, PyObject *args, PyObject *kwargs)
{
    struct tb_open_args given = {0};
    BpfObject *object = NULL;

    if (tb_open_parse(args, kwargs, "load", &given) == 0) {
        object = tb_open_path(tb_state_of_module(module), &given, "load");
    }
    if (object != NULL && load_opened(object) < 0) {
        tb_object_close(object);
        Py_CLEAR(object);
    }
    return (PyObject *)object;
}
