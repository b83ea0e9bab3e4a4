/* SPDX-License-Identifier: MIT
 *
 * XDP and tc by netlink (attach/netlink.h). What netlink attaches stays when the
 * process ends; so its end undoes it, but only where our program still is. All of it is
 * about the network namespace that the thread is in.
 */
#include "attach/netlink.h"

#include "attach/anchor.h"
#include "attach/interface.h"
#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"
#include "host/clsact.h"
#include "owner/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/if_link.h>

#define WHY "netlink attached it, and the kernel has no link of it"

/* What a program is asked with. */
struct by_netlink {
    struct tb_attach attach;
    int replace;    /* whatever is there */
    int replace_fd; /* this program; 0: none in particular */
    int is_egress;
    uint32_t handle, priority; /* of tc; 0: the kernel chooses */
};

/* A clsact, shared by the attachments of an object that are there. */
struct clsact {
    int users;
    int is_made; /* it was not there before the first of them */
};

/* What was attached. */
struct netlink_attachment {
    struct tb_attachment base;
    int ifindex;
    ino_t netns;
    int prog_fd;                        /* owned; of XDP */
    int mode;                           /* of XDP */
    uint32_t prog_id, handle, priority; /* of tc */
    int is_egress;
    struct clsact *clsact; /* owned together with others */
};

/* The network namespace of this thread; 0 without /proc. */
static ino_t
namespace_now(void)
{
    struct stat st;

    return stat("/proc/thread-self/ns/net", &st) == 0 ? st.st_ino : 0;
}

/* Make one that is about the target; NULL with errno. */
static struct netlink_attachment *
new_attachment(const struct tb_attach *attach,
               int (*end)(struct tb_attachment *self, int is_kept))
{
    struct netlink_attachment *self = calloc(1, sizeof(*self));

    if (self != NULL) {
        self->base.end = end;
        self->base.fd = -1;
        self->base.why = WHY;
        self->ifindex = attach->target.ifindex;
        self->netns = namespace_now();
        self->mode = attach->target.mode;
        self->prog_fd = -1;
    }
    return self;
}

/* Another program there is none of ours, and an interface that is gone took its own
 * with it. */
static int
end_xdp(struct tb_attachment *base, int is_kept)
{
    struct netlink_attachment *self = (struct netlink_attachment *)base;
    LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = self->prog_fd);
    int err = 0;

    if (!is_kept) {
        err = self->netns == namespace_now()
                  ? bpf_xdp_detach(self->ifindex, (uint32_t)self->mode, &opts)
                  : -EXDEV;
    }
    close(self->prog_fd);
    free(self);
    return err == -EEXIST || err == -ENODEV ? 0 : err;
}

/* Without replace= only where no program is, of whatever mode. */
static struct tb_attachment *
to_xdp(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct by_netlink *wanted = (const struct by_netlink *)attach;
    LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = wanted->replace_fd);
    struct netlink_attachment *self = new_attachment(attach, end_xdp);
    uint32_t flags = (uint32_t)attach->target.mode;
    int err = -ENOMEM;

    if (self != NULL) {
        self->prog_fd = fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 3);
        err = self->prog_fd < 0 ? -errno : 0;
    }
    if (err == 0) {
        flags |=
            wanted->replace || wanted->replace_fd ? 0 : XDP_FLAGS_UPDATE_IF_NOEXIST;
        err = bpf_xdp_attach(attach->target.ifindex, self->prog_fd, flags, &opts);
    }
    if (err < 0 && self != NULL) {
        end_xdp(&self->base, 1);
        self = NULL;
    }
    errno = -err;
    return self ? &self->base : NULL;
}

/* True: whatever is there. A program or its id: that one. */
static int
take_replaced(const struct tb_argument *argument)
{
    struct by_netlink *wanted = (struct by_netlink *)argument->attach;
    const struct tb_argument program = {.program = argument->program,
                                        .name = argument->name,
                                        .value = argument->value,
                                        .attach = argument->attach,
                                        .field = &wanted->replace_fd};

    if (PyBool_Check(argument->value)) {
        wanted->replace = argument->value == Py_True;
        return 0;
    }
    argument->attach->target.is_replacing = 1;
    return tb_anchor_program(&program);
}

/* The place of a filter for libbpf. */
static struct bpf_tc_hook
tc_hook(const struct netlink_attachment *self)
{
    return (struct bpf_tc_hook){.sz = sizeof(struct bpf_tc_hook),
                                .ifindex = self->ifindex,
                                .attach_point =
                                    self->is_egress ? BPF_TC_EGRESS : BPF_TC_INGRESS};
}

/* Whether a clsact has no filter, of whomever. */
static int
is_empty(int ifindex)
{
    return tb_clsact_filters(ifindex, 0, NULL, 0) == 0 &&
           tb_clsact_filters(ifindex, 1, NULL, 0) == 0;
}

/* The last user takes away the clsact that we made, unless others use it. */
static void
drop_clsact(struct netlink_attachment *self, int is_kept)
{
    struct bpf_tc_hook hook = tc_hook(self);

    if (__atomic_sub_fetch(&self->clsact->users, 1, __ATOMIC_ACQ_REL) > 0) {
        return;
    }
    if (self->clsact->is_made && !is_kept && is_empty(self->ifindex)) {
        hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
        bpf_tc_hook_destroy(&hook);
    }
    free(self->clsact);
}

/* Take the filter away if its program is ours; 0 or -errno. */
static int
detach_filter(struct netlink_attachment *self)
{
    LIBBPF_OPTS(bpf_tc_opts, found, .handle = self->handle, .priority = self->priority);
    LIBBPF_OPTS(bpf_tc_opts, opts, .handle = self->handle, .priority = self->priority);
    struct bpf_tc_hook hook = tc_hook(self);
    int err;

    err = bpf_tc_query(&hook, &found);
    if (err == 0 && found.prog_id == self->prog_id) {
        err = bpf_tc_detach(&hook, &opts);
    }
    /* what is gone: the filter, the clsact, the interface */
    return err == -ENOENT || err == -EINVAL || err == -ENODEV ? 0 : err;
}

static int
end_tc(struct tb_attachment *base, int is_kept)
{
    struct netlink_attachment *self = (struct netlink_attachment *)base;
    int is_here = self->netns == namespace_now(), err = 0;

    if (!is_kept) {
        err = is_here ? detach_filter(self) : -EXDEV;
    }
    drop_clsact(self, is_kept || !is_here);
    free(self);
    return err;
}

/* Two of one object at one interface have one clsact. */
static void
meet_tc(struct tb_attachment *base, struct tb_attachment *other_base)
{
    struct netlink_attachment *self = (struct netlink_attachment *)base;
    struct netlink_attachment *other = (struct netlink_attachment *)other_base;

    if (other_base->end != end_tc || other->ifindex != self->ifindex ||
        other->netns != self->netns || other->clsact == self->clsact) {
        return;
    }
    other->clsact->is_made |= self->clsact->is_made;
    other->clsact->users++;
    free(self->clsact);
    self->clsact = other->clsact;
}

/* Make the clsact if it is not there, and the filter; 0 or -errno. */
static int
add_filter(const struct bpf_program *program, const struct by_netlink *wanted,
           struct netlink_attachment *self)
{
    LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(program),
                .handle = wanted->handle, .priority = wanted->priority,
                .flags = wanted->replace ? BPF_TC_F_REPLACE : 0);
    struct bpf_tc_hook hook = tc_hook(self);
    int err = bpf_tc_hook_create(&hook);

    if (err < 0 && err != -EEXIST) {
        return err;
    }
    self->clsact->is_made = err == 0;
    err = bpf_tc_attach(&hook, &opts);
    self->handle = opts.handle;
    self->priority = opts.priority;
    self->prog_id = opts.prog_id;
    return err;
}

/* What fails halfway takes the clsact that it made away again. */
static struct tb_attachment *
to_tc(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct by_netlink *wanted = (const struct by_netlink *)attach;
    struct netlink_attachment *self = new_attachment(attach, end_tc);
    int err;

    if (self == NULL) {
        return NULL;
    }
    self->clsact = calloc(1, sizeof(*self->clsact));
    if (self->clsact == NULL) {
        free(self);
        errno = ENOMEM;
        return NULL;
    }
    self->base.meet = meet_tc;
    self->is_egress = wanted->is_egress;
    self->clsact->users = 1;
    err = add_filter(program, wanted, self);
    if (err < 0) {
        drop_clsact(self, 0);
        free(self);
        errno = -err;
        return NULL;
    }
    return &self->base;
}

static int
take_direction(const struct tb_argument *argument)
{
    static const char *const words[] = {"ingress", "egress", NULL};

    return tb_argument_word(argument, words);
}

/* A filter is replaced by its numbers. */
static int
prepare_tc(BpfProgram *program, struct tb_attach *attach)
{
    const struct by_netlink *wanted = (const struct by_netlink *)attach;

    (void)program;
    if (wanted->replace && (wanted->handle == 0 || wanted->priority == 0)) {
        PyErr_SetString(PyExc_ValueError,
                        "replace needs the handle and the priority of the filter");
        return -1;
    }
    if (wanted->priority > UINT16_MAX) {
        PyErr_SetString(PyExc_ValueError, "priority is from 1 to 65535");
        return -1;
    }
    return 0;
}

/* tc:eth0/ingress */
static PyObject *
write_tc(BpfProgram *program, const struct tb_attach *attach)
{
    const struct by_netlink *wanted = (const struct by_netlink *)attach;
    PyObject *place = tb_write_interface(program, attach), *text = NULL;

    if (place != NULL) {
        text = PyUnicode_FromFormat("%U/%s", place,
                                    wanted->is_egress ? "egress" : "ingress");
        Py_DECREF(place);
    }
    return text;
}

PyObject *
tb_attach_xdp_netlink(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_xdp_netlink",
        .hooks = {"xdp"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"interface", tb_argument_interface, TB_TARGET_AT(ifindex)},
                      {"mode", tb_interface_mode, TB_TARGET_AT(mode)},
                      {"replace", take_replaced, 0}},
        .size = sizeof(struct by_netlink),
        .way = {.attachment = to_xdp},
        .write = tb_write_interface,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

/* attach_tc(): 0 lets the kernel choose handle and priority. */
PyObject *
tb_attach_tc(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_tc",
        .hooks = {"tc"},
        .n_needed = 2,
        .n_positional = 2,
        .arguments =
            {{"interface", tb_argument_interface, TB_TARGET_AT(ifindex)},
             {"direction", take_direction, offsetof(struct by_netlink, is_egress)},
             {"handle", tb_argument_u32, offsetof(struct by_netlink, handle)},
             {"priority", tb_argument_u32, offsetof(struct by_netlink, priority)},
             {"replace", tb_argument_flag, offsetof(struct by_netlink, replace)}},
        .size = sizeof(struct by_netlink),
        .prepare = prepare_tc,
        .way = {.attachment = to_tc},
        .write = write_tc,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
