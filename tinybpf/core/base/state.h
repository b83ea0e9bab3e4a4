/* SPDX-License-Identifier: MIT
 *
 * What one import of the module owns: its types, its error classes, its enums. Each
 * sub-interpreter has its own; only what libbpf has once for the process is global.
 */
#ifndef TB_BASE_STATE_H
#define TB_BASE_STATE_H

#include "base/abi3.h"

struct tb_layout;

enum tb_error_class {
    TB_ERROR,
    TB_ERROR_VERIFIER,
    TB_ERROR_RELOCATION,
    TB_ERROR_NOT_SUPPORTED,
    TB_ERROR_PERMISSION,
    TB_ERROR_CLOSED,
    TB_ERROR_VALIDATION,
    TB_ERROR_COUNT,
};

enum tb_enum_class {
    TB_ENUM_MAP_TYPE,
    TB_ENUM_PROG_TYPE,
    TB_ENUM_ATTACH_TYPE,
    TB_ENUM_LINK_TYPE,
    TB_ENUM_BTF_KIND,
    TB_ENUM_XDP_ACTION,
    TB_ENUM_TC_ACTION,
    TB_ENUM_TCX_ACTION,
    TB_ENUM_NETKIT_ACTION,
    TB_ENUM_SK_ACTION,
    TB_ENUM_NF_VERDICT,
    TB_ENUM_BPF_RET_CODE,
    TB_ENUM_COUNT,
};

enum tb_type {
    TB_TYPE_BTF,
    TB_TYPE_BTF_ITERATOR,
    TB_TYPE_RECORD,
    TB_TYPE_FIELD,
    TB_TYPE_TYPES,
    TB_TYPE_OBJECT,
    TB_TYPE_PROGRAMS,
    TB_TYPE_MAPS,
    TB_TYPE_PROGRAM,
    TB_TYPE_TEST_RUN,
    TB_TYPE_STATS,
    TB_TYPE_LINK,
    TB_TYPE_LINKS,
    TB_TYPE_ITER_PASS,
    TB_TYPE_MAP,
    TB_TYPE_MAP_VIEW,
    TB_TYPE_MAP_MEMORY,
    TB_TYPE_VIEW,
    TB_TYPE_ITERATOR,
    TB_TYPE_DRAIN,
    TB_TYPE_RINGBUF,
    TB_TYPE_PERFBUF,
    TB_TYPE_LOAN,
    TB_TYPE_WAIT,
    TB_TYPE_COLUMNS,
    TB_TYPE_COLUMN,
    TB_TYPE_STREAM,
    TB_TYPE_EVENTS,
    TB_TYPE_USER_RING,
    TB_TYPE_RESERVATION,
    TB_TYPE_LINES,
    TB_TYPE_LISTING,
    TB_TYPE_SCAN,
    TB_TYPE_SYMBOL,
    TB_TYPE_SYMBOLS,
    TB_TYPE_ROWS,
    TB_TYPE_COUNT,
};

struct tb_state {
    PyObject *errors[TB_ERROR_COUNT]; /* owned */
    PyObject *outside; /* owned; dict: built-in class -> class of error that is
                        * BpfError, too (error/class.h); NULL: none yet */
    PyObject *enums[TB_ENUM_COUNT];     /* owned; NULL until first asked for */
    PyTypeObject *types[TB_TYPE_COUNT]; /* owned */
    PyObject *definitions; /* owned; classes of pickled records; NULL: none yet */
    int bytes_are_known;   /* records are made as bytes are known to lie in memory */
    /* Make the class of a layout (value/class.h), as a new reference. */
    PyObject *(*make_class)(PyObject *btf, const struct tb_layout *layout,
                            const char *name);
};

/* The state of the module, of a class made by it, of an instance of such a class. */
struct tb_state *tb_state_of_module(PyObject *module);
struct tb_state *tb_state_of_class(PyObject *cls);
struct tb_state *tb_state_of(void *instance);

int tb_state_traverse(PyObject *module, visitproc visit, void *arg);
int tb_state_clear(PyObject *module);

/* Make a type from its spec; NULL with an exception, which CPython
 * (PyType_FromMetaclass) forgets where it has no memory for the name. */
PyObject *tb_state_type(PyObject *module, PyType_Spec *spec, PyObject *bases);

/* Make a type from its spec and keep it in the state; 0 or -1. */
int tb_state_make_type(PyObject *module, enum tb_type which, PyType_Spec *spec);

/* Make a type from its spec, keep it in the state and add it to the module. */
int tb_state_add_type(PyObject *module, enum tb_type which, PyType_Spec *spec);

/* Allocate an instance, all zero behind the head, tracked by the collector; NULL with
 * an exception, also where there is no state any more. */
void *tb_state_new(struct tb_state *state, enum tb_type which);

/* Py_tp_new of types that only the module itself makes: raises TypeError. */
PyObject *tb_state_no_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/* Py_tp_finalize of what a program is to close: warn, in the category and with the
 * format of the instance (one %R), or not at all if the category is NULL; then close by
 * the class's own close(), which is idempotent. What that raises is dropped, an
 * exception that is set stays. It clears nothing that methods read: a __del__ in the
 * same cycle may still call them. */
void tb_state_finalize(PyObject *op, PyObject *category, const char *format,
                       PyCFunction close);

/* The begin of Py_tp_dealloc of a class with a finaliser: whether the instance is to be
 * taken apart now. The first time its finaliser runs instead, behind which it is gone,
 * or lives on because somebody has taken a reference. *is_finished is the instance's.
 */
int tb_state_finish(PyObject *op, destructor finalize, int *is_finished);

/* The end of Py_tp_dealloc, for what the collector tracked. */
void tb_state_free(PyObject *op);

/* A class that the package has in Python, such as "MapInfo": what those need is
 * imported when the first is asked for. NULL with an exception. */
PyObject *tb_state_python_class(const char *name);

#endif
