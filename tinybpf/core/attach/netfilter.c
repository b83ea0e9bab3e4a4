/* SPDX-License-Identifier: MIT
 *
 * Netfilter (attach/netfilter.h), in the network namespace that the thread is in.
 */
#include "attach/netfilter.h"

#include "attach/method.h"
#include "base/libbpf.h"

#include <linux/netfilter.h>

/* What a program is asked with. */
struct in_netfilter {
    struct tb_attach attach;
    int family; /* number of a word */
    int hook;   /* the same, which is the kernel's: enum nf_inet_hooks */
    int priority;
    int is_defragmented;
};

static const char *const families[] = {"ipv4", "ipv6", NULL};
static const char *const hooks[] = {"pre_routing", "local_in",     "forward",
                                    "local_out",   "post_routing", NULL};

_Static_assert(NF_INET_PRE_ROUTING == 0 && NF_INET_POST_ROUTING == 4, "the order");

static struct bpf_link *
to_netfilter(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct in_netfilter *wanted = (const struct in_netfilter *)attach;
    LIBBPF_OPTS(bpf_netfilter_opts, opts,
                .pf = wanted->family == 0 ? NFPROTO_IPV4 : NFPROTO_IPV6,
                .hooknum = (uint32_t)wanted->hook, .priority = wanted->priority,
                .flags = wanted->is_defragmented ? BPF_F_NETFILTER_IP_DEFRAG : 0);

    return bpf_program__attach_netfilter(program, &opts);
}

static int
take_family(const struct tb_argument *argument)
{
    return tb_argument_word(argument, families);
}

static int
take_hook(const struct tb_argument *argument)
{
    return tb_argument_word(argument, hooks);
}

/* netfilter:ipv4/local_in */
static PyObject *
write_hook(BpfProgram *program, const struct tb_attach *attach)
{
    const struct in_netfilter *wanted = (const struct in_netfilter *)attach;

    (void)program;
    return PyUnicode_FromFormat("%s:%s/%s", attach->target.hook->name,
                                families[wanted->family], hooks[wanted->hook]);
}

/* attach_netfilter(): libbpf names the fields pf and hooknum. */
PyObject *
tb_attach_netfilter(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const struct tb_attach_method method = {
        .name = "attach_netfilter",
        .hooks = {"netfilter"},
        .n_needed = 2,
        .n_positional = 2,
        .arguments = {{"family", take_family, offsetof(struct in_netfilter, family)},
                      {"hook", take_hook, offsetof(struct in_netfilter, hook)},
                      {"priority", tb_argument_int,
                       offsetof(struct in_netfilter, priority)},
                      {"defrag", tb_argument_flag,
                       offsetof(struct in_netfilter, is_defragmented)}},
        .size = sizeof(struct in_netfilter),
        .way = {.link = to_netfilter},
        .write = write_hook,
    };

    return tb_attach_by_method(op, args, kwargs, &method);
}
