/* SPDX-License-Identifier: MIT
 *
 * Attaching of iterators (attach/iter.h). What an iterator walks over is chosen here,
 * one of the members of union bpf_iter_link_info; reading what it says is
 * attach/iter_read.c.
 */
#include "attach/iter.h"

#include "attach/method.h"
#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/target.h"
#include "owner/map.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>

/* What is asked for; each has a flag, as 0 is a choice of some. */
struct iter {
    struct tb_attach attach;
    int map_fd, tid, pid, order;
    uint64_t cgroup_id;
    int has_map, has_task, has_cgroup;
    char name[128]; /* of what it walks over, by its section; "": not known */
};

#define ITER_AT(field) offsetof(struct iter, field)

/* Without a choice the kernel is told nothing, not even of zeros. */
static struct bpf_link *
to_iter(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct iter *wanted = (const struct iter *)attach;
    union bpf_iter_link_info info;
    LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info,
                .link_info_len = sizeof(info));

    memset(&info, 0, sizeof(info));
    if (wanted->has_map) {
        info.map.map_fd = (uint32_t)wanted->map_fd;
    }
    else if (wanted->has_task) {
        info.task.tid = (uint32_t)wanted->tid;
        info.task.pid = (uint32_t)wanted->pid;
    }
    else if (wanted->has_cgroup) {
        info.cgroup.cgroup_fd =
            (uint32_t)(attach->target.fd < 0 ? 0 : attach->target.fd);
        info.cgroup.cgroup_id = wanted->cgroup_id;
        info.cgroup.order = (enum bpf_cgroup_iter_order)wanted->order;
    }
    else {
        opts.link_info = NULL;
        opts.link_info_len = 0;
    }
    return bpf_program__attach_iter(program, &opts);
}

/* iter:task, iter:cgroup:/sys/fs/cgroup/user.slice */
static PyObject *
write_iter(BpfProgram *program, const struct tb_attach *attach)
{
    const struct iter *wanted = (const struct iter *)attach;
    const char *path = attach->target.path;

    (void)program;
    return PyUnicode_FromFormat("iter%s%s%s%s", wanted->name[0] ? ":" : "",
                                wanted->name, path ? ":" : "", path ? path : "");
}

/* A BpfMap, or a descriptor of a map: a duplicate of its descriptor. */
static int
read_map(const struct tb_argument *argument)
{
    struct iter *wanted = (struct iter *)argument->attach;
    struct tb_state *state = tb_state_of(argument->program);
    int fd;

    wanted->has_map = 1;
    if (Py_TYPE(argument->value) != state->types[TB_TYPE_MAP]) {
        return tb_argument_fd(argument);
    }
    fd = tb_map_fd((BpfMap *)argument->value);
    if (fd < 0) {
        return -1;
    }
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    *(int *)argument->field = fd;
    return tb_argument_keep_fd(argument, fd);
}

/* The number of a thread or a process: from 1. */
static int
read_task(const struct tb_argument *argument)
{
    uint64_t number;

    ((struct iter *)argument->attach)->has_task = 1;
    if (tb_args_number(argument->value, argument->name, INT32_MAX, &number) < 0) {
        return -1;
    }
    if (number == 0) {
        PyErr_Format(PyExc_ValueError, "%s must be 1 or more", argument->name);
        return -1;
    }
    *(int *)argument->field = (int)number;
    return 0;
}

/* Whether a number is an open descriptor of a cgroup. */
static int
is_cgroup(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && ((uint32_t)fs.f_type == CGROUP2_SUPER_MAGIC ||
                                     (uint32_t)fs.f_type == CGROUP_SUPER_MAGIC);
}

/* A path of a cgroup, a descriptor of one, or else its id. */
static int
read_cgroup(const struct tb_argument *argument)
{
    struct iter *wanted = (struct iter *)argument->attach;
    struct tb_target *target = &wanted->attach.target;
    int fd;

    wanted->has_cgroup = 1;
    if (PyLong_Check(argument->value)) {
        if (tb_args_number(argument->value, argument->name, UINT64_MAX,
                           &wanted->cgroup_id) < 0) {
            return -1;
        }
        if (wanted->cgroup_id <= INT32_MAX && is_cgroup((int)wanted->cgroup_id)) {
            target->fd = (int)wanted->cgroup_id;
            wanted->cgroup_id = 0;
        }
        return 0;
    }
    if (tb_argument_path(argument) < 0) {
        return -1;
    }
    fd = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, argument->value);
        return -1;
    }
    target->fd = fd;
    return tb_argument_keep_fd(argument, fd);
}

/* The words are in the order of enum bpf_cgroup_iter_order, which begins with none. */
static int
read_order(const struct tb_argument *argument)
{
    static const char *const words[] = {"default", "self",     "pre", "post",
                                        "up",      "children", NULL};

    return tb_argument_word(argument, words);
}

/* What SEC("iter/...") names, into size bytes. 0, or -1 with an exception: the program
 * is no iterator. */
static int
read_section(BpfProgram *program, char *name, size_t size)
{
    struct bpf_program *handle = tb_program_handle(program);
    struct tb_target target;
    char kept[512];

    if (handle == NULL) {
        return -1;
    }
    if (bpf_program__expected_attach_type(handle) != BPF_TRACE_ITER) {
        tb_error_raise(tb_state_of(program), TB_ERROR, EINVAL,
                       "attach of program %R failed: its section '%s' is of no "
                       "iterator, such as SEC(\"iter/task\")",
                       program->name, bpf_program__section_name(handle));
        return -1;
    }
    tb_target_parse(bpf_program__section_name(handle), &target, kept, sizeof(kept));
    snprintf(name, size, "%s", target.name ? target.name : "");
    return 0;
}

/* Iterators over the entries of a map. */
static int
is_of_map(const char *name)
{
    return strcmp(name, "bpf_map_elem") == 0 || strcmp(name, "sockmap") == 0 ||
           strcmp(name, "bpf_sk_storage_map") == 0;
}

/* One choice at a time. A walk of cgroups has an order, which the kernel wants to be
 * told, and begins at the root if nothing is said. */
static int
check(BpfProgram *program, struct tb_attach *attach)
{
    struct iter *wanted = (struct iter *)attach;
    const char *wrong = NULL;

    if (read_section(program, wanted->name, sizeof(wanted->name)) < 0) {
        return -1;
    }
    wanted->has_cgroup |= wanted->order != 0 || strcmp(wanted->name, "cgroup") == 0;
    if (wanted->has_map + wanted->has_task + wanted->has_cgroup > 1) {
        wrong = "an iterator walks over one thing: give map=, or tid= or pid=, or "
                "cgroup= and order=";
    }
    else if (wanted->tid != 0 && wanted->pid != 0) {
        wrong = "tid= is one thread, pid= all threads of a process: give one";
    }
    else if (is_of_map(wanted->name) && !wanted->has_map) {
        wrong = "the iterator walks over the entries of a map: give map=";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return -1;
    }
    if (wanted->has_cgroup && wanted->order == 0) {
        wanted->order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
    }
    return 0;
}

int
tb_attach_iter_is_of_map(const struct tb_target *target)
{
    return target->hook != NULL && strcmp(target->hook->name, "iter") == 0 &&
           target->name != NULL && is_of_map(target->name);
}

PyObject *
tb_attach_iter(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_iter",
        .hooks = {"iter"},
        .arguments = {{"map", read_map, ITER_AT(map_fd)},
                      {"tid", read_task, ITER_AT(tid)},
                      {"pid", read_task, ITER_AT(pid)},
                      {"cgroup", read_cgroup, TB_TARGET_AT(path)},
                      {"order", read_order, ITER_AT(order)}},
        .size = sizeof(struct iter),
        .prepare = check,
        .way = {.link = to_iter},
        .write = write_iter,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
