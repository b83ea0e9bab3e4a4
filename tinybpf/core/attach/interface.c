/* SPDX-License-Identifier: MIT
 *
 * Links to interfaces of the network (attach/interface.h): XDP, tcx, netkit. Made by
 * bpf_link_create() itself: bpf_program__attach_xdp() takes no mode, and the others
 * only programs whose section says the direction, where the kernel takes both.
 */
#include "attach/interface.h"

#include "attach/anchor.h"
#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"
#include "owner/attachment.h"

#include <linux/if_link.h>
#include <string.h>

/* What a program of tcx or netkit is asked with. */
struct ordered {
    struct tb_attach attach;
    struct tb_anchor anchor;
    int side; /* number of a word + 1; 0: as the section says */
};

/* The two directions of a kind of hook. */
struct sides {
    const char *words[3]; /* NULL ends them */
    int types[2];         /* enum bpf_attach_type */
};

static const struct sides tcx = {{"ingress", "egress", NULL},
                                 {BPF_TCX_INGRESS, BPF_TCX_EGRESS}};
static const struct sides netkit = {{"primary", "peer", NULL},
                                    {BPF_NETKIT_PRIMARY, BPF_NETKIT_PEER}};

static struct tb_attachment *
to_xdp(const struct bpf_program *program, struct tb_attach *attach)
{
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = attach->target.mode);

    return tb_attachment_of_link_steal(bpf_link_create(
        bpf_program__fd(program), attach->target.ifindex, BPF_XDP, &opts));
}

/* For tcx and netkit, whose options libbpf has at the same place (a union). */
static struct tb_attachment *
to_side(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct ordered *wanted = (const struct ordered *)attach;
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = wanted->anchor.flags);

    _Static_assert(sizeof(opts.tcx) == sizeof(opts.netkit) &&
                       offsetof(struct bpf_link_create_opts, tcx.relative_fd) ==
                           offsetof(struct bpf_link_create_opts, netkit.relative_fd),
                   "options of tcx and netkit are alike");
    opts.tcx.relative_fd = wanted->anchor.fd;
    opts.tcx.relative_id = wanted->anchor.id;
    opts.tcx.expected_revision = wanted->anchor.revision;
    return tb_attachment_of_link_steal(
        bpf_link_create(bpf_program__fd(program), attach->target.ifindex,
                        (enum bpf_attach_type)attach->target.attach_type, &opts));
}

int
tb_interface_mode(const struct tb_argument *argument)
{
    static const char *const words[] = {"skb", "driver", "drv", "hw", NULL};
    static const int flags[] = {XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE,
                                XDP_FLAGS_DRV_MODE, XDP_FLAGS_HW_MODE};

    if (tb_argument_word(argument, words) < 0) {
        return -1;
    }
    *(int *)argument->field = flags[*(int *)argument->field];
    return 0;
}

/* One of two words: 1 or 2. */
static int
take_side(const struct tb_argument *argument, const struct sides *sides)
{
    if (tb_argument_word(argument, sides->words) < 0) {
        return -1;
    }
    *(int *)argument->field += 1;
    return 0;
}

static int
take_tcx(const struct tb_argument *argument)
{
    return take_side(argument, &tcx);
}

static int
take_netkit(const struct tb_argument *argument)
{
    return take_side(argument, &netkit);
}

/* Choose one of two attach types: by the word, or as the program was loaded for. 0, or
 * -1 with TypeError. */
static int
choose_side(BpfProgram *program, struct tb_attach *attach, const struct sides *sides)
{
    const struct ordered *wanted = (const struct ordered *)attach;
    struct bpf_program *handle = tb_program_handle(program);
    int own;

    if (handle == NULL) {
        return -1;
    }
    own = (int)bpf_program__expected_attach_type(handle);
    if (wanted->side != 0) {
        own = sides->types[wanted->side - 1];
    }
    if (own != sides->types[0] && own != sides->types[1]) {
        PyErr_Format(PyExc_TypeError,
                     "direction is missing: the section '%s' of program %R does not "
                     "say it; give '%s' or '%s'",
                     bpf_program__section_name(handle), program->name, sides->words[0],
                     sides->words[1]);
        return -1;
    }
    attach->target.attach_type = own;
    return 0;
}

static int
prepare_tcx(BpfProgram *program, struct tb_attach *attach)
{
    return choose_side(program, attach, &tcx);
}

static int
prepare_netkit(BpfProgram *program, struct tb_attach *attach)
{
    return choose_side(program, attach, &netkit);
}

/* tcx:eth0/ingress */
static PyObject *
write_side(BpfProgram *program, const struct tb_attach *attach,
           const struct sides *sides)
{
    PyObject *place = tb_write_interface(program, attach), *text = NULL;
    int second = attach->target.attach_type == sides->types[1];

    if (place != NULL) {
        text = PyUnicode_FromFormat("%U/%s", place, sides->words[second]);
        Py_DECREF(place);
    }
    return text;
}

static PyObject *
write_tcx(BpfProgram *program, const struct tb_attach *attach)
{
    return write_side(program, attach, &tcx);
}

static PyObject *
write_netkit(BpfProgram *program, const struct tb_attach *attach)
{
    return write_side(program, attach, &netkit);
}

PyObject *
tb_attach_xdp(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_xdp",
        .hooks = {"xdp"},
        .n_needed = 1,
        .n_positional = 1,
        .arguments = {{"interface", tb_argument_interface, TB_TARGET_AT(ifindex)},
                      {"mode", tb_interface_mode, TB_TARGET_AT(mode)}},
        .way = {.attachment = to_xdp},
        .write = tb_write_interface,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

/* attach_tcx(): last, if no place is given. */
PyObject *
tb_attach_tcx(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_tcx",
        .hooks = {"tcx"},
        .n_needed = 1,
        .n_positional = 2,
        .arguments = {{"interface", tb_argument_interface, TB_TARGET_AT(ifindex)},
                      {"direction", take_tcx, offsetof(struct ordered, side)},
                      TB_ANCHOR_ARGUMENTS(struct ordered, anchor)},
        .size = sizeof(struct ordered),
        .prepare = prepare_tcx,
        .way = {.attachment = to_side},
        .write = write_tcx,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}

/* attach_netkit(): the same, at the primary interface of a pair for both. */
PyObject *
tb_attach_netkit(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_netkit",
        .hooks = {"netkit"},
        .n_needed = 1,
        .n_positional = 2,
        .arguments = {{"interface", tb_argument_interface, TB_TARGET_AT(ifindex)},
                      {"direction", take_netkit, offsetof(struct ordered, side)},
                      TB_ANCHOR_ARGUMENTS(struct ordered, anchor)},
        .size = sizeof(struct ordered),
        .prepare = prepare_netkit,
        .way = {.attachment = to_side},
        .write = write_netkit,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
