/* SPDX-License-Identifier: MIT
 *
 * The attach_<kind> methods of BpfProgram as rows: what each takes, how it calls libbpf
 * and how its links name their target. One function reads them all.
 */
#ifndef TB_ATTACH_METHOD_H
#define TB_ATTACH_METHOD_H

#include "attach/attach.h"

#define TB_ATTACH_ARGUMENTS 8

/* What an argument may be, and what of a target it fills. */
enum tb_attach_form {
    TB_ATTACH_TEXT,         /* a str: const char * */
    TB_ATTACH_TEXT_OR_NONE, /* the same; None: NULL */
    TB_ATTACH_PATH,         /* of a file: const char *; one of them in a row */
    TB_ATTACH_SIZE,         /* bytes: size_t */
    TB_ATTACH_INT,          /* int */
    TB_ATTACH_FLAG,         /* any object, by its truth: int */
    TB_ATTACH_INTERFACE,    /* a name or an index: int */
    TB_ATTACH_CGROUP,       /* a path, or a descriptor: .path or .fd */
};

struct tb_attach_method {
    const char *hook;   /* its row in the catalog */
    const char *format; /* "O|O:attach_kprobe": how many must be given, of how many */
    struct {
        const char *name; /* its keyword; NULL behind the last */
        enum tb_attach_form form;
        size_t at; /* of the field, in struct tb_target */
    } arguments[TB_ATTACH_ARGUMENTS];
    int retprobe; /* of a method that attaches to returns only */
    struct tb_attach_way way;
    PyObject *(*write)(BpfProgram *program, const struct tb_target *target);
};

/* Call such a method of a BpfProgram: a new BpfLink, or NULL with an exception. */
PyObject *tb_attach_by_method(PyObject *program, PyObject *args, PyObject *kwargs,
                              const struct tb_attach_method *method);

#endif
