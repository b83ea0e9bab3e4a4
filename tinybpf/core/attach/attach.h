/* SPDX-License-Identifier: MIT
 *
 * Attaching: from a program, or all of an object's, to links.
 */
#ifndef TB_ATTACH_ATTACH_H
#define TB_ATTACH_ATTACH_H

#include "owner/program.h"

struct bpf_link;

/* What a method was given; each kind reads what it needs. */
struct tb_hook {
    const char *name;     /* function, tracepoint, symbol, interface */
    const char *category; /* of a tracepoint */
    const char *path;     /* of a binary or a cgroup */
    size_t offset;        /* bytes */
    int pid;              /* -1: every process */
    int retprobe;         /* fire when the function returns */
    int fd;               /* of a cgroup */
    int ifindex;
};

typedef struct bpf_link *(*tb_attach_call)(const struct bpf_program *program,
                                           const struct tb_hook *hook);

/* Call libbpf without the GIL. A new BpfLink; or NULL with an exception; or NULL
 * without one if the section names no hook (*unhooked is set, which may be NULL):
 * libbpf then says EOPNOTSUPP, as the kernel may, but logs nothing
 * (bpf_program__attach). */
PyObject *tb_attach(BpfProgram *self, tb_attach_call call, const struct tb_hook *hook,
                    PyObject *target, int *unhooked);

/* BpfProgram.attach(): attach to what the section names. */
PyObject *tb_attach_program(PyObject *self, PyObject *unused);

/* BpfObject.attach(): attach all that can attach itself, or nothing. */
PyObject *tb_attach_object(PyObject *self, PyObject *unused);

#endif
