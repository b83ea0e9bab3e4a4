/* SPDX-License-Identifier: MIT
 *
 * Probes in executables and libraries (attach/binary.h).
 */
#include "attach/binary.h"

#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"

static struct bpf_link *
to_uprobe(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = target->retprobe,
                .func_name = target->name);

    return bpf_program__attach_uprobe_opts(program, target->pid, target->path,
                                           target->offset, &opts);
}

PyObject *
tb_attach_uprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_uprobe",
        .hooks = {"uprobe"},
        .n_needed = 1,
        .n_positional = 5,
        .arguments = {{"binary_path", tb_argument_path, TB_TARGET_AT(path)},
                      {"offset", tb_argument_size, TB_TARGET_AT(offset)},
                      {"pid", tb_argument_int, TB_TARGET_AT(pid)},
                      {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)},
                      {"func_name", tb_argument_text, TB_TARGET_AT(name)}},
        .way = {.link = to_uprobe},
        .write = tb_write_binary,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_uretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_uretprobe",
        .hooks = {"uprobe"},
        .n_needed = 1,
        .n_positional = 4,
        .arguments = {{"binary_path", tb_argument_path, TB_TARGET_AT(path)},
                      {"offset", tb_argument_size, TB_TARGET_AT(offset)},
                      {"pid", tb_argument_int, TB_TARGET_AT(pid)},
                      {"func_name", tb_argument_text, TB_TARGET_AT(name)}},
        .retprobe = 1,
        .way = {.link = to_uprobe},
        .write = tb_write_binary,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
