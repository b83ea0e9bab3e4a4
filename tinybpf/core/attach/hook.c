/* SPDX-License-Identifier: MIT
 *
 * The kinds of hook that a program can be attached to by hand (attach/hook.h): for
 * each, how libbpf is called, how a target is written, and its method's row.
 */
#include "attach/hook.h"

#include "attach/method.h"
#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#define AT(field) offsetof(struct tb_target, field)

static struct bpf_link *
to_kprobe(const struct bpf_program *program, const struct tb_target *target)
{
    LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = target->retprobe);

    return bpf_program__attach_kprobe_opts(program, target->name, &opts);
}

static struct bpf_link *
to_tracepoint(const struct bpf_program *program, const struct tb_target *target)
{
    return bpf_program__attach_tracepoint(program, target->category, target->name);
}

static struct bpf_link *
to_raw_tracepoint(const struct bpf_program *program, const struct tb_target *target)
{
    return bpf_program__attach_raw_tracepoint(program, target->name);
}

static struct bpf_link *
to_uprobe(const struct bpf_program *program, const struct tb_target *target)
{
    LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = target->retprobe,
                .func_name = target->name);

    return bpf_program__attach_uprobe_opts(program, target->pid, target->path,
                                           target->offset, &opts);
}

static struct bpf_link *
to_xdp(const struct bpf_program *program, const struct tb_target *target)
{
    return bpf_program__attach_xdp(program, target->ifindex);
}

/* A path is opened for the call only; the link holds the cgroup. */
static struct bpf_link *
to_cgroup(const struct bpf_program *program, const struct tb_target *target)
{
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

/* kprobe:do_exit, kretprobe:do_exit, raw_tracepoint:sys_enter */
static PyObject *
write_name(BpfProgram *program, const struct tb_target *target)
{
    const struct tb_hook_kind *hook = target->hook;

    (void)program;
    return PyUnicode_FromFormat(
        "%s:%s", target->retprobe ? hook->at_return : hook->name, target->name);
}

/* tracepoint:sched/sched_switch */
static PyObject *
write_tracepoint(BpfProgram *program, const struct tb_target *target)
{
    (void)program;
    return PyUnicode_FromFormat("%s:%s/%s", target->hook->name, target->category,
                                target->name);
}

/* uprobe:/bin/sh:main+0x10 */
static PyObject *
write_binary(BpfProgram *program, const struct tb_target *target)
{
    const struct tb_hook_kind *hook = target->hook;
    char place[32];

    (void)program;
    snprintf(place, sizeof(place), "+%#zx", target->offset);
    return PyUnicode_FromFormat(
        "%s:%s%s%s%s", target->retprobe ? hook->at_return : hook->name, target->path,
        target->name ? ":" : "", target->name ? target->name : "", place);
}

/* xdp:lo */
static PyObject *
write_interface(BpfProgram *program, const struct tb_target *target)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = -ENODEV, .hint = &hint, .is_outside = 1};
    char name[IF_NAMESIZE];

    if (if_indextoname((unsigned int)target->ifindex, name) == NULL) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "there is no interface of index %d in this network namespace",
                 target->ifindex);
        return tb_error_refused(tb_state_of(program), &failure, "attach of program %R",
                                program->name);
    }
    return PyUnicode_FromFormat("%s:%s", target->hook->name, name);
}

/* cgroup:/sys/fs/cgroup/user.slice, cgroup:fd */
static PyObject *
write_cgroup(BpfProgram *program, const struct tb_target *target)
{
    (void)program;
    return PyUnicode_FromFormat("%s:%s", target->hook->name,
                                target->path ? target->path : "fd");
}

PyObject *
tb_attach_kprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "kprobe",
        .format = "O|O:attach_kprobe",
        .arguments = {{"func_name", TB_ATTACH_TEXT, AT(name)},
                      {"retprobe", TB_ATTACH_FLAG, AT(retprobe)}},
        .way = {.link = to_kprobe},
        .write = write_name,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_kretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "kprobe",
        .format = "O:attach_kretprobe",
        .arguments = {{"func_name", TB_ATTACH_TEXT, AT(name)}},
        .retprobe = 1,
        .way = {.link = to_kprobe},
        .write = write_name,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_tracepoint(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "tracepoint",
        .format = "OO:attach_tracepoint",
        .arguments = {{"category", TB_ATTACH_TEXT, AT(category)},
                      {"name", TB_ATTACH_TEXT, AT(name)}},
        .way = {.link = to_tracepoint},
        .write = write_tracepoint,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_raw_tracepoint(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "raw_tracepoint",
        .format = "O:attach_raw_tracepoint",
        .arguments = {{"name", TB_ATTACH_TEXT, AT(name)}},
        .way = {.link = to_raw_tracepoint},
        .write = write_name,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_uprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "uprobe",
        .format = "O|OOOO:attach_uprobe",
        .arguments = {{"binary_path", TB_ATTACH_PATH, AT(path)},
                      {"offset", TB_ATTACH_SIZE, AT(offset)},
                      {"pid", TB_ATTACH_INT, AT(pid)},
                      {"retprobe", TB_ATTACH_FLAG, AT(retprobe)},
                      {"func_name", TB_ATTACH_TEXT_OR_NONE, AT(name)}},
        .way = {.link = to_uprobe},
        .write = write_binary,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_uretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "uprobe",
        .format = "O|OOO:attach_uretprobe",
        .arguments = {{"binary_path", TB_ATTACH_PATH, AT(path)},
                      {"offset", TB_ATTACH_SIZE, AT(offset)},
                      {"pid", TB_ATTACH_INT, AT(pid)},
                      {"func_name", TB_ATTACH_TEXT_OR_NONE, AT(name)}},
        .retprobe = 1,
        .way = {.link = to_uprobe},
        .write = write_binary,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_xdp(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "xdp",
        .format = "O:attach_xdp",
        .arguments = {{"interface", TB_ATTACH_INTERFACE, AT(ifindex)}},
        .way = {.link = to_xdp},
        .write = write_interface,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

PyObject *
tb_attach_cgroup(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .hook = "cgroup",
        .format = "O:attach_cgroup",
        .arguments = {{"cgroup", TB_ATTACH_CGROUP, AT(path)}},
        .way = {.link = to_cgroup},
        .write = write_cgroup,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
