/* SPDX-License-Identifier: MIT
 *
 * Look-up of network interfaces. Their names are bytes to the kernel, as paths are.
 */
#include "host/interface.h"

#include "error/raise.h"
#include "host/target_kernel.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>

/* Raise for a name that there is none of. */
static void
raise_absent(struct tb_state *state, PyObject *name, PyObject *what, int is_outside)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {
        .err = -ENODEV, .hint = &hint, .is_outside = is_outside};
    PyObject *shown = PyObject_Repr(name);
    PyObject *bytes = NULL;
    char near[128];

    if (shown != NULL && PyUnicode_FSConverter(name, &bytes)) {
        tb_target_kernel_nearest_interface(PyBytes_AsString(bytes), near, sizeof(near));
        snprintf(hint.cause, sizeof(hint.cause),
                 "there is no interface %s in this network namespace%s",
                 PyUnicode_AsUTF8AndSize(shown, NULL), near);
        tb_error_refused(state, &failure, "%U", what);
    }
    Py_XDECREF(shown);
    Py_XDECREF(bytes);
}

unsigned int
tb_interface_index(struct tb_state *state, PyObject *interface, int is_outside,
                   const char *call, PyObject *on)
{
    PyObject *bytes = NULL, *what;
    unsigned int index;

    if (!PyUnicode_FSConverter(interface, &bytes)) {
        return 0;
    }
    index = if_nametoindex(PyBytes_AsString(bytes));
    Py_DECREF(bytes);
    if (index == 0) {
        what = PyUnicode_FromFormat("%s %R", call, on);
        if (what != NULL) {
            raise_absent(state, interface, what, is_outside);
            Py_DECREF(what);
        }
    }
    return index;
}
