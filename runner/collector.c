/* SPDX-License-Identifier: MIT
 *
 * Spare Python's garbage collector what a start has made, and give back to the kernel
 * what a full collection has freed.
 *
 * Each full collection visits all objects that can be in cycles, and Python makes
 * three at its end: for a short program that is a tenth of its time. Nothing that a
 * start has made is garbage before the end, so it is moved out of sight (gc.freeze()).
 *
 * But what is out of sight is not taken apart at the end either. __main__ must be: a
 * program's objects hang on its dictionary, mostly in cycles with it (a function knows
 * its globals), and their __del__ has to run.
 */
#include "collector.h"

#include "python.h"

void mi_collect(_Bool force); /* mimalloc's, as in memory.c */
void __real__PyGC_ClearAllFreeLists(PyInterpreterState *interpreter);
void __wrap__PyGC_ClearAllFreeLists(PyInterpreterState *interpreter);

/* Give a frozen object back to the collector: untracking takes it out of whichever
 * list it is in, tracking puts it into the youngest generation. */
static void
thaw(PyObject *object)
{
    if (object != NULL && PyObject_GC_IsTracked(object)) {
        PyObject_GC_UnTrack(object);
        PyObject_GC_Track(object);
    }
}

void
tbr_collector_freeze(void)
{
    PyObject *freeze = PyImport_ImportModuleAttrString("gc", "freeze");
    PyObject *none = freeze == NULL ? NULL : PyObject_CallNoArgs(freeze);
    PyObject *main_module = PyImport_AddModuleRef("__main__");

    if (none != NULL && main_module != NULL) {
        thaw(main_module);
        thaw(PyModule_GetDict(main_module));
    }
    PyErr_Clear(); /* without it Python is only slower */
    Py_XDECREF(main_module);
    Py_XDECREF(none);
    Py_XDECREF(freeze);
}

/* What CPython does behind a full collection and only then: give its caches back to
 * malloc. The linker routes it here (--wrap), for mimalloc keeps what is free until it
 * has to do with the same part of memory again, which may be never. */
void
__wrap__PyGC_ClearAllFreeLists(PyInterpreterState *interpreter)
{
    __real__PyGC_ClearAllFreeLists(interpreter);
    mi_collect(1);
}
