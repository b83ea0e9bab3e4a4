/* SPDX-License-Identifier: MIT
 *
 * A trial for each kind of hook (system/feature_hook.h); those without a row are known
 * by the type of their programs alone.
 */
#include "system/feature_hook.h"

#include "catalog/hook.h"
#include "catalog/program.h"
#include "error/code.h"
#include "host/support.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_FUNCTION "tinybpf_no_such_function"

struct trial {
    const char *hook;
    int type;             /* enum bpf_prog_type of a program that is loaded for it */
    int attach_type;      /* enum bpf_attach_type that it is loaded and attached as */
    const char *bound_to; /* in the kernel's BTF; NULL: nothing */
    uint32_t flags;       /* BPF_F_* of the load */
    /* Attach; -errno, or a descriptor that ends it. NULL: the load is enough. */
    int (*attach)(int program, int attach_type);
    int known;       /* -errno by which a kernel that has the hook refuses; 0: it does
                      * not */
    int stub_einval; /* whether EINVAL is also what kernels without it say, whatever
                      * their version */
};

/* A function that does not exist: ESRCH since 5.19 (bpf_kprobe_multi_link_attach). */
static int
attach_functions(int program, int attach_type)
{
    const char *names[] = {NO_FUNCTION};
    LIBBPF_OPTS(bpf_link_create_opts, opts, .kprobe_multi.syms = names,
                .kprobe_multi.cnt = 1);

    return bpf_link_create(program, 0, (enum bpf_attach_type)attach_type, &opts);
}

/* A place in a folder: EBADF, for it is no file (bpf_uprobe_multi_link_attach). */
static int
attach_uprobes(int program, int attach_type)
{
    const unsigned long offset = 0;
    LIBBPF_OPTS(bpf_link_create_opts, opts, .uprobe_multi.path = "/",
                .uprobe_multi.offsets = &offset, .uprobe_multi.cnt = 1);

    return bpf_link_create(program, -1, (enum bpf_attach_type)attach_type, &opts);
}

/* What the program is bound to. */
static int
attach_bound(int program, int attach_type)
{
    (void)attach_type;
    return bpf_raw_tracepoint_open(NULL, program);
}

static int
attach_raw_tracepoint(int program, int attach_type)
{
    (void)attach_type;
    return bpf_raw_tracepoint_open(NO_FUNCTION, program);
}

/* A descriptor or an interface that there is not: EBADF, ENODEV. */
static int
attach_nowhere(int program, int attach_type)
{
    return bpf_link_create(program, -1, (enum bpf_attach_type)attach_type, NULL);
}

/* The first interface of every network namespace has no driver: EOPNOTSUPP. */
static int
attach_driver(int program, int attach_type)
{
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);

    return bpf_link_create(program, 1, (enum bpf_attach_type)attach_type, &opts);
}

/* No family of protocols has that number: EAFNOSUPPORT. */
static int
attach_netfilter(int program, int attach_type)
{
    LIBBPF_OPTS(bpf_link_create_opts, opts, .netfilter.pf = UINT32_MAX);

    return bpf_link_create(program, 0, (enum bpf_attach_type)attach_type, &opts);
}

static int
attach_map(int program, int attach_type)
{
    return bpf_prog_attach(program, -1, (enum bpf_attach_type)attach_type, 0);
}

#define BOUND(hook, kind, as, to) \
    {hook, BPF_PROG_TYPE_##kind, as, to, 0, attach_bound, 0, 0}
#define FUNCTION "bpf_fentry_test1"

static const struct trial trials[] = {
    {"kprobe.multi", BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI, NULL, 0,
     attach_functions, -ESRCH, 0},
    {"kprobe.session", BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_SESSION, NULL, 0,
     attach_functions, -ESRCH, 0},
    {"uprobe.multi", BPF_PROG_TYPE_KPROBE, BPF_TRACE_UPROBE_MULTI, NULL, 0,
     attach_uprobes, -EBADF, 0},
    {"uprobe.session", BPF_PROG_TYPE_KPROBE, BPF_TRACE_UPROBE_SESSION, NULL, 0,
     attach_uprobes, -EBADF, 0},
    BOUND("fentry", TRACING, BPF_TRACE_FENTRY, FUNCTION),
    BOUND("fexit", TRACING, BPF_TRACE_FEXIT, FUNCTION),
    BOUND("fmod_ret", TRACING, BPF_MODIFY_RETURN, "bpf_modify_return_test"),
    BOUND("fsession", TRACING, BPF_TRACE_FSESSION, FUNCTION),
    {"raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, NULL, 0, attach_raw_tracepoint,
     -ENOENT, 0},
    {"tp_btf", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "sched_switch", 0, NULL, 0, 0},
    {"iter", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "task", 0, NULL, 0, 0},
    {"lsm", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "file_open", 0, NULL, 0, 0},
    {"lsm_cgroup", BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP, "socket_bind", 0, attach_nowhere,
     -EBADF, 0},
    {"xdp", BPF_PROG_TYPE_XDP, BPF_XDP, NULL, 0, attach_driver, -EOPNOTSUPP, 0},
    {"tcx", BPF_PROG_TYPE_SCHED_CLS, BPF_TCX_INGRESS, NULL, 0, attach_nowhere, -ENODEV,
     1},
    {"netkit", BPF_PROG_TYPE_SCHED_CLS, BPF_NETKIT_PRIMARY, NULL, 0, attach_nowhere,
     -ENODEV, 1},
    {"netfilter", BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER, NULL, 0, attach_netfilter,
     -EAFNOSUPPORT, 0},
    {"cgroup", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, NULL, 0,
     attach_nowhere, -EBADF, 1},
    {"sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, NULL, 0, attach_nowhere,
     -EBADF, 0},
    {"flow_dissector", BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR, NULL, 0,
     attach_nowhere, -EBADF, 0},
    {"sk_skb", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_VERDICT, NULL, 0, attach_map,
     -EBADF, 0},
    {"sk_msg", BPF_PROG_TYPE_SK_MSG, BPF_SK_MSG_VERDICT, NULL, 0, attach_map, -EBADF,
     0},
};

/* Load the program of a trial and attach it; 0 or -errno. */
static int
perform(const struct trial *trial)
{
    enum bpf_attach_type attach_type = (enum bpf_attach_type)trial->attach_type;
    int id = 0, program, err = 0;

    if (trial->bound_to != NULL) {
        id = libbpf_find_vmlinux_btf_id(trial->bound_to, attach_type);
        if (id <= 0) {
            return id < 0 ? id : -ENOENT;
        }
    }
    program = tb_feature_load((enum bpf_prog_type)trial->type, trial->attach_type, id,
                              trial->flags);
    if (program < 0 || trial->attach == NULL) {
        err = program < 0 ? program : 0;
    }
    else {
        int fd = trial->attach(program, trial->attach_type);

        err = fd < 0 ? fd : 0;
        if (fd >= 0) {
            close(fd);
        }
    }
    if (program >= 0) {
        close(program);
    }
    return err;
}

/* What a refusal means: that of a kernel which does not know the hook, or another. */
static void
judge(const struct tb_hook_kind *hook, const struct trial *trial, int err,
      struct tb_feature *out)
{
    char reason[128];
    int is_unknown =
        tb_error_is_unsupported(err) ||
        (err == -EINVAL && (trial->stub_einval || tb_support_is_old(&hook->needs))) ||
        (err == -E2BIG && tb_support_is_old(&hook->needs));

    if (is_unknown || err == -EPERM || err == -EACCES) {
        tb_feature_refuse(&hook->needs, 0, err, out);
        return;
    }
    libbpf_strerror(err, reason, sizeof(reason));
    out->supported = -1;
    snprintf(out->reason, sizeof(out->reason), "an attempt to attach failed: %s",
             reason);
}

/* A kind of probe is a source of perf events since Linux 4.17, before it a file of
 * tracefs. */
static void
ask_probes(const char *source, const char *config, struct tb_feature *out)
{
    static const char events[] = "/sys/bus/event_source/devices";
    char path[96];

    snprintf(path, sizeof(path), "%s/%s", events, source);
    if (access(path, F_OK) == 0) {
        return;
    }
    out->supported = access(events, F_OK) == 0 ? 0 : -1;
    snprintf(out->reason, sizeof(out->reason),
             out->supported == 0 ? "this kernel was built without it: see %s"
                                 : "sysfs is not mounted, where the kernel lists its "
                                   "sources of events\n  mount -t sysfs sysfs /sys",
             config);
}

/* Tracepoints are looked up in tracefs, wherever of the two places it is mounted. */
static void
ask_tracefs(struct tb_feature *out)
{
    static const char *const folders[] = {"/sys/kernel/tracing/events",
                                          "/sys/kernel/debug/tracing/events"};
    int is_closed = 0;

    for (size_t i = 0; i < 2; i++) {
        if (access(folders[i], F_OK) == 0) {
            return;
        }
        is_closed = is_closed || errno == EACCES;
    }
    out->supported = -1;
    snprintf(out->reason, sizeof(out->reason), "%s",
             is_closed
                 ? "tracefs, which lists the tracepoints, is closed to this user"
                 : "tracefs, which lists the tracepoints, is not mounted\n  mount -t "
                   "tracefs tracefs /sys/kernel/tracing");
}

/* An event of the kernel's own clock, which never starts. */
static void
ask_perf_events(struct tb_feature *out)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_CPU_CLOCK,
                                   .disabled = 1};
    int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

    if (fd >= 0) {
        close(fd);
        return;
    }
    out->supported = -1;
    snprintf(out->reason, sizeof(out->reason), "perf_event_open(2) is refused: %s",
             strerror(errno));
}

/* Hooks that go by perf_event_open(2), behind what their type of program says. */
static void
ask_events(const struct tb_hook_kind *hook, struct tb_feature *out)
{
    switch (hook->target) {
    case TB_TARGET_FUNCTION:
    case TB_TARGET_SYSCALL:
        ask_probes("kprobe", "CONFIG_KPROBE_EVENTS", out);
        break;
    case TB_TARGET_BINARY:
    case TB_TARGET_USDT:
        ask_probes("uprobe", "CONFIG_UPROBE_EVENTS", out);
        break;
    case TB_TARGET_TRACEPOINT:
        ask_tracefs(out);
        break;
    case TB_TARGET_EVENT:
        ask_perf_events(out);
        break;
    default:
        break;
    }
}

void
tb_feature_hook_nogil(const struct tb_hook_kind *hook, struct tb_feature *out)
{
    const struct trial *trial = NULL;
    int err;

    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        trial = strcmp(trials[i].hook, hook->name) == 0 ? &trials[i] : trial;
    }
    tb_feature_program_nogil((enum bpf_prog_type)(trial ? trial->type : hook->types[0]),
                             out);
    if (out->supported <= 0) {
        return;
    }
    if (trial == NULL) {
        ask_events(hook, out);
        return;
    }
    err = perform(trial);
    if (err != 0 && err != trial->known) {
        judge(hook, trial, err, out);
    }
    if (out->supported == 1 && strcmp(hook->name, "lsm") == 0 &&
        tb_support_of_lsm(out->reason, sizeof(out->reason))) {
        out->supported = 0;
    }
}
