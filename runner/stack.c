/* SPDX-License-Identifier: MIT
 *
 * Keep CPython's idea of a stack's size true.
 *
 * On musl CPython does not ask how large a stack is (hardware_stack_limits() in
 * Python/ceval.c, 3.14): it takes every stack for the size given to the linker, 4 MB,
 * and deep recursion in a smaller one is a crash instead of a RecursionError. So no
 * thread gets less, and the main thread, whose size the caller's `ulimit -s` sets,
 * has its limits told.
 */
#include "stack.h"

#include "python.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

/* What CPython takes every stack for. What lies above the frame that asks (arguments,
 * environment, main's callers) has been used already; the kernel counts it against the
 * limit, and it may be 128 KB. */
enum {
    ASSUMED_SIZE = _Py_LINKER_THREAD_STACK_SIZE,
    ABOVE = 256 * 1024,
    SMALLEST = 128 * 1024,
};

int __real_pthread_attr_setstacksize(pthread_attr_t *attr, size_t size);
int __wrap_pthread_attr_setstacksize(pthread_attr_t *attr, size_t size);

/* The linker routes every pthread_attr_setstacksize() here (--wrap). Address space
 * only: the pages of a stack that is not used are never there. */
int
__wrap_pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
    if (size < ASSUMED_SIZE) {
        size = ASSUMED_SIZE;
    }
    return __real_pthread_attr_setstacksize(attr, size);
}

void
tbr_stack_protect_main(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t top = (uintptr_t)__builtin_frame_address(0) / page * page;
    struct rlimit limit;
    size_t size;

    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) {
        return;
    }
    size = (size_t)limit.rlim_cur;
    if (size >= ASSUMED_SIZE + (size_t)ABOVE) {
        return;
    }
    size = size > ABOVE + SMALLEST ? size - ABOVE : SMALLEST;
    if (PyUnstable_ThreadState_SetStackProtection(PyThreadState_Get(),
                                                  (void *)(top - size), size) < 0) {
        PyErr_Clear();
    }
}
