/* SPDX-License-Identifier: MIT
 *
 * Tracepoints of the kernel (attach/tracepoint.h).
 */
#include "attach/tracepoint.h"

#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"

static struct bpf_link *
to_tracepoint(const struct bpf_program *program, struct tb_attach *attach)
{
    LIBBPF_OPTS(bpf_tracepoint_opts, opts, .bpf_cookie = attach->target.cookie);

    return bpf_program__attach_tracepoint_opts(program, attach->target.category,
                                               attach->target.name, &opts);
}

static struct bpf_link *
to_raw_tracepoint(const struct bpf_program *program, struct tb_attach *attach)
{
    LIBBPF_OPTS(bpf_raw_tracepoint_opts, opts, .cookie = attach->target.cookie);

    return bpf_program__attach_raw_tracepoint_opts(program, attach->target.name, &opts);
}

/* tracepoint:sched/sched_switch */
static PyObject *
write_tracepoint(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;

    (void)program;
    return PyUnicode_FromFormat("%s:%s/%s", target->hook->name, target->category,
                                target->name);
}

static const struct tb_attach_method tracepoint_method = {
    .name = "attach_tracepoint",
    .hooks = {"tracepoint"},
    .n_needed = 2,
    .n_positional = 2,
    .arguments = {{"category", tb_argument_text, TB_TARGET_AT(category)},
                  {"name", tb_argument_text, TB_TARGET_AT(name)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .way = {.link = to_tracepoint},
    .write = write_tracepoint,
};

PyObject *
tb_attach_tracepoint(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &tracepoint_method);
}

static const struct tb_attach_method raw_tracepoint_method = {
    .name = "attach_raw_tracepoint",
    .hooks = {"raw_tracepoint"},
    .n_needed = 1,
    .n_positional = 1,
    .arguments = {{"name", tb_argument_text, TB_TARGET_AT(name)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .way = {.link = to_raw_tracepoint},
    .write = tb_write_name,
};

PyObject *
tb_attach_raw_tracepoint(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &raw_tracepoint_method);
}
