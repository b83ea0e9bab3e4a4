/* SPDX-License-Identifier: MIT
 *
 * Network interfaces by name: programs are attached to them, maps of devices hold them.
 */
#ifndef TB_HOST_INTERFACE_H
#define TB_HOST_INTERFACE_H

#include "base/state.h"

/* The index of the interface of that name, a str, in this network namespace; 0 with an
 * exception, which begins with the call and what it is made on: "attach of program",
 * its name. is_outside: as in struct tb_failure, so that it is an OSError, too. */
unsigned int tb_interface_index(struct tb_state *state, PyObject *interface,
                                int is_outside, const char *call, PyObject *on);

#endif
