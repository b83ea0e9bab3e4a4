/* SPDX-License-Identifier: MIT
 *
 * The attach_<kind> methods of BpfProgram as rows: what each takes, how it is
 * attached and how its links name their target. One function reads them all.
 */
#ifndef TB_ATTACH_METHOD_H
#define TB_ATTACH_METHOD_H

#include "attach/argument.h"

#define TB_ATTACH_ARGUMENTS 16
#define TB_ATTACH_HOOKS 6

struct tb_attach_method {
    const char *name;                   /* "attach_kprobe" */
    const char *hooks[TB_ATTACH_HOOKS]; /* rows of the catalog; the program's own of
                                         * them, or else the first */
    int n_needed;                       /* so many arguments must be given */
    int n_positional;                   /* so many may be given by position */
    struct {
        const char *name; /* its keyword; NULL behind the last */
        tb_argument_form form;
        size_t at; /* of the field, in the struct of what is asked for */
    } arguments[TB_ATTACH_ARGUMENTS];
    size_t size;  /* of that struct; 0: of struct tb_attach */
    int retprobe; /* of a method that attaches to returns only */
    /* Looks at all that was given, and makes of it what is called for; 0, or -1 with an
     * exception. NULL: nothing to do. */
    int (*prepare)(BpfProgram *program, struct tb_attach *attach);
    struct tb_attach_way way;
    PyObject *(*write)(BpfProgram *program, const struct tb_attach *attach);
};

/* Call such a method of a BpfProgram: a new BpfLink, or NULL with an exception. Without
 * args the program's section says what keywords leave out. */
PyObject *tb_attach_by_method(PyObject *program, PyObject *args, PyObject *kwargs,
                              const struct tb_attach_method *method);

#endif
