/* SPDX-License-Identifier: MIT
 *
 * Cgroups (attach/cgroup.h).
 */
#include "attach/cgroup.h"

#include "attach/method.h"
#include "base/libbpf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A path is opened for the call only; the link holds the cgroup. */
static struct bpf_link *
to_cgroup(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    struct bpf_link *link;
    int fd = target->fd, err;

    if (target->path != NULL) {
        fd = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0) {
        return NULL;
    }
    link = bpf_program__attach_cgroup(program, fd);
    err = errno;
    if (target->path != NULL) {
        close(fd);
    }
    errno = err;
    return link;
}

/* cgroup:/sys/fs/cgroup/user.slice, cgroup:fd */
static PyObject *
write_cgroup(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;

    (void)program;
    return PyUnicode_FromFormat("%s:%s", target->hook->name,
                                target->path ? target->path : "fd");
}

PyObject *
tb_attach_cgroup(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_cgroup",
        .hooks = {"cgroup"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"cgroup", tb_argument_cgroup, TB_TARGET_AT(path)}},
        .way = {.link = to_cgroup},
        .write = write_cgroup,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
