/* SPDX-License-Identifier: MIT
 *
 * How links and errors name a target: forms that several kinds of hook share. They
 * return a new str, or NULL with an exception, where they return objects.
 */
#ifndef TB_ATTACH_WRITE_H
#define TB_ATTACH_WRITE_H

#include "attach/attach.h"

/* "kprobe", or "kretprobe" where functions return. */
const char *tb_write_kind(const struct tb_target *target);

/* kprobe.multi:vfs_*, kprobe.multi:vfs_read and 3 others */
PyObject *tb_write_names(BpfProgram *program, const struct tb_attach *attach);

/* kprobe:do_exit, kprobe:do_exit+0x10, kprobe:0xffffffff81000000,
 * raw_tracepoint:sys_enter */
PyObject *tb_write_name(BpfProgram *program, const struct tb_attach *attach);

/* uprobe:/bin/sh:main+0x10 */
PyObject *tb_write_binary(BpfProgram *program, const struct tb_attach *attach);

/* xdp:lo */
PyObject *tb_write_interface(BpfProgram *program, const struct tb_attach *attach);

#endif
