/* SPDX-License-Identifier: MIT
 *
 * Devices of lirc (attach/lirc.h), which have no links.
 */
#include "attach/lirc.h"

#include "attach/legacy.h"
#include "attach/method.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The attachment keeps a descriptor of its own. */
static struct tb_attachment *
to_device(const struct bpf_program *program, struct tb_attach *attach)
{
    struct tb_attachment *attachment;
    int fd = open(attach->target.path, O_RDONLY | O_CLOEXEC), err;

    if (fd < 0) {
        return NULL;
    }
    attachment = tb_legacy_attach(program, fd, BPF_LIRC_MODE2, NULL);
    err = errno;
    close(fd);
    errno = err;
    return attachment;
}

/* lirc_mode2:/dev/lirc0 */
static PyObject *
write_device(BpfProgram *program, const struct tb_attach *attach)
{
    (void)program;
    return PyUnicode_FromFormat("%s:%s", attach->target.hook->name,
                                attach->target.path);
}

PyObject *
tb_attach_lirc(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_lirc",
        .hooks = {"lirc_mode2"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"path", tb_argument_path, TB_TARGET_AT(path)}},
        .way = {.attachment = to_device},
        .write = write_device,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
