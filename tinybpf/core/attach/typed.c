/* SPDX-License-Identifier: MIT
 *
 * fentry and its kin, tp_btf, freplace, LSM (attach/typed.h). Where they go is known
 * since the load; a freplace program may also go to another function of the same type.
 */
#include "attach/typed.h"

#include "attach/method.h"
#include "attach/write.h"
#include "base/args.h"
#include "base/libbpf.h"

/* What a freplace program is asked with. */
struct replacement {
    struct tb_attach attach;
    int fd; /* of the program whose function is replaced; 0: as it was loaded */
};

/* libbpf attaches all of them in the same way (bpf_program__attach_btf_id). */
static struct bpf_link *
to_type(const struct bpf_program *program, struct tb_attach *attach)
{
    LIBBPF_OPTS(bpf_trace_opts, opts, .cookie = attach->target.cookie);

    return bpf_program__attach_trace_opts(program, &opts);
}

static struct bpf_link *
to_function(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct replacement *wanted = (const struct replacement *)attach;

    return bpf_program__attach_freplace(program, wanted->fd, attach->target.name);
}

/* A program and a function of it, or neither. */
static int
prepare_replacement(BpfProgram *program, struct tb_attach *attach)
{
    struct replacement *wanted = (struct replacement *)attach;

    (void)program;
    if ((wanted->fd != 0) != (attach->target.name != NULL)) {
        PyErr_SetString(PyExc_TypeError,
                        "attach_freplace() takes a target and func_name, "
                        "or neither");
        return -1;
    }
    return 0;
}

/* fentry:vfs_read; by what the section says, for libbpf does not tell what it found. */
static PyObject *
write_type(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    struct bpf_program *handle = tb_program_handle(program);
    struct tb_target own;
    char kept[512];

    if (handle == NULL) {
        return NULL;
    }
    tb_target_parse(bpf_program__section_name(handle), &own, kept, sizeof(kept));
    if (target->name == NULL && own.name == NULL) {
        return PyUnicode_FromString(target->hook->name);
    }
    return PyUnicode_FromFormat("%s:%s", target->hook->name,
                                target->name ? target->name : own.name);
}

static const struct tb_attach_method trace_method = {
    .name = "attach_trace",
    .hooks = {"fentry", "fexit", "fmod_ret", "fsession", "tp_btf"},
    .arguments = {{"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .way = {.link = to_type},
    .write = write_type,
};

PyObject *
tb_attach_trace(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &trace_method);
}

static const struct tb_attach_method freplace_method = {
    .name = "attach_freplace",
    .hooks = {"freplace"},
    .n_positional = 2,
    .arguments = {{"target", tb_argument_program, offsetof(struct replacement, fd)},
                  {"func_name", tb_argument_text, TB_TARGET_AT(name)}},
    .size = sizeof(struct replacement),
    .prepare = prepare_replacement,
    .way = {.link = to_function},
    .write = write_type,
};

PyObject *
tb_attach_freplace(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &freplace_method);
}

static const struct tb_attach_method lsm_method = {
    .name = "attach_lsm",
    .hooks = {"lsm"},
    .arguments = {{"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .way = {.link = to_type},
    .write = write_type,
};

PyObject *
tb_attach_lsm(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &lsm_method);
}
