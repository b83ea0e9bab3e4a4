/* SPDX-License-Identifier: MIT
 *
 * Frames of a stack (system/frames.h): as the map has them (map/stack.c), or named. An
 * id says neither whose stack it is nor on which side: without a pid it is the
 * kernel's.
 */
#include "system/frames.h"

#include "base/args.h"
#include "map/stack.h"
#include "system/symbols.h"

/* Check what names the frames; 0, or -1 with TypeError. */
static int
check_symbols(PyObject *self, PyObject *symbols, PyObject *pid)
{
    struct tb_state *state = tb_state_of(self);

    if (!tb_args_is_given(symbols)) {
        if (tb_args_is_given(pid)) {
            PyErr_SetString(PyExc_TypeError,
                            "walk() takes a pid with symbols alone: symbols=Symbols()");
            return -1;
        }
        return 0;
    }
    if (Py_TYPE(symbols) != state->types[TB_TYPE_SYMBOLS]) {
        PyErr_Format(PyExc_TypeError, "symbols is a tinybpf.Symbols, not %R", symbols);
        return -1;
    }
    return 0;
}

/* Whether all frames are addresses. */
static int
are_addresses(PyObject *frames)
{
    Py_ssize_t n = PyList_Size(frames);

    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyLong_Check(PyList_GetItem(frames, i))) {
            return 0;
        }
    }
    return 1;
}

/* Name a list of addresses. */
static PyObject *
name_addresses(PyObject *symbols, PyObject *pid, PyObject *addresses)
{
    PyObject *args[] = {pid, addresses};

    return tb_args_is_given(pid) ? tb_symbols_user(symbols, args, 2)
                                 : tb_symbols_kernel(symbols, addresses);
}

/* Name a place in a file; where its id is unknown, the files of the process are read
 * once. */
static PyObject *
name_place(PyObject *symbols, PyObject *pid, PyObject *place, int *has_observed)
{
    PyObject *id = PyTuple_GetItem(place, 0), *number = PyTuple_GetItem(place, 1);
    uint64_t offset = number != NULL ? PyLong_AsUnsignedLongLong(number) : 0;
    PyObject *symbol, *is_there;
    int is_known = 0;

    symbol = id != NULL ? tb_symbols_by_id(symbols, id, offset, &is_known) : NULL;
    if (symbol == NULL || is_known || *has_observed || !tb_args_is_given(pid)) {
        return symbol;
    }
    Py_DECREF(symbol);
    *has_observed = 1;
    is_there = tb_symbols_observe(symbols, pid);
    if (is_there == NULL) {
        return NULL;
    }
    Py_DECREF(is_there);
    return tb_symbols_by_id(symbols, id, offset, &is_known);
}

/* Name one frame, a place or an address. */
static PyObject *
name_frame(PyObject *symbols, PyObject *pid, PyObject *frame, int *has_observed)
{
    PyObject *list, *named, *symbol;

    if (!PyLong_Check(frame)) {
        return name_place(symbols, pid, frame, has_observed);
    }
    list = Py_BuildValue("[O]", frame);
    named = list != NULL ? name_addresses(symbols, pid, list) : NULL;
    symbol = named != NULL ? tb_new_ref(PyList_GetItem(named, 0)) : NULL;
    Py_XDECREF(named);
    Py_XDECREF(list);
    return symbol;
}

/* Name frames of which some are places in files. */
static PyObject *
name_places(PyObject *symbols, PyObject *pid, PyObject *frames)
{
    Py_ssize_t n = PyList_Size(frames);
    PyObject *named = PyList_New(0);
    int has_observed = 0;

    for (Py_ssize_t i = 0; i < n && named != NULL; i++) {
        PyObject *frame = PyList_GetItem(frames, i);

        if (frame == NULL ||
            tb_args_append_steal(named,
                                 name_frame(symbols, pid, frame, &has_observed)) < 0) {
            Py_CLEAR(named);
        }
    }
    return named;
}

PyObject *
tb_frames_walk(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {
        "walk", {"stack_id", "symbols", "pid"}, 1};
    PyObject *given[3], *frames, *named;

    if (tb_args_read(&signature, args, n, names, given) < 0 ||
        check_symbols(self, given[1], given[2]) < 0) {
        return NULL;
    }
    frames = tb_map_stack_frames(self, given[0]);
    if (frames == NULL || !tb_args_is_given(given[1])) {
        return frames;
    }
    named = are_addresses(frames) ? name_addresses(given[1], given[2], frames)
                                  : name_places(given[1], given[2], frames);
    Py_DECREF(frames);
    return named;
}
