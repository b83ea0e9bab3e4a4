/* SPDX-License-Identifier: MIT
 *
 * Interfaces of the network (attach/interface.h).
 */
#include "attach/interface.h"

#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"

static struct bpf_link *
to_xdp(const struct bpf_program *program, struct tb_attach *attach)
{
    return bpf_program__attach_xdp(program, attach->target.ifindex);
}

PyObject *
tb_attach_xdp(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_xdp",
        .hooks = {"xdp"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"interface", tb_argument_interface, TB_TARGET_AT(ifindex)}},
        .way = {.link = to_xdp},
        .write = tb_write_interface,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
