/* SPDX-License-Identifier: MIT
 *
 * Opening of programs that exist (program/open.h).
 */
#include "program/open.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/open.h"
#include "error/raise.h"
#include "host/fd.h"
#include "host/hint.h"
#include "owner/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The name of the program's function into size bytes, left alone where it is not known:
 * the first of its functions, by their BTF. */
static void
read_name_nogil(int fd, const struct bpf_prog_info *brief, char *name, size_t size)
{
    struct bpf_func_info function = {0};
    struct bpf_prog_info info = {0};
    uint32_t info_size = sizeof(info);
    const struct btf_type *type;
    struct btf *btf = NULL;
    char problem[160];
    int err;

    info.nr_func_info = 1;
    info.func_info_rec_size = sizeof(function);
    info.func_info = (uintptr_t)&function;
    if (brief->btf_id == 0 || brief->nr_func_info == 0 ||
        bpf_prog_get_info_by_fd(fd, &info, &info_size) < 0) {
        return;
    }
    btf = tb_btf_open_loaded_nogil(brief->btf_id, &err, problem);
    type = btf ? btf__type_by_id(btf, function.type_id) : NULL;
    if (type != NULL && btf_is_func(type)) {
        const char *full = btf__name_by_offset(btf, type->name_off);

        if (full != NULL && strncmp(full, brief->name, strlen(brief->name)) == 0) {
            snprintf(name, size, "%s", full);
        }
    }
    btf__free(btf);
}

/* The whole name of a program into size bytes; the GIL is held. */
static void
find_name(int fd, const struct bpf_prog_info *info, char *name, size_t size)
{
    snprintf(name, size, "%s", info->name);
    if (strlen(info->name) == sizeof(info->name) - 1) {
        Py_BEGIN_ALLOW_THREADS
        read_name_nogil(fd, info, name, size);
        Py_END_ALLOW_THREADS
    }
}

PyObject *
tb_program_wrap_steal(struct tb_state *state, int fd, const struct bpf_prog_info *info)
{
    char name[512];

    find_name(fd, info, name, sizeof(name));
    return tb_program_new_steal(state, fd, info->type, name);
}

PyObject *
tb_program_find(struct tb_state *state, uint32_t id, PyObject *scan)
{
    struct bpf_prog_info info = {0};
    uint32_t size = sizeof(info);
    int fd = bpf_prog_get_fd_by_id(id), err = fd;
    BpfProgram *program;
    char name[512];

    if (fd >= 0) {
        err = bpf_prog_get_info_by_fd(fd, &info, &size);
        if (err == 0) {
            find_name(fd, &info, name, sizeof(name));
        }
        close(fd);
    }
    if (err < 0) {
        return err == -ENOENT ? NULL
                              : tb_found_refused(state, TB_FOUND_PROGRAM, id, err);
    }
    program = (BpfProgram *)tb_program_new_steal(state, -1, info.type, name);
    if (program != NULL) {
        program->found = (struct tb_found){.id = id,
                                           .kind = TB_FOUND_PROGRAM,
                                           .identity = tb_found_program_identity(&info),
                                           .is_quiet = 1,
                                           .scan = tb_new_ref(scan)};
    }
    return (PyObject *)program;
}

PyObject *
tb_program_from_id(PyObject *cls, PyObject *number)
{
    struct tb_state *state = tb_state_of_class(cls);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint, .is_outside = 1};
    struct bpf_prog_info info;
    uint64_t id;
    int fd;

    if (tb_args_number(number, "id", UINT32_MAX, &id) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = bpf_prog_get_fd_by_id((uint32_t)id);
    failure.err = fd < 0 ? fd : tb_fd_program_info_nogil(fd, &info);
    Py_END_ALLOW_THREADS
    if (failure.err == 0) {
        return tb_program_wrap_steal(state, fd, &info);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (failure.err == -ENOENT) {
        snprintf(hint.cause, sizeof(hint.cause), "there is no program %u",
                 (unsigned int)id);
    }
    tb_hint_of_admin("opening", "a program by its id", &hint);
    return tb_error_refused(state, &failure, "open of program %u", (unsigned int)id);
}

PyObject *
tb_program_from_fd(PyObject *cls, PyObject *number)
{
    struct tb_state *state = tb_state_of_class(cls);
    struct tb_failure failure = {.is_outside = 1};
    struct bpf_prog_info info;
    long given = tb_args_descriptor(number);
    int fd;

    if (given < 0) {
        return NULL;
    }
    fd = fcntl((int)given, F_DUPFD_CLOEXEC, 3);
    failure.err = fd < 0 ? -errno : tb_fd_program_info_nogil(fd, &info);
    if (failure.err == 0) {
        return tb_program_wrap_steal(state, fd, &info);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (fd >= 0 && failure.err == -EBADF) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "open of descriptor %ld failed: it is not a program",
                              given);
    }
    return tb_error_refused(state, &failure, "open of descriptor %ld", given);
}
