/* SPDX-License-Identifier: MIT
 *
 * Finds executables and libraries for who attaches to them (attach/file.h).
 */
#include "attach/file.h"

#include "base/args.h"
#include "error/raise.h"
#include "host/binary.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Raise for a process that has mapped no such file. */
static void
raise_unmapped(BpfProgram *program, const struct tb_target *target)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = -ENOENT, .hint = &hint, .is_outside = 1};

    snprintf(hint.cause, sizeof(hint.cause),
             "process %d has mapped no '%s', and no library of that name\n  "
             "/proc/%d/maps lists what it has; give a path for what it will load",
             target->pid, target->path, target->pid);
    tb_error_refused(tb_state_of(program), &failure, "attach of program %R",
                     program->name);
}

int
tb_attach_find_file(BpfProgram *program, struct tb_attach *attach)
{
    struct tb_target *target = &attach->target;
    struct tb_binary found = {.n = 0};
    int err = -ESRCH;
    PyObject *path;

    if (strchr(target->path, '/') != NULL) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    if (target->pid >= 0) {
        err = tb_binary_find_mapped(target->path, target->pid, &found);
    }
    if (found.n == 0 && target->pid <= 0) {
        tb_binary_find(target->path, &found);
    }
    Py_END_ALLOW_THREADS
    if (found.n > 1) {
        PyErr_Format(PyExc_ValueError, "'%s' may be several files: %s; give one's path",
                     target->path, found.list);
        return -1;
    }
    if (found.n == 0 && target->pid > 0 && err == 0) {
        raise_unmapped(program, target);
        return -1;
    }
    if (found.n == 0) {
        return 0;
    }
    path = PyBytes_FromString(found.path);
    target->path = path ? PyBytes_AsString(path) : NULL;
    return tb_args_append_steal(attach->kept, path);
}
