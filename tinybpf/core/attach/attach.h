/* SPDX-License-Identifier: MIT
 *
 * Attaching: from a program, or all of an object's, to links.
 */
#ifndef TB_ATTACH_ATTACH_H
#define TB_ATTACH_ATTACH_H

#include "host/target.h"
#include "owner/program.h"

struct bpf_link;
struct tb_attachment;

/* How a kind of hook is attached to: one of them, which runs without the GIL, and says
 * NULL with errno. */
struct tb_attach_way {
    struct bpf_link *(*link)(const struct bpf_program *program,
                             const struct tb_target *target);
    struct tb_attachment *(*attachment)(const struct bpf_program *program,
                                        const struct tb_target *target);
};

/* Attach without the GIL; the link, and errors, name the target so. A new BpfLink;
 * or NULL with an exception; or NULL without one if the section names no hook
 * (*unhooked is set, which may be NULL): libbpf then says EOPNOTSUPP, as the kernel
 * may, but logs nothing (bpf_program__attach). */
PyObject *tb_attach_by(BpfProgram *self, const struct tb_attach_way *way,
                       const struct tb_target *target, PyObject *name, int *unhooked);

/* BpfProgram.attach(): attach to what the section names. */
PyObject *tb_attach_program(PyObject *self, PyObject *unused);

/* BpfObject.attach(): attach all that can attach itself, or nothing. */
PyObject *tb_attach_object(PyObject *self, PyObject *unused);

#endif
