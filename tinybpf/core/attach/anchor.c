/* SPDX-License-Identifier: MIT
 *
 * Reads the words for a place among programs (attach/anchor.h).
 */
#include "attach/anchor.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "owner/link.h"

#include <errno.h>
#include <fcntl.h>

/* Keep a duplicate of a descriptor for the call; it, or -1 with an exception. */
static int
duplicate(const struct tb_argument *argument, int fd)
{
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return tb_argument_keep_fd(argument, fd) < 0 ? -1 : fd;
}

static int
is_program(const struct tb_argument *argument)
{
    return Py_TYPE(argument->value) == Py_TYPE(argument->program);
}

static int
is_link(const struct tb_argument *argument)
{
    return Py_TYPE(argument->value) ==
           tb_state_of(argument->program)->types[TB_TYPE_LINK];
}

/* A descriptor of a link, which the kernel must have; -1 with an exception. */
static int
link_of(const struct tb_argument *argument)
{
    int fd = tb_link_duplicate((BpfLink *)argument->value, "named as a neighbour");

    return fd < 0 || tb_argument_keep_fd(argument, fd) < 0 ? -1 : fd;
}

/* A descriptor of a program; -1 with an exception. */
static int
program_of(const struct tb_argument *argument)
{
    int fd = tb_program_fd((BpfProgram *)argument->value);

    return fd < 0 ? -1 : duplicate(argument, fd);
}

/* Take who it is put beside; 0, or -1 with an exception. */
static int
take_neighbour(const struct tb_argument *argument, struct tb_anchor *anchor)
{
    uint64_t id;
    int fd;

    if (is_link(argument) || is_program(argument)) {
        fd = is_link(argument) ? link_of(argument) : program_of(argument);
        anchor->flags |= is_link(argument) ? BPF_F_LINK : 0;
        anchor->fd = (uint32_t)fd;
        return fd < 0 ? -1 : 0;
    }
    if (!PyLong_Check(argument->value) || PyBool_Check(argument->value)) {
        PyErr_Format(
            PyExc_TypeError,
            "%s must be a BpfLink, a BpfProgram or the id of a program, not %R",
            argument->name, Py_TYPE(argument->value));
        return -1;
    }
    if (tb_args_number(argument->value, argument->name, UINT32_MAX, &id) < 0) {
        return -1;
    }
    if (id == 0) {
        PyErr_Format(PyExc_ValueError, "%s: no program has the id 0", argument->name);
        return -1;
    }
    anchor->flags |= BPF_F_ID;
    anchor->id = (uint32_t)id;
    return 0;
}

/* Note the side; ValueError if one is noted already. */
static int
take_side(const struct tb_argument *argument, uint32_t side)
{
    struct tb_anchor *anchor = argument->field;

    if (anchor->flags & (BPF_F_BEFORE | BPF_F_AFTER)) {
        PyErr_SetString(PyExc_ValueError, "give one of before, after and first");
        return -1;
    }
    anchor->flags |= side;
    return 0;
}

int
tb_anchor_before(const struct tb_argument *argument)
{
    return take_side(argument, BPF_F_BEFORE) < 0
               ? -1
               : take_neighbour(argument, argument->field);
}

int
tb_anchor_after(const struct tb_argument *argument)
{
    return take_side(argument, BPF_F_AFTER) < 0
               ? -1
               : take_neighbour(argument, argument->field);
}

/* Before nobody in particular. */
int
tb_anchor_first(const struct tb_argument *argument)
{
    int truth = tb_argument_truth(argument);

    return truth <= 0 ? truth : take_side(argument, BPF_F_BEFORE);
}

int
tb_anchor_revision(const struct tb_argument *argument)
{
    struct tb_anchor *anchor = argument->field;

    return tb_args_number(argument->value, argument->name, UINT64_MAX,
                          &anchor->revision);
}

int
tb_anchor_program(const struct tb_argument *argument)
{
    uint64_t id;
    int fd;

    if (is_program(argument)) {
        fd = program_of(argument);
        *(int *)argument->field = fd;
        return fd < 0 ? -1 : 0;
    }
    if (!PyLong_Check(argument->value) || PyBool_Check(argument->value)) {
        PyErr_Format(PyExc_TypeError,
                     "%s must be a BpfProgram or the id of a program, not %R",
                     argument->name, Py_TYPE(argument->value));
        return -1;
    }
    if (tb_args_number(argument->value, argument->name, UINT32_MAX, &id) < 0) {
        return -1;
    }
    fd = bpf_prog_get_fd_by_id((uint32_t)id);
    if (fd < 0) {
        tb_error_libbpf(tb_state_of(argument->program), -errno, NULL,
                        "open of program %d, which is to be replaced", (int)id);
        return -1;
    }
    *(int *)argument->field = fd;
    return tb_argument_keep_fd(argument, fd);
}
