/* SPDX-License-Identifier: MIT
 *
 * What can be set of an opened object's program before it is loaded.
 */
#ifndef TB_PROGRAM_SETTING_H
#define TB_PROGRAM_SETTING_H

#include "owner/program.h"

enum tb_program_setting {
    TB_PROGRAM_TYPE,
    TB_PROGRAM_EXPECTED_ATTACH_TYPE,
    TB_PROGRAM_FLAGS,
    TB_PROGRAM_LOG_LEVEL,
    TB_PROGRAM_AUTOLOAD,
    TB_PROGRAM_AUTOATTACH,
    TB_PROGRAM_SETTING_COUNT,
};

/* Getter and setter of properties; the closure is the enum's value. */
PyObject *tb_program_setting_get(PyObject *self, void *closure);
int tb_program_setting_set(PyObject *self, PyObject *value, void *closure);

/* BpfProgram.set_attach_target() and .set_ifindex(): libbpf has no getters for them. */
PyObject *tb_program_set_attach_target(PyObject *self, PyObject *args,
                                       PyObject *kwargs);
PyObject *tb_program_set_ifindex(PyObject *self, PyObject *value);

#endif
