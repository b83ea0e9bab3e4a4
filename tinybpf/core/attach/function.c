/* SPDX-License-Identifier: MIT
 *
 * Probes on functions of the kernel (attach/function.h).
 */
#include "attach/function.h"

#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"

static struct bpf_link *
to_kprobe(const struct bpf_program *program, struct tb_attach *attach)
{
    LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = attach->target.retprobe);

    return bpf_program__attach_kprobe_opts(program, attach->target.name, &opts);
}

PyObject *
tb_attach_kprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_kprobe",
        .hooks = {"kprobe"},
        .n_needed = 1,
        .n_positional = 2,
        .arguments = {{"func_name", tb_argument_text, TB_TARGET_AT(name)},
                      {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)}},
        .way = {.link = to_kprobe},
        .write = tb_write_name,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_kretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_kretprobe",
        .hooks = {"kprobe"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"func_name", tb_argument_text, TB_TARGET_AT(name)}},
        .retprobe = 1,
        .way = {.link = to_kprobe},
        .write = tb_write_name,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
