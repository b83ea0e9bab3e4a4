/* SPDX-License-Identifier: MIT
 *
 * Network namespaces (attach/netns.h): sk_lookup and flow_dissector.
 */
#include "attach/netns.h"

#include "attach/method.h"
#include "base/libbpf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define THIS_NAMESPACE "/proc/thread-self/ns/net"

/* A path is opened for the call only; the link ends with the namespace. */
static struct bpf_link *
to_netns(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    struct bpf_link *link;
    int fd = target->fd, err;

    if (target->path != NULL) {
        fd = open(target->path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) {
        return NULL;
    }
    link = bpf_program__attach_netns(program, fd);
    err = errno;
    if (target->path != NULL) {
        close(fd);
    }
    errno = err;
    return link;
}

static int
prepare(BpfProgram *program, struct tb_attach *attach)
{
    (void)program;
    if (attach->target.path == NULL && attach->target.fd < 0) {
        attach->target.path = THIS_NAMESPACE;
    }
    return 0;
}

/* sk_lookup:/run/netns/blue, sk_lookup:this network namespace */
static PyObject *
write_netns(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    const char *place = target->path ? target->path : "fd";

    (void)program;
    if (target->path != NULL && strcmp(target->path, THIS_NAMESPACE) == 0) {
        place = "this network namespace";
    }
    return PyUnicode_FromFormat("%s:%s", target->hook->name, place);
}

PyObject *
tb_attach_netns(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_netns",
        .hooks = {"sk_lookup", "flow_dissector"},
        .n_positional = 1,
        .arguments = {{"netns", tb_argument_cgroup, TB_TARGET_AT(path)}},
        .prepare = prepare,
        .way = {.link = to_netns},
        .write = write_netns,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
