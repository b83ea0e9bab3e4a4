/* SPDX-License-Identifier: MIT
 *
 * Sockets (attach/socket.h). A program on a socket does not keep it open: who closes
 * the socket has ended the attachment, too. So its end looks whether the descriptor is
 * still of the same socket, and whether a program is there; which one the kernel does
 * not tell (sk_get_filter, net/core/filter.c).
 */
#include "attach/socket.h"

#include "attach/legacy.h"
#include "attach/method.h"
#include "base/libbpf.h"
#include "owner/attachment.h"
#include "owner/map.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asm/socket.h>

/* What a program is asked with. */
struct on_socket {
    struct tb_attach attach;
    int number; /* the descriptor that the program has of the socket */
    ino_t inode;
};

struct socket_attachment {
    struct tb_attachment base;
    int number; /* borrowed from whose the socket is */
    ino_t inode;
    int option; /* that takes the program away */
};

/* The number of the socket that a descriptor is of; 0: it is of none. */
static ino_t
socket_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

/* Whether a filter of eBPF is there, of which the kernel shows no code. */
static int
has_filter(int fd)
{
    socklen_t n = 0;

    return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &n) < 0 && errno == EACCES;
}

static int
end(struct tb_attachment *base, int is_kept)
{
    struct socket_attachment *self = (struct socket_attachment *)base;
    int unused = 0, err = 0;

    if (!is_kept && socket_of(self->number) == self->inode &&
        (self->option != SO_DETACH_BPF || has_filter(self->number)) &&
        setsockopt(self->number, SOL_SOCKET, self->option, &unused, sizeof(unused)) <
            0 &&
        errno != ENOENT) {
        err = -errno;
    }
    free(self);
    return err;
}

/* Set an option of the socket to the program; another one takes it away. */
static struct tb_attachment *
set_option(const struct bpf_program *program, const struct tb_attach *attach,
           int option, int opposite)
{
    const struct on_socket *wanted = (const struct on_socket *)attach;
    struct socket_attachment *self = calloc(1, sizeof(*self));
    int prog_fd = bpf_program__fd(program);

    if (self == NULL) {
        return NULL;
    }
    self->base.end = end;
    self->base.fd = -1;
    self->base.why = "setsockopt(2) attached it, and the kernel has no link of it";
    self->number = wanted->number;
    self->inode = wanted->inode;
    self->option = opposite;
    if (setsockopt(attach->target.fd, SOL_SOCKET, option, &prog_fd, sizeof(prog_fd)) <
        0) {
        int err = errno;

        free(self);
        errno = err;
        return NULL;
    }
    return &self->base;
}

static struct tb_attachment *
to_socket(const struct bpf_program *program, struct tb_attach *attach)
{
    return set_option(program, attach, SO_ATTACH_BPF, SO_DETACH_BPF);
}

static struct tb_attachment *
to_group(const struct bpf_program *program, struct tb_attach *attach)
{
    return set_option(program, attach, SO_ATTACH_REUSEPORT_EBPF,
                      SO_DETACH_REUSEPORT_BPF);
}

/* Links of maps of sockets are in Linux since 6.10; an older kernel says EINVAL. */
static struct tb_attachment *
to_map(const struct bpf_program *program, struct tb_attach *attach)
{
    enum bpf_attach_type type = bpf_program__expected_attach_type(program);
    struct tb_attachment *attachment = tb_attachment_of_link_steal(
        bpf_link_create(bpf_program__fd(program), attach->target.fd, type, NULL));

    if (attachment == NULL && errno == EINVAL) {
        attachment = tb_legacy_attach(program, attach->target.fd, type, NULL);
    }
    return attachment;
}

/* A Python socket, or a descriptor of one. */
static int
take_socket(const struct tb_argument *argument)
{
    struct on_socket *wanted = (struct on_socket *)argument->attach;

    wanted->number = PyObject_AsFileDescriptor(argument->value);
    if (wanted->number < 0) {
        return -1;
    }
    wanted->inode = socket_of(wanted->number);
    if (wanted->inode == 0) {
        PyErr_Format(PyExc_ValueError, "%s: descriptor %d is of no socket",
                     argument->name, wanted->number);
        return -1;
    }
    return tb_argument_fd(argument);
}

/* A BpfMap, or a descriptor of a map. */
static int
take_map(const struct tb_argument *argument)
{
    PyObject *number = NULL;
    struct tb_argument inner = *argument;
    int fd, rc;

    if (Py_TYPE(argument->value) !=
        tb_state_of(argument->program)->types[TB_TYPE_MAP]) {
        return tb_argument_fd(argument);
    }
    fd = tb_map_fd((BpfMap *)argument->value);
    if (fd >= 0) {
        number = PyLong_FromLong(fd);
    }
    inner.value = number;
    rc = number ? tb_argument_fd(&inner) : -1;
    Py_XDECREF(number);
    return rc;
}

/* socket:fd=5, sk_msg:fd=7 */
static PyObject *
write_fd(BpfProgram *program, const struct tb_attach *attach)
{
    const struct on_socket *wanted = (const struct on_socket *)attach;

    (void)program;
    return PyUnicode_FromFormat("%s:fd=%d", attach->target.hook->name,
                                wanted->inode ? wanted->number : attach->target.fd);
}

PyObject *
tb_attach_sockmap(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_sockmap",
        .hooks = {"sk_skb", "sk_msg"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"map", take_map, TB_TARGET_AT(fd)}},
        .size = sizeof(struct on_socket),
        .way = {.attachment = to_map},
        .write = write_fd,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_socket_filter(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_socket_filter",
        .hooks = {"socket"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"sock", take_socket, TB_TARGET_AT(fd)}},
        .size = sizeof(struct on_socket),
        .way = {.attachment = to_socket},
        .write = write_fd,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_reuseport(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_reuseport",
        .hooks = {"sk_reuseport", "socket"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"sock", take_socket, TB_TARGET_AT(fd)}},
        .size = sizeof(struct on_socket),
        .way = {.attachment = to_group},
        .write = write_fd,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
