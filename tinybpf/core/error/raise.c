/* SPDX-License-Identifier: MIT
 *
 * How an errno with libbpf's log becomes an exception of one of the error classes
 * (error/class.c). It does not know which object or call failed: callers say that.
 */
#include "error/raise.h"

#include "base/libbpf.h"
#include "error/class.h"
#include "error/relocation.h"
#include "error/verifier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TAIL_LINES 10

/* Make the exception and raise it. log may be NULL. Steals msg; both msg and class may
 * be NULL with an exception set. */
static void *
raise_steal(PyObject *class, int errnum, PyObject *msg, const struct tb_log *log)
{
    PyObject *text = NULL, *error = NULL;

    if (class != NULL && msg != NULL) {
        text = log ? tb_log_text(log) : PyUnicode_FromString("");
    }
    if (text != NULL) {
        error = PyObject_CallFunction(class, "OiO", msg, errnum, text);
    }
    if (error != NULL) {
        PyErr_SetObject(class, error);
    }
    Py_XDECREF(msg);
    Py_XDECREF(text);
    Py_XDECREF(error);
    return NULL;
}

void *
tb_error_raise(struct tb_state *state, enum tb_error_class which, int errnum,
               const char *format, ...)
{
    PyObject *msg;
    va_list args;

    va_start(args, format);
    msg = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return raise_steal(state->errors[which], errnum, msg, NULL);
}

void *
tb_error_closed(struct tb_state *state, const char *kind, PyObject *name)
{
    return tb_error_raise(state, TB_ERROR_CLOSED, 0, "%s %R is closed", kind, name);
}

void *
tb_error_validation_steal(struct tb_state *state, PyObject *suggestions,
                          const char *format, ...)
{
    PyObject *class = state ? state->errors[TB_ERROR_VALIDATION] : NULL;
    PyObject *msg = NULL, *error = NULL;
    va_list args;

    va_start(args, format);
    if (suggestions != NULL && class != NULL) {
        msg = PyUnicode_FromFormatV(format, args);
    }
    va_end(args);
    if (msg != NULL) {
        error = PyObject_CallFunctionObjArgs(class, msg, suggestions, NULL);
    }
    if (error != NULL) {
        PyErr_SetObject(class, error);
    }
    Py_XDECREF(suggestions);
    Py_XDECREF(msg);
    Py_XDECREF(error);
    return NULL;
}

/* The class of an error: what the log tells goes before the code. */
static enum tb_error_class
classify(const struct tb_failure *failure)
{
    const struct tb_log *log = failure->log;

    if (failure->hint != NULL && failure->hint->lacking) {
        return TB_ERROR_NOT_SUPPORTED;
    }
    if (log != NULL && tb_log_contains(log, "-- BEGIN PROG LOAD LOG --")) {
        if (tb_log_contains(log, "CO-RE relocation")) {
            return TB_ERROR_RELOCATION;
        }
        return TB_ERROR_VERIFIER;
    }
    switch (-failure->err) {
    case EPERM:
    case EACCES:
        return TB_ERROR_PERMISSION;
    case ENOTSUPP:
    case EOPNOTSUPP:
    case ENOSYS:
        return TB_ERROR_NOT_SUPPORTED;
    default:
        return TB_ERROR;
    }
}

/* What to do about it, where the class alone tells; "" otherwise. */
static const char *
general_advice(enum tb_error_class which)
{
    switch (which) {
    case TB_ERROR_PERMISSION:
        return "\n  run as root, or with the capabilities that the program type needs:"
               " cap_bpf, with cap_perfmon for tracing or cap_net_admin for networking";
    case TB_ERROR_NOT_SUPPORTED:
        return "\n  this kernel, or the way that it was configured, cannot do that";
    case TB_ERROR_RELOCATION:
        return "\n  this kernel has no such type or field:"
               " guard the access with bpf_core_field_exists() or "
               "bpf_core_type_exists()";
    case TB_ERROR_VERIFIER:
        return "\n  the verifier rejected a program; .libbpf_log has its whole log";
    default:
        return "";
    }
}

/* What the log itself tells of the cause, in lines; "" if nothing. Both may take long:
 * a verifier log has up to 16 MB. */
static void
explain(enum tb_error_class which, const struct tb_log *log, char *text, size_t size)
{
    char *all = NULL;
    int rc = -1;

    text[0] = '\0';
    if (which != TB_ERROR_VERIFIER && which != TB_ERROR_RELOCATION) {
        return;
    }
    Py_BEGIN_ALLOW_THREADS
    all = tb_log_join(log);
    if (all != NULL && which == TB_ERROR_VERIFIER) {
        rc = tb_verifier_explain(all, text, size);
    }
    else if (all != NULL) {
        rc = tb_relocation_explain(all, text, size);
    }
    free(all);
    Py_END_ALLOW_THREADS
    if (rc < 0) {
        text[0] = '\0';
    }
}

/* The message without libbpf's lines: for a verifier's refusal the cause comes first.
 */
static PyObject *
compose(enum tb_error_class which, const struct tb_failure *failure, PyObject *what)
{
    static const struct tb_hint none = {.lacking = 0};
    const struct tb_hint *hint = failure->hint ? failure->hint : &none;
    char cause[2048], reason[128] = "";

    if (failure->err == -ENOTSUPP) {
        strncpy(reason, "Operation not supported by this kernel", sizeof(reason) - 1);
    }
    else {
        libbpf_strerror(failure->err, reason, sizeof(reason));
    }
    explain(which, failure->log, cause, sizeof(cause));
    if (which == TB_ERROR_VERIFIER && cause[0] != '\0') {
        return PyUnicode_FromFormat("%s%s%s\n  %U failed: %s; all that the verifier "
                                    "says is in .libbpf_log",
                                    cause, hint->cause[0] ? "\n  " : "", hint->cause,
                                    what, reason);
    }
    if (which == TB_ERROR_PERMISSION && hint->privilege[0] != '\0') {
        return PyUnicode_FromFormat("%U failed: %s: %s", what, reason, hint->privilege);
    }
    if (cause[0] != '\0' || hint->cause[0] != '\0') {
        return PyUnicode_FromFormat("%U failed: %s", what,
                                    cause[0] ? cause : hint->cause);
    }
    return PyUnicode_FromFormat("%U failed: %s%s", what, reason, general_advice(which));
}

/* The class of an error's class, borrowed; NULL with an exception. */
static PyObject *
class_of(struct tb_state *state, enum tb_error_class which,
         const struct tb_failure *failure)
{
    if (which == TB_ERROR && failure->is_outside) {
        return tb_error_class_outside(state, -failure->err);
    }
    return state->errors[which];
}

/* Steals what, which may be NULL with an exception set. libbpf guesses at the limit of
 * locked memory whenever root is refused (pr_perm_msg); a hint knows better. */
static void *
raise_libbpf_steal(struct tb_state *state, const struct tb_failure *failure,
                   PyObject *what)
{
    enum tb_error_class which = classify(failure);
    PyObject *head = NULL, *tail = NULL, *msg = NULL;

    if (what != NULL) {
        head = compose(which, failure, what);
    }
    if (head != NULL && failure->log != NULL && !tb_log_is_empty(failure->log)) {
        tail = tb_log_tail(failure->log, TAIL_LINES,
                           failure->hint ? "try raising 'ulimit -l'" : NULL);
        if (tail != NULL) {
            msg = PyUnicode_FromFormat("%U\nlibbpf output:\n%U", head, tail);
        }
    }
    else {
        msg = head;
        head = NULL;
    }
    Py_XDECREF(what);
    Py_XDECREF(head);
    Py_XDECREF(tail);
    return raise_steal(msg ? class_of(state, which, failure) : NULL, -failure->err, msg,
                       failure->log);
}

void *
tb_error_libbpf(struct tb_state *state, int err, const struct tb_log *log,
                const char *format, ...)
{
    struct tb_failure failure = {.err = err, .log = log};
    PyObject *what;
    va_list args;

    va_start(args, format);
    what = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return raise_libbpf_steal(state, &failure, what);
}

void *
tb_error_refused(struct tb_state *state, const struct tb_failure *failure,
                 const char *format, ...)
{
    PyObject *what;
    va_list args;

    va_start(args, format);
    what = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return raise_libbpf_steal(state, failure, what);
}

/* For tests of log formats that this machine's kernel does not write. */
static PyObject *
module_explain(PyObject *module, PyObject *log)
{
    char text[2048] = "";
    const char *all = PyUnicode_AsUTF8AndSize(log, NULL);

    (void)module;
    if (all == NULL) {
        return NULL;
    }
    if (tb_verifier_explain(all, text, sizeof(text)) < 0) {
        text[0] = '\0';
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyMethodDef module_methods[] = {
    {"_explain", module_explain, METH_O,
     "_explain($module, log, /)\n--\n\n"
     "Return the explanation of a verifier's log, as it stands in messages."},
    {"_error", tb_error_class_remake, METH_VARARGS,
     "_error($module, message, errno, libbpf_log, /)\n--\n\n"
     "Make a BpfError anew when it is unpickled."},
    {NULL, NULL, 0, NULL},
};

/* BpfError is made first: the others have it as their base. */
int
tb_error_add(PyObject *module)
{
    struct tb_state *state = tb_state_of_module(module);

    for (int i = 0; i < TB_ERROR_COUNT; i++) {
        const char *name = tb_error_class_name(i);

        state->errors[i] = tb_error_class_make(state, i);
        if (state->errors[i] == NULL) {
            return -1;
        }
        Py_INCREF(state->errors[i]);
        if (PyModule_AddObject(module, name, state->errors[i]) < 0) {
            Py_DECREF(state->errors[i]);
            return -1;
        }
    }
    return PyModule_AddFunctions(module, module_methods);
}
