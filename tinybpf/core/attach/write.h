/* SPDX-License-Identifier: MIT
 *
 * How links and errors name a target: forms that several kinds of hook share. Each is a
 * new str, or NULL with an exception.
 */
#ifndef TB_ATTACH_WRITE_H
#define TB_ATTACH_WRITE_H

#include "attach/attach.h"

/* kprobe:do_exit, kretprobe:do_exit+0x10, raw_tracepoint:sys_enter */
PyObject *tb_write_name(BpfProgram *program, const struct tb_attach *attach);

/* uprobe:/bin/sh:main+0x10 */
PyObject *tb_write_binary(BpfProgram *program, const struct tb_attach *attach);

/* xdp:lo */
PyObject *tb_write_interface(BpfProgram *program, const struct tb_attach *attach);

#endif
