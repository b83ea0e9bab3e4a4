/* SPDX-License-Identifier: MIT
 *
 * The table of the kinds of program (catalog/program.h), in the order of enum
 * bpf_prog_type. First versions are from the history of that enum in
 * include/uapi/linux/bpf.h, options those around each type in
 * include/linux/bpf_types.h, capabilities those of is_net_admin_prog_type(),
 * is_perfmon_prog_type() and is_sys_admin_prog_type() in kernel/bpf/syscall.c;
 * tests/kernel/host/test_privilege.py measures them, and those of the hooks, on Linux
 * 6.1, 6.18 and 7.3.
 */
#include "catalog/program.h"

#include "base/libbpf.h"

#define PERFMON TB_NEEDS_PERFMON
#define NET_ADMIN TB_NEEDS_NET_ADMIN

static const struct tb_program_kind kinds[] = {
    {.type = BPF_PROG_TYPE_UNSPEC},
    {.type = BPF_PROG_TYPE_SOCKET_FILTER,
     .name = "socket",
     .needs = {"3.19", "CONFIG_NET", 0}},
    {.type = BPF_PROG_TYPE_KPROBE,
     .name = "kprobe",
     .needs = {"4.1", "CONFIG_BPF_EVENTS", PERFMON}},
    {.type = BPF_PROG_TYPE_SCHED_CLS,
     .name = "tc",
     .needs = {"4.1", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_SCHED_ACT,
     .name = "tc action",
     .needs = {"4.1", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_TRACEPOINT,
     .name = "tracepoint",
     .needs = {"4.7", "CONFIG_BPF_EVENTS", PERFMON}},
    {.type = BPF_PROG_TYPE_XDP,
     .name = "xdp",
     .needs = {"4.8", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_PERF_EVENT,
     .name = "perf_event",
     .needs = {"4.9", "CONFIG_BPF_EVENTS", PERFMON}},
    /* CAP_NET_ADMIN only to attach: bpf_prog_attach_check_attach_type() */
    {.type = BPF_PROG_TYPE_CGROUP_SKB,
     .name = "cgroup_skb",
     .needs = {"4.10", "CONFIG_CGROUP_BPF", 0},
     .attach = NET_ADMIN},
    {.type = BPF_PROG_TYPE_CGROUP_SOCK,
     .name = "cgroup/sock",
     .needs = {"4.10", "CONFIG_CGROUP_BPF", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_LWT_IN,
     .name = "lwt_in",
     .needs = {"4.10", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_LWT_OUT,
     .name = "lwt_out",
     .needs = {"4.10", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_LWT_XMIT,
     .name = "lwt_xmit",
     .needs = {"4.10", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_SOCK_OPS,
     .name = "sockops",
     .needs = {"4.13", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_SK_SKB,
     .name = "sk_skb",
     .needs = {"4.14", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_CGROUP_DEVICE,
     .name = "cgroup/dev",
     .needs = {"4.15", "CONFIG_CGROUP_BPF", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_SK_MSG,
     .name = "sk_msg",
     .needs = {"4.17", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_RAW_TRACEPOINT,
     .name = "raw_tp",
     .needs = {"4.17", "CONFIG_BPF_EVENTS", PERFMON}},
    {.type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
     .name = "cgroup address",
     .needs = {"4.17", "CONFIG_CGROUP_BPF", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_LWT_SEG6LOCAL,
     .name = "lwt_seg6local",
     .needs = {"4.18", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_LIRC_MODE2,
     .name = "lirc_mode2",
     .needs = {"4.18", "CONFIG_BPF_LIRC_MODE2", TB_NEEDS_SYS_ADMIN}},
    {.type = BPF_PROG_TYPE_SK_REUSEPORT,
     .name = "sk_reuseport",
     .needs = {"4.19", "CONFIG_INET", 0}},
    {.type = BPF_PROG_TYPE_FLOW_DISSECTOR,
     .name = "flow_dissector",
     .needs = {"4.20", "CONFIG_NET", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_CGROUP_SYSCTL,
     .name = "cgroup/sysctl",
     .needs = {"5.2", "CONFIG_CGROUP_BPF", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
     .name = "raw_tp.w",
     .needs = {"5.2", "CONFIG_BPF_EVENTS", PERFMON}},
    {.type = BPF_PROG_TYPE_CGROUP_SOCKOPT,
     .name = "cgroup/sockopt",
     .needs = {"5.3", "CONFIG_CGROUP_BPF", NET_ADMIN}},
    {.type = BPF_PROG_TYPE_TRACING,
     .name = "tracing",
     .needs = {"5.5", "CONFIG_BPF_EVENTS", PERFMON},
     .is_bound = 1,
     .bound_as = BPF_TRACE_RAW_TP},
    {.type = BPF_PROG_TYPE_STRUCT_OPS,
     .name = "struct_ops",
     .needs = {"5.6", "CONFIG_BPF_JIT", PERFMON},
     .is_bound = 1},
    {.type = BPF_PROG_TYPE_EXT,
     .name = "freplace",
     .needs = {"5.6", "CONFIG_BPF_JIT", PERFMON | NET_ADMIN},
     .is_bound = 1},
    {.type = BPF_PROG_TYPE_LSM,
     .name = "lsm",
     .needs = {"5.7", "CONFIG_BPF_LSM", PERFMON},
     .is_bound = 1,
     .bound_as = BPF_LSM_MAC},
    {.type = BPF_PROG_TYPE_SK_LOOKUP,
     .name = "sk_lookup",
     .needs = {"5.9", "CONFIG_INET", 0}},
    {.type = BPF_PROG_TYPE_SYSCALL, .name = "syscall", .needs = {"5.14", NULL, 0}},
    {.type = BPF_PROG_TYPE_NETFILTER,
     .name = "netfilter",
     .needs = {"6.4", "CONFIG_NETFILTER_BPF_LINK", NET_ADMIN}},
};

const struct tb_program_kind *
tb_catalog_program(uint32_t type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].type == type) {
            return &kinds[i];
        }
    }
    return &kinds[0];
}
