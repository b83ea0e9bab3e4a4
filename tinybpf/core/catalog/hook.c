/* SPDX-License-Identifier: MIT
 *
 * The table of the kinds of hook (catalog/hook.h). Sections, types and attach types are
 * those of libbpf's section_defs (libbpf.c, 1.7); first versions come from the history
 * of enum bpf_attach_type and enum bpf_link_type in include/uapi/linux/bpf.h, and are
 * those of the way that libbpf attaches by.
 *
 * To support one more kind: its row here, how libbpf is called in attach/, its method
 * in the stub.
 */
#include "catalog/hook.h"

#include "base/libbpf.h"

#include <string.h>

#define SECTIONS(...)     \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
#define TYPES(...) (const int[]){__VA_ARGS__, -1}

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_sys_" /* since Linux 4.17 */
#else
#define SYSCALL_PREFIX "__arm64_sys_"
#endif

#define DIRECT_CALLS "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"

static const struct tb_hook_kind kinds[] = {
    /* functions, of the kernel and of programs */
    {.name = "kprobe",
     .at_return = "kretprobe",
     .sections = SECTIONS("kprobe+", "kretprobe+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .cookies = "5.15",
     .by = TB_BY_PERF,
     .target = TB_TARGET_FUNCTION,
     .noun = "function",
     .prefix = ""},
    {.name = "ksyscall",
     .at_return = "kretsyscall",
     .sections = SECTIONS("ksyscall+", "kretsyscall+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .cookies = "5.15",
     .by = TB_BY_PERF,
     .target = TB_TARGET_SYSCALL,
     .noun = "system call",
     .prefix = SYSCALL_PREFIX},
    {.name = "kprobe.multi",
     .at_return = "kretprobe.multi",
     .sections = SECTIONS("kprobe.multi+", "kretprobe.multi+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .attach_types = TYPES(BPF_TRACE_KPROBE_MULTI),
     .needs = {"5.18", "CONFIG_FPROBE", 0},
     .cookies = "5.18",
     .by = TB_BY_LINK,
     .target = TB_TARGET_FUNCTIONS},
    {.name = "kprobe.session",
     .sections = SECTIONS("kprobe.session+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .attach_types = TYPES(BPF_TRACE_KPROBE_SESSION),
     .needs = {"6.10", "CONFIG_FPROBE", 0},
     .cookies = "6.10",
     .by = TB_BY_LINK,
     .target = TB_TARGET_FUNCTIONS},
    {.name = "uprobe",
     .at_return = "uretprobe",
     .programs = "uprobe",
     .sections = SECTIONS("uprobe+", "uprobe.s+", "uretprobe+", "uretprobe.s+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .needs = {"4.17", "CONFIG_UPROBES", TB_NEEDS_SYS_ADMIN},
     .cookies = "5.15",
     .by = TB_BY_PERF,
     .target = TB_TARGET_BINARY,
     .noun = "function"},
    {.name = "uprobe.multi",
     .at_return = "uretprobe.multi",
     .programs = "uprobe",
     .sections = SECTIONS("uprobe.multi+", "uprobe.multi.s+", "uretprobe.multi+",
                          "uretprobe.multi.s+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .attach_types = TYPES(BPF_TRACE_UPROBE_MULTI),
     .needs = {"6.6", "CONFIG_UPROBES", 0},
     .cookies = "6.6",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BINARY,
     .noun = "function"},
    {.name = "uprobe.session",
     .programs = "uprobe",
     .sections = SECTIONS("uprobe.session+", "uprobe.session.s+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .attach_types = TYPES(BPF_TRACE_UPROBE_SESSION),
     .needs = {"6.13", "CONFIG_UPROBES", 0},
     .cookies = "6.13",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BINARY,
     .noun = "function"},
    /* by uprobe.multi where the kernel has it, else by uprobes
       (usdt_manager_attach_usdt) */
    {.name = "usdt",
     .programs = "uprobe",
     .sections = SECTIONS("usdt+", "usdt.s+"),
     .types = TYPES(BPF_PROG_TYPE_KPROBE),
     .needs = {.caps = TB_NEEDS_SYS_ADMIN},
     .by = TB_BY_PERF | TB_BY_LINK,
     .target = TB_TARGET_USDT},
    {.name = "fentry",
     .sections = SECTIONS("fentry+", "fentry.s+"),
     .types = TYPES(BPF_PROG_TYPE_TRACING),
     .attach_types = TYPES(BPF_TRACE_FENTRY),
     .needs = {"5.5", DIRECT_CALLS, 0},
     .cookies = "5.19",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "function",
     .prefix = "",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "fexit",
     .sections = SECTIONS("fexit+", "fexit.s+"),
     .types = TYPES(BPF_PROG_TYPE_TRACING),
     .attach_types = TYPES(BPF_TRACE_FEXIT),
     .needs = {"5.5", DIRECT_CALLS, 0},
     .cookies = "5.19",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "function",
     .prefix = "",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "fmod_ret",
     .sections = SECTIONS("fmod_ret+", "fmod_ret.s+"),
     .types = TYPES(BPF_PROG_TYPE_TRACING),
     .attach_types = TYPES(BPF_MODIFY_RETURN),
     .needs = {"5.7", DIRECT_CALLS, 0},
     .cookies = "5.19",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "function",
     .prefix = "",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "fsession",
     .sections = SECTIONS("fsession+", "fsession.s+"),
     .types = TYPES(BPF_PROG_TYPE_TRACING),
     .attach_types = TYPES(BPF_TRACE_FSESSION),
     .needs = {"7.0", DIRECT_CALLS, 0},
     .cookies = "7.0",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "function",
     .prefix = "",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "freplace",
     .sections = SECTIONS("freplace+"),
     .types = TYPES(BPF_PROG_TYPE_EXT),
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "function",
     .prefix = "",
     .btf_kind = BTF_KIND_FUNC},

    /* tracepoints, and events */
    {.name = "tracepoint",
     .sections = SECTIONS("tracepoint+", "tp+"),
     .types = TYPES(BPF_PROG_TYPE_TRACEPOINT),
     .cookies = "5.15",
     .by = TB_BY_PERF | TB_BY_TRACEFS,
     .target = TB_TARGET_TRACEPOINT,
     .noun = "tracepoint"},
    {.name = "raw_tracepoint",
     .sections =
         SECTIONS("raw_tracepoint+", "raw_tp+", "raw_tracepoint.w+", "raw_tp.w+"),
     .types =
         TYPES(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE),
     .cookies = "6.10",
     .by = TB_BY_LINK,
     .target = TB_TARGET_RAW_TRACEPOINT,
     .noun = "raw tracepoint",
     .prefix = "btf_trace_",
     .btf_kind = BTF_KIND_TYPEDEF},
    {.name = "tp_btf",
     .sections = SECTIONS("tp_btf+"),
     .types = TYPES(BPF_PROG_TYPE_TRACING),
     .attach_types = TYPES(BPF_TRACE_RAW_TP),
     .needs = {"5.5", NULL, 0},
     .cookies = "6.10",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "tracepoint",
     .prefix = "btf_trace_",
     .btf_kind = BTF_KIND_TYPEDEF},
    {.name = "perf_event",
     .sections = SECTIONS("perf_event"),
     .types = TYPES(BPF_PROG_TYPE_PERF_EVENT),
     .attach_types = TYPES(BPF_PERF_EVENT),
     .cookies = "5.15",
     .by = TB_BY_PERF,
     .target = TB_TARGET_EVENT},

    /* security, iterators, what the kernel calls back or is asked to run */
    {.name = "lsm",
     .sections = SECTIONS("lsm+", "lsm.s+"),
     .types = TYPES(BPF_PROG_TYPE_LSM),
     .attach_types = TYPES(BPF_LSM_MAC),
     .needs = {"5.7", "CONFIG_BPF_LSM", 0},
     .cookies = "5.19",
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "LSM hook",
     .prefix = "bpf_lsm_",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "lsm_cgroup",
     .sections = SECTIONS("lsm_cgroup+"),
     .types = TYPES(BPF_PROG_TYPE_LSM),
     .attach_types = TYPES(BPF_LSM_CGROUP),
     .needs = {"6.0", "CONFIG_BPF_LSM", 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "LSM hook",
     .prefix = "bpf_lsm_",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "iter",
     .sections = SECTIONS("iter+", "iter.s+"),
     .types = TYPES(BPF_PROG_TYPE_TRACING),
     .attach_types = TYPES(BPF_TRACE_ITER),
     .needs = {"5.8", NULL, 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_BTF,
     .noun = "iterator",
     .prefix = "bpf_iter_",
     .btf_kind = BTF_KIND_FUNC},
    {.name = "struct_ops",
     .sections = SECTIONS("struct_ops+", "struct_ops.s+"),
     .types = TYPES(BPF_PROG_TYPE_STRUCT_OPS),
     .attach_types = TYPES(BPF_STRUCT_OPS),
     .by = TB_BY_LINK,
     .target = TB_TARGET_MAP},
    {.name = "syscall",
     .sections = SECTIONS("syscall"),
     .types = TYPES(BPF_PROG_TYPE_SYSCALL)},

    /* interfaces */
    {.name = "xdp",
     .sections = SECTIONS("xdp", "xdp.frags"),
     .types = TYPES(BPF_PROG_TYPE_XDP),
     .attach_types = TYPES(BPF_XDP),
     .needs = {"5.9", NULL, 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_INTERFACE},
    {.name = "xdp/devmap",
     .sections = SECTIONS("xdp/devmap", "xdp.frags/devmap"),
     .types = TYPES(BPF_PROG_TYPE_XDP),
     .attach_types = TYPES(BPF_XDP_DEVMAP),
     .target = TB_TARGET_MAP},
    {.name = "xdp/cpumap",
     .sections = SECTIONS("xdp/cpumap", "xdp.frags/cpumap"),
     .types = TYPES(BPF_PROG_TYPE_XDP),
     .attach_types = TYPES(BPF_XDP_CPUMAP),
     .target = TB_TARGET_MAP},
    {.name = "tc",
     .sections = SECTIONS("tc", "classifier"),
     .types = TYPES(BPF_PROG_TYPE_SCHED_CLS),
     .by = TB_BY_NETLINK,
     .target = TB_TARGET_INTERFACE},
    {.name = "action",
     .sections = SECTIONS("action"),
     .types = TYPES(BPF_PROG_TYPE_SCHED_ACT),
     .by = TB_BY_NETLINK,
     .target = TB_TARGET_INTERFACE},
    {.name = "tcx",
     .sections = SECTIONS("tcx/ingress", "tcx/egress", "tc/ingress", "tc/egress"),
     .types = TYPES(BPF_PROG_TYPE_SCHED_CLS),
     .attach_types = TYPES(BPF_TCX_INGRESS, BPF_TCX_EGRESS),
     .needs = {"6.6", "CONFIG_NET_XGRESS", 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_INTERFACE},
    {.name = "netkit",
     .sections = SECTIONS("netkit/primary", "netkit/peer"),
     .types = TYPES(BPF_PROG_TYPE_SCHED_CLS),
     .attach_types = TYPES(BPF_NETKIT_PRIMARY, BPF_NETKIT_PEER),
     .needs = {"6.7", "CONFIG_NETKIT", 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_INTERFACE},
    {.name = "netfilter",
     .sections = SECTIONS("netfilter"),
     .types = TYPES(BPF_PROG_TYPE_NETFILTER),
     .attach_types = TYPES(BPF_NETFILTER),
     .needs = {"6.4", "CONFIG_NETFILTER_BPF_LINK", 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_PACKETS},
    /* by the routes of iproute2, each by a type of its own */
    {.name = "lwt",
     .sections = SECTIONS("lwt_in", "lwt_out", "lwt_xmit", "lwt_seg6local"),
     .types = TYPES(BPF_PROG_TYPE_LWT_IN, BPF_PROG_TYPE_LWT_OUT, BPF_PROG_TYPE_LWT_XMIT,
                    BPF_PROG_TYPE_LWT_SEG6LOCAL),
     .by = TB_BY_NETLINK},

    /* sockets */
    {.name = "socket",
     .sections = SECTIONS("socket"),
     .types = TYPES(BPF_PROG_TYPE_SOCKET_FILTER),
     .target = TB_TARGET_SOCKET},
    {.name = "sk_reuseport",
     .sections = SECTIONS("sk_reuseport", "sk_reuseport/migrate"),
     .types = TYPES(BPF_PROG_TYPE_SK_REUSEPORT),
     .attach_types = TYPES(BPF_SK_REUSEPORT_SELECT, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE),
     .target = TB_TARGET_SOCKET},
    {.name = "sk_skb",
     .sections = SECTIONS("sk_skb", "sk_skb/stream_parser", "sk_skb/stream_verdict",
                          "sk_skb/verdict"),
     .types = TYPES(BPF_PROG_TYPE_SK_SKB),
     .attach_types =
         TYPES(BPF_SK_SKB_STREAM_PARSER, BPF_SK_SKB_STREAM_VERDICT, BPF_SK_SKB_VERDICT),
     .by = TB_BY_ATTACH | TB_BY_LINK,
     .target = TB_TARGET_MAP},
    {.name = "sk_msg",
     .sections = SECTIONS("sk_msg"),
     .types = TYPES(BPF_PROG_TYPE_SK_MSG),
     .attach_types = TYPES(BPF_SK_MSG_VERDICT),
     .by = TB_BY_ATTACH | TB_BY_LINK,
     .target = TB_TARGET_MAP},
    {.name = "sk_lookup",
     .sections = SECTIONS("sk_lookup"),
     .types = TYPES(BPF_PROG_TYPE_SK_LOOKUP),
     .attach_types = TYPES(BPF_SK_LOOKUP),
     .needs = {"5.9", NULL, 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_NETNS},
    {.name = "flow_dissector",
     .sections = SECTIONS("flow_dissector"),
     .types = TYPES(BPF_PROG_TYPE_FLOW_DISSECTOR),
     .attach_types = TYPES(BPF_FLOW_DISSECTOR),
     .by = TB_BY_LINK,
     .target = TB_TARGET_NETNS},

    /* cgroups: one way for all, so that the attach type is what differs. sockops hang
     * there, too, and programs of lsm_cgroup */
    {.name = "cgroup",
     .sections = SECTIONS(
         "cgroup_skb/ingress", "cgroup_skb/egress", "cgroup/skb", "cgroup/sock_create",
         "cgroup/sock_release", "cgroup/sock", "cgroup/post_bind4", "cgroup/post_bind6",
         "cgroup/bind4", "cgroup/bind6", "cgroup/connect4", "cgroup/connect6",
         "cgroup/connect_unix", "cgroup/sendmsg4", "cgroup/sendmsg6",
         "cgroup/sendmsg_unix", "cgroup/recvmsg4", "cgroup/recvmsg6",
         "cgroup/recvmsg_unix", "cgroup/getpeername4", "cgroup/getpeername6",
         "cgroup/getpeername_unix", "cgroup/getsockname4", "cgroup/getsockname6",
         "cgroup/getsockname_unix", "cgroup/sysctl", "cgroup/getsockopt",
         "cgroup/setsockopt", "cgroup/dev", "sockops"),
     .types = TYPES(BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_CGROUP_SOCK,
                    BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                    BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_PROG_TYPE_CGROUP_SOCKOPT,
                    BPF_PROG_TYPE_SOCK_OPS, BPF_PROG_TYPE_LSM),
     .attach_types = TYPES(
         BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS, BPF_CGROUP_INET_SOCK_CREATE,
         BPF_CGROUP_INET_SOCK_RELEASE, BPF_CGROUP_INET4_POST_BIND,
         BPF_CGROUP_INET6_POST_BIND, BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_BIND,
         BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_INET6_CONNECT, BPF_CGROUP_UNIX_CONNECT,
         BPF_CGROUP_UDP4_SENDMSG, BPF_CGROUP_UDP6_SENDMSG, BPF_CGROUP_UNIX_SENDMSG,
         BPF_CGROUP_UDP4_RECVMSG, BPF_CGROUP_UDP6_RECVMSG, BPF_CGROUP_UNIX_RECVMSG,
         BPF_CGROUP_INET4_GETPEERNAME, BPF_CGROUP_INET6_GETPEERNAME,
         BPF_CGROUP_UNIX_GETPEERNAME, BPF_CGROUP_INET4_GETSOCKNAME,
         BPF_CGROUP_INET6_GETSOCKNAME, BPF_CGROUP_UNIX_GETSOCKNAME, BPF_CGROUP_SYSCTL,
         BPF_CGROUP_GETSOCKOPT, BPF_CGROUP_SETSOCKOPT, BPF_CGROUP_DEVICE,
         BPF_CGROUP_SOCK_OPS),
     .needs = {"5.7", "CONFIG_CGROUP_BPF", 0},
     .by = TB_BY_LINK,
     .target = TB_TARGET_CGROUP},

    /* devices */
    {.name = "lirc_mode2",
     .sections = SECTIONS("lirc_mode2"),
     .types = TYPES(BPF_PROG_TYPE_LIRC_MODE2),
     .attach_types = TYPES(BPF_LIRC_MODE2),
     .by = TB_BY_ATTACH,
     .target = TB_TARGET_DEVICE},
};

#define COUNT (sizeof(kinds) / sizeof(kinds[0]))

const struct tb_hook_kind *
tb_catalog_hook(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Whether a section is of that form; what stands behind its slash goes to *out_rest. */
static int
fits(const char *section, const char *form, const char **out_rest)
{
    size_t n = strcspn(form, "+");

    *out_rest = NULL;
    if (form[n] == '\0' || strncmp(section, form, n) != 0 || section[n] == '\0') {
        return strncmp(section, form, n) == 0 && section[n] == '\0';
    }
    *out_rest = section + n + 1;
    return section[n] == '/';
}

const struct tb_hook_kind *
tb_catalog_hook_of_section(const char *section, const char **out_rest)
{
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; kinds[i].sections[j] != NULL; j++) {
            if (fits(section, kinds[i].sections[j], out_rest)) {
                return &kinds[i];
            }
        }
    }
    *out_rest = NULL;
    return NULL;
}

const struct tb_hook_kind *
tb_catalog_hook_at(size_t i)
{
    return i < COUNT ? &kinds[i] : NULL;
}
