/* SPDX-License-Identifier: MIT
 *
 * Opening of links that exist (attach/link_open.h). libbpf opens them by path alone,
 * so what is kept is the descriptor.
 */
#include "attach/link_open.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "host/hint.h"
#include "owner/link.h"
#include "owner/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is known of a link. */
struct found {
    struct bpf_link_info info;
    char program[64]; /* the name of its program, or its id, which is always known */
};

/* Ask for the name of a link's program. */
static void
look_at_program_nogil(struct found *out)
{
    struct bpf_prog_info program = {0};
    uint32_t size = sizeof(program);
    int program_fd;

    snprintf(out->program, sizeof(out->program), "program %u", out->info.prog_id);
    program_fd = bpf_prog_get_fd_by_id(out->info.prog_id);
    if (program_fd >= 0) {
        if (bpf_prog_get_info_by_fd(program_fd, &program, &size) == 0) {
            snprintf(out->program, sizeof(out->program), "%s", program.name);
        }
        close(program_fd);
    }
}

/* Ask what a descriptor is that must be a link's: 0 or -errno, -EBADF if it is
 * something else. */
static int
look_nogil(int fd, struct found *out)
{
    int err;

    memset(out, 0, sizeof(*out));
    err = tb_fd_link_info_nogil(fd, &out->info);
    if (err == 0) {
        look_at_program_nogil(out);
    }
    return err;
}

/* The same of a link's id. */
static int
look_at_id(uint32_t id, struct found *out)
{
    uint32_t size = sizeof(out->info);
    int fd = bpf_link_get_fd_by_id(id), err;

    if (fd < 0) {
        return fd;
    }
    memset(out, 0, sizeof(*out));
    err = bpf_link_get_info_by_fd(fd, &out->info, &size);
    close(fd);
    if (err == 0) {
        look_at_program_nogil(out);
    }
    return err;
}

PyObject *
tb_link_open_find(struct tb_state *state, uint32_t id, PyObject *scan)
{
    struct found found;
    int err = look_at_id(id, &found);
    const char *kind;
    PyObject *name, *link;

    if (err < 0) {
        return err == -ENOENT ? NULL : tb_found_refused(state, TB_FOUND_LINK, id, err);
    }
    kind = libbpf_bpf_link_type_str((enum bpf_link_type)found.info.type);
    name = tb_args_text(found.program);
    link = name ? tb_link_new_found(state,
                                    &(struct tb_found){
                                        .id = id,
                                        .kind = TB_FOUND_LINK,
                                        .identity = tb_found_link_identity(&found.info),
                                        .is_quiet = 1,
                                        .scan = scan},
                                    name, kind ? kind : "unknown")
                : NULL;
    Py_XDECREF(name);
    return link;
}

/* A stand-alone link; takes the descriptor also when it fails. */
static PyObject *
wrap_steal(struct tb_state *state, int fd, const struct found *found)
{
    const char *kind = libbpf_bpf_link_type_str((enum bpf_link_type)found->info.type);
    PyObject *name = tb_args_text(found->program);
    PyObject *link;

    if (name == NULL) {
        close(fd);
        return NULL;
    }
    link = tb_link_new_standalone_steal(state, fd, name, kind ? kind : "unknown");
    Py_DECREF(name);
    return link;
}

PyObject *
tb_link_open_id(PyObject *cls, PyObject *number)
{
    struct tb_state *state = tb_state_of_class(cls);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint, .is_outside = 1};
    struct found found;
    uint64_t id;
    int fd;

    if (tb_args_number(number, "id", UINT32_MAX, &id) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = bpf_link_get_fd_by_id((uint32_t)id);
    failure.err = fd < 0 ? fd : look_nogil(fd, &found);
    Py_END_ALLOW_THREADS
    if (failure.err == 0) {
        return wrap_steal(state, fd, &found);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (failure.err == -ENOENT) {
        snprintf(hint.cause, sizeof(hint.cause), "there is no link %u",
                 (unsigned int)id);
    }
    tb_hint_of_admin("opening", "a link by its id", &hint);
    return tb_error_refused(state, &failure, "open of link %u", (unsigned int)id);
}

PyObject *
tb_link_open_fd(PyObject *cls, PyObject *number)
{
    struct tb_state *state = tb_state_of_class(cls);
    struct tb_failure failure = {.is_outside = 1};
    struct found found;
    long given = tb_args_descriptor(number);
    int fd;

    if (given < 0) {
        return NULL;
    }
    fd = fcntl((int)given, F_DUPFD_CLOEXEC, 3);
    failure.err = fd < 0 ? -errno : look_nogil(fd, &found);
    if (failure.err == 0) {
        return wrap_steal(state, fd, &found);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (fd >= 0 && failure.err == -EBADF) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "open of descriptor %ld failed: it is not a link", given);
    }
    return tb_error_refused(state, &failure, "open of descriptor %ld", given);
}

/* Open what is pinned: a descriptor, -errno, or -EBADF if it is no link. */
static int
open_nogil(const char *path, struct found *found)
{
    int fd = bpf_obj_get(path);
    int err = fd < 0 ? fd : look_nogil(fd, found);

    if (fd >= 0 && err < 0) {
        close(fd);
    }
    return err < 0 ? err : fd;
}

PyObject *
tb_link_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", NULL};
    struct tb_state *state = tb_state_of_module(module);
    PyObject *path, *link = NULL;
    struct tb_pin_file pin;
    struct found found;
    int fd;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:open_pinned_link", (char **)names,
                                     &path)) {
        return NULL;
    }
    if (tb_pin_file_init(&pin, path, "open of pinned link %R", NULL) < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = open_nogil(pin.path, &found);
    Py_END_ALLOW_THREADS
    if (fd >= 0) {
        link = wrap_steal(state, fd, &found);
        if (link != NULL) {
            ((BpfLink *)link)->pin = tb_new_ref(pin.text);
        }
    }
    else if (fd == -EBADF) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "%U failed: what is pinned there is not a link", pin.what);
    }
    else {
        tb_pin_raise(state, &pin, fd);
    }
done:
    tb_pin_file_free(&pin);
    return link;
}
