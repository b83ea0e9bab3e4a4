/* SPDX-License-Identifier: MIT
 *
 * drop_privileges(): host/drop.h for a program that has done what took privileges.
 *
 * Linux keeps capabilities by thread, so there must be one thread only. Whether what
 * is open goes on working is asked of the kernel, not of its version: before Linux
 * 5.19, and where unprivileged BPF is off, bpf(2) refuses even look-ups in maps that
 * are open (__sys_bpf in kernel/bpf/syscall.c; commit c8644cd0efe7 changed it).
 */
#include "system/privileges.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "base/state.h"
#include "error/raise.h"
#include "host/capability.h"
#include "host/drop.h"
#include "host/user.h"

#include <linux/capability.h>

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEXT = 512, MS = 1000000, PATIENCE_MS = 100 };

static const uint64_t bpf = (uint64_t)1 << CAP_BPF;
static const uint64_t admin = (uint64_t)1 << CAP_SYS_ADMIN;
static const uint64_t setpcap = (uint64_t)1 << CAP_SETPCAP;

/* A str as C has it; NULL with ValueError for one that has a NUL in it. */
static const char *
text_of(PyObject *str)
{
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(str, &n);

    if (text != NULL && strlen(text) != (size_t)n) {
        PyErr_Format(PyExc_ValueError, "%R has a NUL in it", str);
        return NULL;
    }
    return text;
}

/* Raise a text of C's, with what comes before it: always NULL. */
static void *
raise_text(PyObject *class, const char *before, const char *text)
{
    PyObject *words = tb_args_text(text);

    if (words != NULL) {
        PyErr_Format(class, "%s%U", before, words);
        Py_DECREF(words);
    }
    return NULL;
}

/* The bit of one name; 0 with an exception. */
static uint64_t
read_name(PyObject *name)
{
    char text[TEXT];
    const char *word;
    uint64_t cap;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "keep: the name of a capability is a str, not %R",
                     name);
        return 0;
    }
    word = text_of(name);
    cap = word != NULL ? tb_capability_find(word, text, sizeof(text)) : 0;
    if (word != NULL && cap == 0) {
        raise_text(PyExc_ValueError, "keep: ", text);
    }
    return cap;
}

/* The capabilities to keep; 0, or -1 with an exception. */
static int
read_keep(PyObject *keep, uint64_t *out_caps)
{
    PyObject *iterator, *name;

    *out_caps = 0;
    if (keep == NULL) {
        return 0;
    }
    if (PyUnicode_Check(keep)) {
        PyErr_SetString(PyExc_TypeError,
                        "keep: give names, as in keep=(\"bpf\", \"perfmon\")");
        return -1;
    }
    iterator = PyObject_GetIter(keep);
    while (iterator != NULL && (name = PyIter_Next(iterator)) != NULL) {
        uint64_t cap = read_name(name);

        Py_DECREF(name);
        if (cap == 0) {
            break;
        }
        *out_caps |= cap;
    }
    Py_XDECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

/* Find the user that is named or numbered, and his groups; 0, or -1 with an exception.
 */
static int
read_user(PyObject *user, struct tb_user *out_user)
{
    PyObject *spec = PyUnicode_Check(user)                       ? tb_new_ref(user)
                     : PyLong_Check(user) && !PyBool_Check(user) ? PyObject_Str(user)
                                                                 : NULL;
    const char *text = spec != NULL ? text_of(spec) : NULL;
    char why[TEXT];
    int err = -EINVAL;

    if (text != NULL) {
        Py_BEGIN_ALLOW_THREADS
        err = tb_user_find_nogil(text, out_user, why, sizeof(why));
        Py_END_ALLOW_THREADS
    }
    Py_XDECREF(spec);
    if (spec == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "user: a name or a number, not %R", user);
    }
    else if (text != NULL && err == -ENOMEM) {
        PyErr_NoMemory();
    }
    else if (text != NULL && err != 0) {
        raise_text(err == -ENOENT || err == -EINVAL ? PyExc_ValueError : PyExc_OSError,
                   "user: ", why);
    }
    return err == 0 ? 0 : -1;
}

/* How many threads this process has; 0 if /proc is not there. */
static int
count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    const struct dirent *entry;
    int n = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        n += entry->d_name[0] != '.';
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return n;
}

/* Whether this thread is the only one: 1, 0, or -1 if nobody can say. To unshare the
 * signal handlers changes nothing for a single thread and is refused to any other
 * (check_unshare_flags in kernel/fork.c); some seccomp filters refuse it to all. */
static int
is_alone_nogil(void)
{
    int n;

    if (unshare(CLONE_SIGHAND) == 0) {
        return 1;
    }
    if (errno == EINVAL) {
        return 0;
    }
    n = count_threads();
    return n == 0 ? -1 : n == 1;
}

/* The same, with patience for threads that are about to end: until Python 3.13 join()
 * returns a moment before the thread is gone. */
static int
becomes_alone_nogil(void)
{
    static const struct timespec moment = {0, MS};
    int alone = is_alone_nogil();

    for (int i = 0; alone == 0 && i < PATIENCE_MS; i++) {
        nanosleep(&moment, NULL);
        alone = is_alone_nogil();
    }
    return alone;
}

/* Refuse to go on beside other threads; 0, or -1 with RuntimeError. */
static int
check_alone(void)
{
    int alone, n;

    Py_BEGIN_ALLOW_THREADS
    alone = becomes_alone_nogil();
    Py_END_ALLOW_THREADS
    if (alone == 1) {
        return 0;
    }
    n = count_threads();
    if (alone < 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "whether this process has other threads cannot be found out: "
                        "mount /proc, or allow unshare(2) in its seccomp filter");
    }
    else if (n > 1) {
        PyErr_Format(PyExc_RuntimeError,
                     "%d other threads would keep the privileges: call "
                     "drop_privileges() before they are started, or behind their end",
                     n - 1);
    }
    else {
        PyErr_SetString(PyExc_RuntimeError,
                        "other threads would keep the privileges: call "
                        "drop_privileges() before they are started, or behind their "
                        "end");
    }
    return -1;
}

/* Which capability bpf(2) asks for on what is open, tried out without it for a moment;
 * 0: none, or none that this process has. A descriptor that is none is EBADF to those
 * who may ask. */
static uint64_t
needed_nogil(void)
{
    struct tb_capability_sets sets, less;
    int err;

    if (tb_capability_get(&sets) < 0) {
        return 0;
    }
    less = sets;
    less.effective = sets.permitted & ~(bpf | admin);
    if (less.permitted == less.effective || tb_capability_set(&less) < 0) {
        return 0;
    }
    err = bpf_map_lookup_elem(-1, NULL, NULL);
    (void)tb_capability_set(&sets);
    return err != -EPERM ? 0 : sets.permitted & bpf ? bpf : admin;
}

/* Keep what open maps need on this kernel, and warn of it; 0, or -1 where the warning
 * is an exception. */
static int
keep_working(uint64_t *keep)
{
    uint64_t needed = *keep & (bpf | admin) ? 0 : needed_nogil();

    if (needed == 0) {
        return 0;
    }
    *keep |= needed;
    return PyErr_WarnFormat(
        PyExc_RuntimeWarning, 1,
        "drop_privileges() keeps CAP_%s: before Linux 5.19, and with "
        "kernel.unprivileged_bpf_disabled set, maps that are open cannot be read "
        "without it",
        needed == bpf ? "BPF" : "SYS_ADMIN");
}

/* Do it; 0, or -1 with an exception. */
static int
drop(struct tb_state *state, struct tb_drop *how)
{
    struct tb_capability_sets sets = {0};
    char text[TEXT];

    /* Who is not known to lack it is asked for all, and refused if he does. */
    how->is_whole = tb_capability_get(&sets) < 0 || (sets.permitted & setpcap) != 0;
    if (tb_drop_check(how, text, sizeof(text)) < 0) {
        tb_error_raise(state, TB_ERROR_PERMISSION, EPERM,
                       "drop_privileges() did nothing: %s", text);
        return -1;
    }
    if (keep_working(&how->keep) < 0) {
        return -1;
    }
    if (tb_drop_now(how, text, sizeof(text)) < 0) {
        tb_error_raise(state, TB_ERROR_PERMISSION, EPERM,
                       "drop_privileges() stopped half-way: %s\n  end this process: "
                       "some of its privileges are gone, and others are not",
                       text);
        return -1;
    }
    return 0;
}

PyObject *
tb_privileges_drop(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"keep", "user", NULL};
    struct tb_state *state = tb_state_of_module(module);
    PyObject *keep = NULL, *user = Py_None;
    struct tb_user who = {0};
    struct tb_drop how = {0};
    int rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:drop_privileges",
                                     (char **)names, &keep, &user) ||
        read_keep(keep, &how.keep) < 0 ||
        (user != Py_None && read_user(user, &who) < 0)) {
        return NULL;
    }
    how.user = user != Py_None ? &who : NULL;
    rc = check_alone() < 0 ? -1 : drop(state, &how);
    tb_user_clear(&who);
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
