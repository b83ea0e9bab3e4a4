/* SPDX-License-Identifier: MIT
 *
 * Cgroups (attach/cgroup.h): by a link, or, with a mode, by BPF_PROG_ATTACH. A link is
 * one of several programs; a cgroup that has programs of another mode refuses it.
 */
#include "attach/cgroup.h"

#include "attach/anchor.h"
#include "attach/legacy.h"
#include "attach/method.h"
#include "base/libbpf.h"
#include "owner/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What a program is asked with. */
struct in_cgroup {
    struct tb_attach attach;
    struct tb_anchor anchor;
    int mode;        /* number of a word + 1; 0: by a link */
    int is_preorder; /* before the programs of cgroups below */
    int replace_fd;  /* of a mode that allows several: in the place of this one */
};

enum { SINGLE = 1, OVERRIDE, MULTI };

static struct tb_attachment *
by_link(const struct bpf_program *program, const struct in_cgroup *wanted, int fd,
        uint32_t flags)
{
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);

    opts.cgroup.relative_fd = wanted->anchor.fd;
    opts.cgroup.relative_id = wanted->anchor.id;
    opts.cgroup.expected_revision = wanted->anchor.revision;
    return tb_attachment_of_link_steal(
        bpf_link_create(bpf_program__fd(program), fd,
                        bpf_program__expected_attach_type(program), &opts));
}

static struct tb_attachment *
by_mode(const struct bpf_program *program, const struct in_cgroup *wanted, int fd,
        uint32_t flags)
{
    LIBBPF_OPTS(bpf_prog_attach_opts, opts);

    flags |= wanted->mode == MULTI      ? BPF_F_ALLOW_MULTI
             : wanted->mode == OVERRIDE ? BPF_F_ALLOW_OVERRIDE
                                        : 0;
    flags |= wanted->replace_fd ? BPF_F_REPLACE : 0;
    opts.flags = flags;
    opts.replace_prog_fd = wanted->replace_fd;
    opts.relative_fd = (int)wanted->anchor.fd;
    opts.relative_id = wanted->anchor.id;
    opts.expected_revision = wanted->anchor.revision;
    return tb_legacy_attach(program, fd, bpf_program__expected_attach_type(program),
                            &opts);
}

/* A path is opened for the call only; the attachment holds the cgroup. */
static struct tb_attachment *
to_cgroup(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct in_cgroup *wanted = (const struct in_cgroup *)attach;
    const struct tb_target *target = &attach->target;
    uint32_t flags = wanted->anchor.flags | (wanted->is_preorder ? BPF_F_PREORDER : 0);
    struct tb_attachment *attachment;
    int fd = target->fd, err;

    if (target->path != NULL) {
        fd = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0) {
        return NULL;
    }
    attachment = wanted->mode == 0 ? by_link(program, wanted, fd, flags)
                                   : by_mode(program, wanted, fd, flags);
    err = errno;
    if (target->path != NULL) {
        close(fd);
    }
    errno = err;
    return attachment;
}

static int
take_mode(const struct tb_argument *argument)
{
    static const char *const words[] = {"single", "override", "multi", NULL};

    if (tb_argument_word(argument, words) < 0) {
        return -1;
    }
    *(int *)argument->field += 1;
    return 0;
}

/* Note what errors will be read by, and refuse replace= where there is nothing to
 * replace: 0, or -1 with an exception. */
static int
prepare(BpfProgram *program, struct tb_attach *attach)
{
    struct in_cgroup *wanted = (struct in_cgroup *)attach;

    struct bpf_program *handle = tb_program_handle(program);

    if (handle == NULL) {
        return -1;
    }
    if (wanted->replace_fd != 0 && wanted->mode != MULTI) {
        PyErr_SetString(PyExc_ValueError,
                        "replace is for mode='multi'; what a link runs is replaced by "
                        "its update()");
        return -1;
    }
    attach->target.attach_type = (int)bpf_program__expected_attach_type(handle);
    attach->target.is_ordered =
        wanted->anchor.flags || wanted->anchor.revision || wanted->is_preorder;
    return 0;
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

/* attach_cgroup(): without a mode by a link. */
PyObject *
tb_attach_cgroup(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_cgroup",
        .hooks = {"cgroup", "lsm_cgroup"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"cgroup", tb_argument_cgroup, TB_TARGET_AT(path)},
                      TB_ANCHOR_ARGUMENTS(struct in_cgroup, anchor),
                      {"preorder", tb_argument_flag,
                       offsetof(struct in_cgroup, is_preorder)},
                      {"mode", take_mode, offsetof(struct in_cgroup, mode)},
                      {"replace", tb_anchor_program,
                       offsetof(struct in_cgroup, replace_fd)}},
        .size = sizeof(struct in_cgroup),
        .prepare = prepare,
        .way = {.attachment = to_cgroup},
        .write = write_cgroup,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
