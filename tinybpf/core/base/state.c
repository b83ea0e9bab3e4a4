/* SPDX-License-Identifier: MIT
 *
 * Keeper of the module state (base/state.h) and the one place that makes types.
 * It knows nothing of what the types do.
 */
#include "base/state.h"

#include "base/args.h"

#include <string.h>

struct tb_state *
tb_state_of_module(PyObject *module)
{
    return PyModule_GetState(module);
}

/* Right because no type of the module can be subclassed. */
struct tb_state *
tb_state_of_class(PyObject *cls)
{
    return PyType_GetModuleState((PyTypeObject *)cls);
}

struct tb_state *
tb_state_of(void *instance)
{
    return PyType_GetModuleState(Py_TYPE((PyObject *)instance));
}

int
tb_state_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct tb_state *state = tb_state_of_module(module);

    for (int i = 0; i < TB_ERROR_COUNT; i++) {
        Py_VISIT(state->errors[i]);
    }
    Py_VISIT(state->outside);
    for (int i = 0; i < TB_ENUM_COUNT; i++) {
        Py_VISIT(state->enums[i]);
    }
    for (int i = 0; i < TB_TYPE_COUNT; i++) {
        Py_VISIT(state->types[i]);
    }
    Py_VISIT(state->definitions);
    return 0;
}

int
tb_state_clear(PyObject *module)
{
    struct tb_state *state = tb_state_of_module(module);

    for (int i = 0; i < TB_ERROR_COUNT; i++) {
        Py_CLEAR(state->errors[i]);
    }
    Py_CLEAR(state->outside);
    for (int i = 0; i < TB_ENUM_COUNT; i++) {
        Py_CLEAR(state->enums[i]);
    }
    for (int i = 0; i < TB_TYPE_COUNT; i++) {
        Py_CLEAR(state->types[i]);
    }
    Py_CLEAR(state->definitions);
    return 0;
}

PyObject *
tb_state_type(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, bases);

    return type == NULL && !PyErr_Occurred() ? PyErr_NoMemory() : type;
}

int
tb_state_make_type(PyObject *module, enum tb_type which, PyType_Spec *spec)
{
    PyObject *type = tb_state_type(module, spec, NULL);

    tb_state_of_module(module)->types[which] = (PyTypeObject *)type;
    return type ? 0 : -1;
}

int
tb_state_add_type(PyObject *module, enum tb_type which, PyType_Spec *spec)
{
    PyObject *type;

    if (tb_state_make_type(module, which, spec) < 0) {
        return -1;
    }
    type = tb_new_ref(tb_state_of_module(module)->types[which]);
    if (PyModule_AddObject(module, strrchr(spec->name, '.') + 1, type) == 0) {
        return 0;
    }
    Py_DECREF(type);
    return -1;
}

void *
tb_state_new(struct tb_state *state, enum tb_type which)
{
    return state != NULL ? PyType_GenericAlloc(state->types[which], 0) : NULL;
}

PyObject *
tb_state_no_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    PyErr_Format(PyExc_TypeError, "cannot create %R: tinybpf.load() makes objects",
                 type);
    return NULL;
}

void
tb_state_finalize(PyObject *op, PyObject *category, const char *format,
                  PyCFunction close)
{
    PyObject *type, *value, *tb, *done;

    PyErr_Fetch(&type, &value, &tb);
    if (category != NULL && PyErr_WarnFormat(category, 1, format, op) < 0) {
        PyErr_WriteUnraisable(op);
    }
    done = close(op, NULL);
    Py_XDECREF(done);
    PyErr_Restore(type, value, tb);
}

/* Counted up and down, as PyObject_CallFinalizerFromDealloc(), which the limited API
 * lacks, would do: if nobody took a reference, Py_DECREF comes in here again. */
int
tb_state_finish(PyObject *op, destructor finalize, int *is_finished)
{
    if (*is_finished) {
        PyObject_GC_UnTrack(op);
        return 1;
    }
    *is_finished = 1;
    Py_INCREF(op);
    finalize(op);
    Py_DECREF(op);
    return 0;
}

void
tb_state_free(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_Del(op);
    Py_DECREF(type);
}

PyObject *
tb_state_python_class(const char *name)
{
    PyObject *package = PyImport_ImportModule("tinybpf");
    PyObject *class = package ? tb_args_attr(package, name) : NULL;

    Py_XDECREF(package);
    return class;
}
