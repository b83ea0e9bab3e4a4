/* SPDX-License-Identifier: MIT
 *
 * Settings of programs: a row of a table each, libbpf's getter and setter and the range
 * between them. A refused one leaves the program as it was.
 */
#include "program/setting.h"

#include "base/args.h"
#include "base/enums.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct setting {
    const char *name;
    uint64_t max;
    uint64_t (*get)(const struct bpf_program *program);
    int (*set)(struct bpf_program *program, uint64_t value);
};

/* libbpf's functions differ in the types of their numbers. */
static uint64_t
get_type(const struct bpf_program *program)
{
    return bpf_program__type(program);
}

static int
set_type(struct bpf_program *program, uint64_t value)
{
    return bpf_program__set_type(program, (enum bpf_prog_type)value);
}

static uint64_t
get_attach_type(const struct bpf_program *program)
{
    return bpf_program__expected_attach_type(program);
}

static int
set_attach_type(struct bpf_program *program, uint64_t value)
{
    return bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)value);
}

static uint64_t
get_flags(const struct bpf_program *program)
{
    return bpf_program__flags(program);
}

static int
set_flags(struct bpf_program *program, uint64_t value)
{
    return bpf_program__set_flags(program, (uint32_t)value);
}

static uint64_t
get_log_level(const struct bpf_program *program)
{
    return bpf_program__log_level(program);
}

static int
set_log_level(struct bpf_program *program, uint64_t value)
{
    return bpf_program__set_log_level(program, (uint32_t)value);
}

static uint64_t
get_autoload(const struct bpf_program *program)
{
    return bpf_program__autoload(program);
}

static int
set_autoload(struct bpf_program *program, uint64_t value)
{
    return bpf_program__set_autoload(program, value != 0);
}

static uint64_t
get_autoattach(const struct bpf_program *program)
{
    return bpf_program__autoattach(program);
}

static int
set_autoattach(struct bpf_program *program, uint64_t value)
{
    bpf_program__set_autoattach(program, value != 0);
    return 0;
}

static const struct setting rows[TB_PROGRAM_SETTING_COUNT] = {
    [TB_PROGRAM_TYPE] = {"type", INT32_MAX, get_type, set_type},
    [TB_PROGRAM_EXPECTED_ATTACH_TYPE] = {"expected_attach_type", INT32_MAX,
                                         get_attach_type, set_attach_type},
    [TB_PROGRAM_FLAGS] = {"flags", UINT32_MAX, get_flags, set_flags},
    [TB_PROGRAM_LOG_LEVEL] = {"log_level", UINT32_MAX, get_log_level, set_log_level},
    [TB_PROGRAM_AUTOLOAD] = {"autoload", 1, get_autoload, set_autoload},
    [TB_PROGRAM_AUTOATTACH] = {"autoattach", 1, get_autoattach, set_autoattach},
};

/* libbpf's program where it can be changed; NULL with an exception. Python code may
 * close the object: what is converted is converted before this is asked. */
static struct bpf_program *
changeable(BpfProgram *self, const char *name)
{
    struct bpf_program *handle = tb_program_handle(self);

    if (handle == NULL || self->object->phase == TB_OPENED) {
        return handle;
    }
    return tb_error_raise(tb_state_of(self), TB_ERROR, EBUSY,
                          "program %R is loaded: set its '%s' between tinybpf.open() "
                          "and load()",
                          self->name, name);
}

PyObject *
tb_program_setting_get(PyObject *op, void *closure)
{
    enum tb_program_setting which = (enum tb_program_setting)(uintptr_t)closure;
    BpfProgram *self = (BpfProgram *)op;
    struct bpf_program *handle;
    uint64_t number = self->type;

    if (which != TB_PROGRAM_TYPE || !tb_program_is_standalone(self)) {
        handle = tb_program_handle(self);
        if (handle == NULL) {
            return NULL;
        }
        number = rows[which].get(handle);
    }
    switch (which) {
    case TB_PROGRAM_TYPE:
        return tb_enums_member(tb_state_of(self), TB_ENUM_PROG_TYPE, (long)number);
    case TB_PROGRAM_EXPECTED_ATTACH_TYPE:
        return tb_enums_member(tb_state_of(self), TB_ENUM_ATTACH_TYPE, (long)number);
    default:
        return rows[which].max == 1 ? PyBool_FromLong((long)number)
                                    : PyLong_FromUnsignedLongLong(number);
    }
}

int
tb_program_setting_set(PyObject *op, PyObject *value, void *closure)
{
    enum tb_program_setting which = (enum tb_program_setting)(uintptr_t)closure;
    const struct setting *row = &rows[which];
    BpfProgram *self = (BpfProgram *)op;
    struct bpf_program *handle;
    uint64_t number;
    int err;

    if (value == NULL) {
        PyErr_Format(PyExc_TypeError, "'%s' cannot be deleted", row->name);
        return -1;
    }
    if (changeable(self, row->name) == NULL || /* whatever the value is */
        tb_args_number(value, row->name, row->max, &number) < 0) {
        return -1;
    }
    handle = changeable(self, row->name);
    if (handle == NULL) {
        return -1;
    }
    err = row->set(handle, number);
    if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "set of '%s' of program %R",
                        row->name, self->name);
    }
    return err < 0 ? -1 : 0;
}

/* A copy of the descriptor of the program to attach to: of a BpfProgram, or an int;
 * None: 0, the kernel. -1 with an exception. libbpf keeps the number until it loads. */
static int
copy_target(BpfProgram *self, PyObject *target)
{
    uint64_t number;
    int fd;

    if (target == NULL || target == Py_None) {
        return 0;
    }
    if (Py_TYPE(target) == Py_TYPE(self)) {
        fd = tb_program_fd((BpfProgram *)target);
        if (fd < 0) {
            return -1;
        }
        number = (uint64_t)fd;
    }
    else if (!PyLong_Check(target)) {
        PyErr_Format(PyExc_TypeError,
                     "a program to attach to is a BpfProgram or a descriptor, not %R",
                     Py_TYPE(target));
        return -1;
    }
    else if (tb_args_number(target, "the descriptor", INT32_MAX, &number) < 0) {
        return -1;
    }
    fd = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        tb_error_libbpf(tb_state_of(self), -errno, NULL,
                        "set_attach_target() of program %R to %R", self->name, target);
    }
    return fd;
}

/* Keep the copy for as long as libbpf has its number; the one before is closed. */
static void
keep_target(BpfProgram *self, int fd)
{
    struct tb_member *member = &self->object->programs.items[self->index];

    tb_object_drop_lent(member);
    member->lent_fd = fd;
}

/* Looking a function up in the kernel's BTF takes milliseconds: without the GIL, and
 * busy meanwhile. */
PyObject *
tb_program_set_attach_target(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"func", "program", NULL};
    BpfProgram *self = (BpfProgram *)op;
    struct bpf_program *handle;
    PyObject *target = NULL;
    const char *func = NULL;
    struct tb_log log;
    int fd, err;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "z|O:set_attach_target",
                                     (char **)names, &func, &target)) {
        return NULL;
    }
    fd = copy_target(self, target);
    handle = fd < 0 ? NULL : changeable(self, "attach target");
    if (handle == NULL || tb_object_acquire(self->object) == NULL) {
        if (fd > 0) {
            close(fd);
        }
        return NULL;
    }
    self->object->phase = TB_BUSY;
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    err = bpf_program__set_attach_target(handle, fd, func);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    self->object->phase = TB_OPENED;
    if (err < 0) {
        struct tb_hint hint = {.lacking = 0};
        struct tb_failure failure = {.err = err, .log = &log, .hint = &hint};

        tb_hint_of_target(handle, fd > 0 ? NULL : func, &hint);
        tb_error_refused(tb_state_of(self), &failure,
                         "attach target '%s' of program %R", func ? func : "",
                         self->name);
        if (fd > 0) {
            close(fd);
        }
    }
    else {
        keep_target(self, fd);
    }
    tb_log_free(&log);
    tb_object_release(self->object);
    return err < 0 ? NULL : tb_new_ref(Py_None);
}

PyObject *
tb_program_set_ifindex(PyObject *op, PyObject *value)
{
    BpfProgram *self = (BpfProgram *)op;
    struct bpf_program *handle;
    uint64_t index;

    if (tb_args_number(value, "ifindex", INT32_MAX, &index) < 0) {
        return NULL;
    }
    handle = changeable(self, "ifindex");
    if (handle == NULL) {
        return NULL;
    }
    bpf_program__set_ifindex(handle, (uint32_t)index);
    Py_RETURN_NONE;
}
