/* SPDX-License-Identifier: MIT
 *
 * How the errors of tinybpf are raised (wrong arguments get built-in exceptions where
 * they are read). A sentence says what was done, on what, then the system's reason,
 * then what to do about it. All functions return NULL, so that a caller can
 * `return tb_error_...()`.
 */
#ifndef TB_ERROR_RAISE_H
#define TB_ERROR_RAISE_H

#include "base/state.h"
#include "error/log.h"

/* Raise an error class with a message; errnum 0 if no system call failed. */
void *tb_error_raise(struct tb_state *state, enum tb_error_class which, int errnum,
                     const char *format, ...);

/* Raise for a failed libbpf call. err is -errno or libbpf's own code; the format
 * makes what was done ("load 'x.bpf.o'"). The class follows from err and the log;
 * the log's last lines go into the message, all of it into `.libbpf_log`. */
void *tb_error_libbpf(struct tb_state *state, int err, const struct tb_log *log,
                      const char *format, ...);

/* Raise BpfClosedError: "<kind> '<name>' is closed". */
void *tb_error_closed(struct tb_state *state, const char *kind, PyObject *name);

/* What a refusal may mean, as far as the machine can be asked; "": unknown. */
struct tb_hint {
    char privilege[1280]; /* for EPERM: what it takes, what of it is missing */
    char cause[1024];     /* what is wrong with the target, the type, the kernel */
    int lacking;          /* the cause is that this kernel lacks something */
};

/* What a call to the kernel left behind. */
struct tb_failure {
    int err;                    /* -errno or libbpf's own code */
    const struct tb_log *log;   /* borrowed; NULL if there is none */
    const struct tb_hint *hint; /* borrowed; NULL if there is none */
    int is_outside; /* the call names something outside of the object, such as
                     * a file: what would be BpfError is the built-in class of
                     * err, too (tb_error_class_outside) */
};

/* The same for a call that may have a hint, with which its message goes on. */
void *tb_error_refused(struct tb_state *state, const struct tb_failure *failure,
                       const char *format, ...);

/* Raise BtfValidationError; suggestions is a list of str, taken also when it fails. */
void *tb_error_validation_steal(struct tb_state *state, PyObject *suggestions,
                                const char *format, ...);

int tb_error_add(PyObject *module);

#endif
