/* SPDX-License-Identifier: MIT
 *
 * The only door to Python.h. All that this project knows about interpreter
 * versions stands here: the floor, reference counting that is right on every
 * Python from 3.9 on, and the few symbols that are used before they became
 * official. All other files include this, never Python.h.
 */
#ifndef TB_BASE_ABI3_H
#define TB_BASE_ABI3_H

/* The wheel keeps to the limited API. The runner has a Python of its own, of whose
 * structures it may know (TINYBPF_OWN_PYTHON). Without PY_SSIZE_T_CLEAN, so there is no
 * '#' in any format: headers from 3.13 on no longer tell older Pythons that lengths are
 * Py_ssize_t. */
#ifndef TINYBPF_OWN_PYTHON
#define Py_LIMITED_API 0x03090000
#endif
#include <Python.h>
#include <structmember.h>

#include <stdint.h>

#ifndef TINYBPF_OWN_PYTHON
/* Headers of 3.12 and later inline reference counting that knows of immortal
 * objects, and return None without counting: both corrupt 3.9-3.11 (CPython
 * gh-134989). Counting by function call is right everywhere. */
#undef Py_INCREF
#undef Py_XINCREF
#undef Py_DECREF
#undef Py_XDECREF
#undef Py_CLEAR
#undef Py_RETURN_NONE
#undef Py_RETURN_TRUE
#undef Py_RETURN_FALSE
#define Py_INCREF(op) Py_IncRef((PyObject *)(op))
#define Py_XINCREF(op) Py_IncRef((PyObject *)(op))
#define Py_DECREF(op) Py_DecRef((PyObject *)(op))
#define Py_XDECREF(op) Py_DecRef((PyObject *)(op))
#define Py_CLEAR(op) tb_clear((PyObject **)&(op))
#define Py_RETURN_NONE return tb_new_ref(Py_None)
#define Py_RETURN_TRUE return tb_new_ref(Py_True)
#define Py_RETURN_FALSE return tb_new_ref(Py_False)
#endif

static inline PyObject *
tb_new_ref(void *op)
{
    Py_XINCREF((PyObject *)op);
    return (PyObject *)op;
}

static inline void
tb_clear(PyObject **op)
{
    PyObject *old = *op;

    *op = NULL;
    Py_XDECREF(old);
}

/* Symbols that 3.9 exports and that became official later. The wheel's check
 * (tests/wheel) compares this table with what abi3audit finds:
 *
 *   symbol                    official since
 *   PyBuffer_Release          3.11
 *   PyObject_CheckBuffer      3.11
 *   PyObject_GetBuffer        3.11
 *   PyType_GetModule          3.10
 *   PyType_GetModuleState     3.10
 *   PyUnicode_AsUTF8AndSize   3.10
 *   PyType_FromModuleAndSpec  3.10
 */
#ifndef PyBUF_SIMPLE
typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len;
    Py_ssize_t itemsize;
    int readonly;
    int ndim;
    char *format;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    Py_ssize_t *suboffsets;
    void *internal;
} Py_buffer;
#define PyBUF_SIMPLE 0
#define PyBUF_WRITABLE 0x0001
#define PyBUF_FORMAT 0x0004
#define PyBUF_ND 0x0008
#define PyBUF_STRIDES (0x0010 | PyBUF_ND)
#define Py_bf_getbuffer 1 /* 3.9 obeys the slots of buffers, too */
#define Py_bf_releasebuffer 2
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *obj, Py_buffer *view, int flags);
PyAPI_FUNC(void) PyBuffer_Release(Py_buffer *view);
PyAPI_FUNC(int) PyObject_CheckBuffer(PyObject *obj);
#endif
PyAPI_FUNC(PyObject *) PyType_GetModule(PyTypeObject *type);
PyAPI_FUNC(void *) PyType_GetModuleState(PyTypeObject *type);
PyAPI_FUNC(const char *) PyUnicode_AsUTF8AndSize(PyObject *text, Py_ssize_t *size);
PyAPI_FUNC(PyObject *)
    PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases);

/* The module that a class of a heap was made for, borrowed; NULL: none. */
static inline PyObject *tb_class_module(PyTypeObject *type);

/* What a class was made with as its Py_tp_token, as long as it has its module; NULL:
 * nothing, as in a subclass of it, or none is known of. */
static inline void *tb_class_token(PyTypeObject *type);

/* A number that is another one after each change of a class's attributes, and no other
 * class's; 0: it has none, or none is known of. */
static inline unsigned int tb_class_version(const PyTypeObject *type);

/* Give a class a version, if it can have one, and tell whether it has an attribute of
 * its own with that value. */
static inline int tb_class_has(PyTypeObject *type, PyObject *name, PyObject *value);

#ifdef TINYBPF_OWN_PYTHON
#define TB_CLASSES_ARE_KNOWN 1

static inline PyObject *
tb_class_module(PyTypeObject *type)
{
    return ((PyHeapTypeObject *)type)->ht_module;
}

static inline void *
tb_class_token(PyTypeObject *type)
{
    const PyHeapTypeObject *heap = (const PyHeapTypeObject *)type;

    return heap->ht_module != NULL ? heap->ht_token : NULL;
}

static inline unsigned int
tb_class_version(const PyTypeObject *type)
{
    return type->tp_version_tag;
}

static inline int
tb_class_has(PyTypeObject *type, PyObject *name, PyObject *value)
{
    PyObject *dict = PyType_GetDict(type);
    int has = PyUnstable_Type_AssignVersionTag(type) == 1 &&
              PyDict_GetItemWithError(dict, name) == value;

    Py_DECREF(dict);
    return has;
}
#else
#define TB_CLASSES_ARE_KNOWN 0

static inline PyObject *
tb_class_module(PyTypeObject *type)
{
    PyObject *module = PyType_GetModule(type);

    if (module == NULL) {
        PyErr_Clear();
    }
    return module;
}

static inline void *
tb_class_token(PyTypeObject *type)
{
    (void)type;
    return NULL;
}

static inline unsigned int
tb_class_version(const PyTypeObject *type)
{
    (void)type;
    return 0;
}

static inline int
tb_class_has(PyTypeObject *type, PyObject *name, PyObject *value)
{
    (void)type;
    (void)name;
    (void)value;
    return 0;
}
#endif

/* Flags that 3.9 takes, or ignores, and whose names are hidden from its API. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif
#ifndef Py_TPFLAGS_IMMUTABLETYPE
#define Py_TPFLAGS_IMMUTABLETYPE (1UL << 8) /* obeyed from 3.10 on */
#endif
#ifndef Py_tp_token
#define Py_tp_token 83 /* 3.14 */
#endif
#ifndef Py_mod_multiple_interpreters
#define Py_mod_multiple_interpreters 3 /* 3.12; older ones refuse the slot */
#endif
#ifndef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
#define Py_MOD_PER_INTERPRETER_GIL_SUPPORTED ((void *)2)
#endif

typedef PyObject *(*tb_fastcall)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*tb_fastcall_keywords)(PyObject *, PyObject *const *, Py_ssize_t,
                                          PyObject *);

/* A method table's entry wants the plain type whatever the calling convention. */
#define TB_METHOD(function) ((PyCFunction)(void (*)(void))(function))

/* The flags that every type of the module has. None has Py_tp_clear that takes away
 * what its methods read: a circle through one of them goes through a dict, a class, or
 * a callback that close() drops, and breaks there. */
#define TB_TYPE_FLAGS \
    (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE)

#endif
