/* SPDX-License-Identifier: MIT
 *
 * Asks the network why it refused (host/target_network.h). Which error means what is
 * cited from the kernel's sources.
 */
#include "host/target_network.h"

#include "base/libbpf.h"
#include "host/kernel.h"
#include "host/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/nsfs.h>

/* What an error means where it means one thing. bpf_mprog_attach (kernel/bpf/mprog.c),
 * dev_xdp_attach (net/core/dev.c), tc_new_tfilter (net/sched/cls_api.c),
 * netkit_dev_fetch. */
static const struct {
    const char *hook;
    int err;
    const char *text;
} meanings[] = {
    {"xdp", EBUSY,
     "another program is attached there\n  `bpftool net` shows which; an interface has "
     "one XDP program"},
    {"tc", EEXIST,
     "a filter of that handle and priority is there\n  replace=True takes its place"},
    {"tc", ENOENT,
     "this kernel has no clsact, or no BPF filters for it: modprobe sch_ingress "
     "cls_bpf "
     "(CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF)"},
    {"netkit", ENXIO, "it is no netkit interface"},
    {"netkit", EACCES,
     "it is the peer of a pair: programs for both are attached to the primary one"},
};

/* The meaning of an error at a hook; -1 if it has not one alone. */
static int
explain_error(const struct tb_hook_kind *hook, int err, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (-err == meanings[i].err && strcmp(hook->name, meanings[i].hook) == 0) {
            snprintf(text, size, "%s", meanings[i].text);
            return 0;
        }
    }
    return -1;
}

/* What is wrong with the place among the programs of a hook: at a descriptor or an
 * interface. */
static int
explain_place(int where, int attach_type, int err, char *text, size_t size)
{
    LIBBPF_OPTS(bpf_prog_query_opts, opts);

    switch (-err) {
    case EEXIST:
        snprintf(text, size, "the program is attached there already");
        return 0;
    case ENOENT:
        snprintf(
            text, size,
            "what before= or after= names is not attached there\n  in a cgroup both "
            "must be preorder, or neither");
        return 0;
    case ESTALE:
        if (bpf_prog_query_opts(where, (enum bpf_attach_type)attach_type, &opts) == 0) {
            snprintf(text, size,
                     "the programs there have changed: their revision is %llu",
                     (unsigned long long)opts.revision);
            return 0;
        }
        return -1;
    case ERANGE:
        snprintf(text, size, "there are as many programs as the kernel lets be there");
        return 0;
    default:
        return -1;
    }
}

/* The name of an interface and its MTU; 0 or -1. */
static int
read_mtu(int ifindex, char name[IF_NAMESIZE], int *out_mtu)
{
    struct ifreq request = {.ifr_ifindex = ifindex};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = -1;

    if (fd >= 0 && if_indextoname((unsigned int)ifindex, name) != NULL) {
        memcpy(request.ifr_name, name, IF_NAMESIZE);
        rc = ioctl(fd, SIOCGIFMTU, &request) < 0 ? -1 : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    *out_mtu = request.ifr_mtu;
    return rc;
}

/* Packets of a driver must fit into a page; veth looks at those of the peer, too
 * (veth_xdp_set). */
static int
explain_mtu(int ifindex, char *text, size_t size)
{
    char name[IF_NAMESIZE] = "";
    int mtu;

    if (read_mtu(ifindex, name, &mtu) < 0) {
        return -1;
    }
    snprintf(text, size,
             "the packets of '%s', or of its peer, are too long for XDP in the driver: "
             "its MTU is %d\n  ip link set dev %s mtu 3000, or a program in "
             "SEC(\"xdp.frags\"), or mode='skb'",
             name, mtu, name);
    return 0;
}

/* XDP of its own has not every driver, and of the hardware few. */
static int
explain_driver(const struct tb_target *target, char *text, size_t size)
{
    char name[IF_NAMESIZE] = "?";

    if_indextoname((unsigned int)target->ifindex, name);
    snprintf(text, size,
             "the driver of '%s' has no XDP%s\n  mode='skb' works on every interface",
             name, target->mode == XDP_FLAGS_HW_MODE ? " in hardware" : "");
    return 1;
}

/* "Native and generic XDP can't be active at the same time", or another program than
 * the one that is to be replaced. */
static int
explain_taken(const struct tb_target *target, char *text, size_t size)
{
    snprintf(text, size,
             target->is_replacing
                 ? "what is attached there is not the one that is to be replaced"
                 : "another program is attached there in another mode");
    return 0;
}

/* EINVAL of tcx and netkit: the neighbour is of another type (bpf_mprog_link and
 * bpf_mprog_prog, kernel/bpf/mprog.c), or it is all that a kernel without the option
 * says, to questions too. */
static int
explain_invalid(const struct tb_target *target, char *text, size_t size)
{
    const struct tb_needs *needs = &target->hook->needs;
    char running[128] = "?";
    LIBBPF_OPTS(bpf_prog_query_opts, opts);

    if (tb_kernel_is_before(needs->since, running, sizeof(running))) {
        return -1;
    }
    if (bpf_prog_query_opts(target->ifindex, (enum bpf_attach_type)target->attach_type,
                            &opts) == 0) {
        snprintf(text, size,
                 "what before= or after= names is of another type: it must be a "
                 "program that is attached there");
        return 0;
    }
    snprintf(
        text, size,
        "%s is in Linux since %s, but this kernel (%s) was built without it: see %s",
        target->hook->name, needs->since, running, needs->config);
    return 1;
}

int
tb_target_network_interface(const struct tb_target *target, int err, char *text,
                            size_t size)
{
    const char *name = target->hook->name;
    int is_moded =
        target->mode == XDP_FLAGS_DRV_MODE || target->mode == XDP_FLAGS_HW_MODE;

    if (strcmp(name, "tcx") == 0 || strcmp(name, "netkit") == 0) {
        if (err == -EINVAL) {
            return explain_invalid(target, text, size);
        }
        if (explain_place(target->ifindex, target->attach_type, err, text, size) == 0) {
            return 0;
        }
    }
    if (strcmp(name, "xdp") == 0) {
        if (err == -ERANGE) {
            return explain_mtu(target->ifindex, text, size);
        }
        if (err == -EEXIST) {
            return explain_taken(target, text, size);
        }
        if (is_moded && (err == -EOPNOTSUPP || err == -EINVAL)) {
            return explain_driver(target, text, size);
        }
    }
    if (explain_error(target->hook, err, text, size) < 0) {
        return -1;
    }
    return strcmp(name, "tc") == 0 && err == -ENOENT;
}

/* Programs of a cgroup are all of one mode, and links are as "multi"
 * (__cgroup_bpf_attach, kernel/bpf/cgroup.c: EPERM). */
static int
explain_mode(int fd, int attach_type, char *text, size_t size)
{
    LIBBPF_OPTS(bpf_prog_query_opts, opts);

    if (bpf_prog_query_opts(fd, (enum bpf_attach_type)attach_type, &opts) < 0 ||
        opts.prog_cnt == 0 || opts.attach_flags & BPF_F_ALLOW_MULTI) {
        return -1;
    }
    snprintf(
        text, size,
        "a program was attached there by mode='%s', which lets no others be\n  the "
        "same mode replaces it; mode='multi' and links need it to be detached",
        opts.attach_flags & BPF_F_ALLOW_OVERRIDE ? "override" : "single");
    return 0;
}

/* What a kernel says that is older than a place among programs. */
static int
explain_age(const struct tb_target *target, int err, char *text, size_t size)
{
    char running[128] = "?";

    if (err != -EINVAL || !target->is_ordered ||
        !tb_kernel_is_before("6.17", running, sizeof(running))) {
        return -1;
    }
    snprintf(text, size,
             "an order of the programs of a cgroup (before=, after=, first=, "
             "expected_revision=) is in Linux since 6.17 (preorder= since 6.15), and "
             "this is %s",
             running);
    return 1;
}

/* Ask at the cgroup itself what the kernel said it about; as the callers. */
static int
explain_cgroup(const struct tb_target *target, int err, char *text, size_t size)
{
    int fd = target->fd, rc = -1;

    if (target->path != NULL) {
        fd = open(target->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (err == -EPERM) {
        rc = explain_mode(fd, target->attach_type, text, size);
    }
    else if (err == -EINVAL && target->is_ordered) { /* get_prog_list says so */
        rc = explain_place(fd, target->attach_type, -ENOENT, text, size);
    }
    else if (target->is_ordered || err == -EEXIST) {
        rc = explain_place(fd, target->attach_type, err, text, size);
    }
    if (target->path != NULL && fd >= 0) {
        close(fd);
    }
    return rc;
}

/* EPERM is for want of a capability, unless another mode is in the way. */
int
tb_target_network_cgroup(const struct tb_target *target, int err, char *text,
                         size_t size)
{
    int rc = err == -EPERM ? -1 : tb_target_file_cgroup(target, err, text, size);

    if (rc < 0) {
        rc = explain_age(target, err, text, size);
    }
    return rc < 0 ? explain_cgroup(target, err, text, size) : rc;
}

/* Whether a path or a descriptor is a network namespace. */
static int
is_netns(const struct tb_target *target)
{
    int fd = target->fd, kind;

    if (target->path != NULL) {
        fd = open(target->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    kind = fd < 0 ? -1 : ioctl(fd, NS_GET_NSTYPE);
    if (target->path != NULL && fd >= 0) {
        close(fd);
    }
    return kind == CLONE_NEWNET;
}

/* Before one of another namespace the flow dissector of the first one holds
 * (flow_dissector_bpf_prog_attach_check, net/core/flow_dissector.c). */
int
tb_target_network_netns(const struct tb_target *target, int err, char *text,
                        size_t size)
{
    if (target->path != NULL && access(target->path, F_OK) < 0 && errno == ENOENT) {
        return tb_target_file_missing("network namespace", target->path, text, size);
    }
    if (err == -EINVAL && !is_netns(target)) {
        snprintf(text, size,
                 "%s is no network namespace\n  as in /proc/PID/ns/net or "
                 "/run/netns/NAME",
                 target->path ? target->path : "the descriptor");
        return 0;
    }
    if (err == -EEXIST || err == -E2BIG) {
        snprintf(text, size, "another program is attached there%s",
                 strcmp(target->hook->name, "flow_dissector") == 0
                     ? ", or to the first namespace, or, if this is the first, to any"
                     : "");
        return 0;
    }
    return -1;
}

int
tb_target_network_map(const struct tb_target *target, int err, char *text, size_t size)
{
    struct bpf_map_info info = {.type = 0};
    uint32_t n = sizeof(info);

    if (target->fd < 0) {
        return -1;
    }
    if (bpf_map_get_info_by_fd(target->fd, &info, &n) < 0) {
        snprintf(text, size, "the descriptor is of no map");
        return 0;
    }
    if (info.type != BPF_MAP_TYPE_SOCKMAP && info.type != BPF_MAP_TYPE_SOCKHASH) {
        snprintf(
            text, size,
            "it is a map of type %s; programs of sockets go to sockmap and sockhash",
            libbpf_bpf_map_type_str((enum bpf_map_type)info.type));
        return 0;
    }
    if (err == -EBUSY || err == -EEXIST) {
        snprintf(text, size,
                 "the map has another program, or one of the other verdicts");
        return 0;
    }
    return -1;
}

/* reuseport_attach_prog (net/core/sock_reuseport.c), sk_attach_bpf (net/core/filter.c).
 */
int
tb_target_network_socket(const struct tb_target *target, int err, char *text,
                         size_t size)
{
    int on = 0;
    socklen_t n = sizeof(on);

    if (target->fd < 0) {
        return -1;
    }
    if (err == -EINVAL &&
        getsockopt(target->fd, SOL_SOCKET, SO_REUSEPORT, &on, &n) == 0) {
        snprintf(text, size,
                 on ? "the socket is bound, and was bound without SO_REUSEPORT"
                    : "the socket has no SO_REUSEPORT\n  set it before bind()");
        return 0;
    }
    if (err == -EPERM &&
        getsockopt(target->fd, SOL_SOCKET, SO_LOCK_FILTER, &on, &n) == 0 && on) {
        snprintf(text, size, "the filter of the socket is locked (SO_LOCK_FILTER)");
        return 0;
    }
    return -1;
}

int
tb_target_network_device(const struct tb_target *target, int err, char *text,
                         size_t size)
{
    if (target->path == NULL) {
        return -1;
    }
    if (access(target->path, F_OK) < 0 && errno == ENOENT) {
        return tb_target_file_missing("device", target->path, text, size);
    }
    if (err == -EINVAL || err == -ENODEV) {
        snprintf(text, size,
                 "'%s' is no receiver of infrared in the kernel's raw mode, such as "
                 "/dev/lirc0",
                 target->path);
        return 0;
    }
    return -1;
}
