/* SPDX-License-Identifier: MIT
 *
 * Attaching: from what is asked for to a link.
 */
#ifndef TB_ATTACH_ATTACH_H
#define TB_ATTACH_ATTACH_H

#include "host/target.h"
#include "owner/program.h"

struct bpf_link;
struct tb_attachment;

#define TB_ATTACH_FDS 4

/* One attachment that is asked for. A kind of hook with options of its own has a struct
 * that begins with this one. */
struct tb_attach {
    struct tb_target target; /* where; errors and hints read it */
    int fds[TB_ATTACH_FDS];  /* owned: of arguments, open until the call is over */
    int n_fds;
    PyObject *kept; /* owned; a list of what fields point into */
};

/* A field of the target, as the row of an argument names it. */
#define TB_TARGET_AT(field) offsetof(struct tb_attach, target.field)

/* How a kind of hook is attached to: one of them, which runs without the GIL, and says
 * NULL with errno. */
struct tb_attach_way {
    struct bpf_link *(*link)(const struct bpf_program *program,
                             struct tb_attach *attach);
    struct tb_attachment *(*attachment)(const struct bpf_program *program,
                                        struct tb_attach *attach);
};

/* Attach without the GIL; the link, and errors, name the target so. A new BpfLink;
 * or NULL with an exception; or NULL without one if the section names no hook
 * (*unhooked is set, which may be NULL): libbpf then says EOPNOTSUPP, as the kernel
 * may, but logs nothing (bpf_program__attach). */
PyObject *tb_attach_by(BpfProgram *self, const struct tb_attach_way *way,
                       struct tb_attach *attach, PyObject *name, int *unhooked);

/* Destroy a link whose caller does not get it; the exception stays. */
void tb_attach_discard(PyObject *link);

#endif
