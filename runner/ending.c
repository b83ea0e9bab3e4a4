/* SPDX-License-Identifier: MIT
 *
 * Leave to the kernel what Python takes apart last.
 *
 * When all modules and objects of a program are gone, CPython frees its own types,
 * exceptions and interned strings one by one: no code of anyone's runs any more, and
 * the next that the process does is to end. It is a sixteenth of what `-c pass`
 * executes, more behind a program with many strings. Other interpreters than the main
 * one end while the process goes on: theirs are freed.
 *
 * The linker routes the functions here (--wrap) that do it. Each is called once, by
 * finalize_interp_types() (Python/pylifecycle.c, 3.14).
 */
#include "python.h"

#define LEAVE_IN_MAIN(name)                         \
    void __real_##name(PyInterpreterState *interp); \
    void __wrap_##name(PyInterpreterState *interp); \
    void __wrap_##name(PyInterpreterState *interp)  \
    {                                               \
        if (interp != PyInterpreterState_Main()) {  \
            __real_##name(interp);                  \
        }                                           \
    }

LEAVE_IN_MAIN(_PyExc_Fini)
LEAVE_IN_MAIN(_PySys_FiniTypes)
LEAVE_IN_MAIN(_PyTypes_Fini)
LEAVE_IN_MAIN(_PyTypes_FiniExtTypes)
LEAVE_IN_MAIN(_PyTypes_FiniTypes)
LEAVE_IN_MAIN(_PyUnicode_ClearInterned)
