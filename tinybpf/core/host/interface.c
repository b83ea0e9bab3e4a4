/* SPDX-License-Identifier: MIT
 *
 * Look-up of network interfaces. Their names are bytes to the kernel, as paths are.
 */
#include "host/interface.h"

#include "error/raise.h"
#include "host/target_kernel.h"

#include <errno.h>
#include <net/if.h>

unsigned int
tb_interface_index(struct tb_state *state, PyObject *interface, const char *call,
                   PyObject *on)
{
    PyObject *bytes = NULL;
    unsigned int index;
    char near[128];

    if (!PyUnicode_FSConverter(interface, &bytes)) {
        return 0;
    }
    index = if_nametoindex(PyBytes_AsString(bytes));
    if (index == 0) {
        tb_target_kernel_nearest_interface(PyBytes_AsString(bytes), near, sizeof(near));
        tb_error_raise(state, TB_ERROR, ENODEV,
                       "%s %R failed: there is no interface %R in this network "
                       "namespace%s",
                       call, on, interface, near);
    }
    Py_DECREF(bytes);
    return index;
}
