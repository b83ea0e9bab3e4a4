/* SPDX-License-Identifier: MIT
 *
 * The table of privileges (host/privilege.h) and the sentences made of it. CAP_BPF and
 * CAP_PERFMON exist since Linux 5.8; before it CAP_SYS_ADMIN stood for both, and it
 * still does (kernel/bpf/syscall.c: bpf_token_capable, perfmon_capable).
 */
#include "host/privilege.h"

#include "host/confinement.h"
#include "host/kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (UINT64_C(1) << (cap))
#define BPF BIT(CAP_BPF)
#define PERFMON BIT(CAP_PERFMON)
#define NET_ADMIN BIT(CAP_NET_ADMIN)
#define SYS_ADMIN BIT(CAP_SYS_ADMIN)
#define DAC_READ_SEARCH BIT(CAP_DAC_READ_SEARCH)

#define TRACEFS_CLOSED " and to read /sys/kernel/tracing, which is closed to this user"

/* The order of the words in a sentence. */
static const struct {
    uint64_t bit;
    const char *name;
    const char *lower; /* as setpriv wants it */
} capabilities[] = {
    {BPF, "CAP_BPF", "bpf"},
    {PERFMON, "CAP_PERFMON", "perfmon"},
    {NET_ADMIN, "CAP_NET_ADMIN", "net_admin"},
    {DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "dac_read_search"},
    {SYS_ADMIN, "CAP_SYS_ADMIN", "sys_admin"},
};

/* Per program type, and where it matters the beginning of its section's or target's
 * name (the first row that fits counts): capabilities to load it, further ones to
 * attach it, and whether attaching goes by perf events and by tracefs, which is root's
 * own (mode 0700) unless mounted otherwise. tests/kernel/host/test_privilege.py
 * measures all of them on Linux 6.1, 6.18 and 7.3; what chooses a program to replace
 * needs CAP_SYS_ADMIN before it is loaded (tb_privilege_of_target). */
enum { PERF = 1, TRACEFS = 2 };

static const struct row {
    enum bpf_prog_type type;
    const char *hook; /* NULL: any */
    const char *name;
    uint64_t load;
    uint64_t attach;
    int by; /* attached by way of: */
} rows[] = {
    {BPF_PROG_TYPE_TRACEPOINT, NULL, "tracepoint", BPF | PERFMON, 0, PERF | TRACEFS},
    {BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, "raw_tp", BPF | PERFMON, 0, 0},
    {BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, NULL, "raw_tp.w", BPF | PERFMON, 0, 0},
    {BPF_PROG_TYPE_TRACING, NULL, "tracing", BPF | PERFMON, 0, 0},
    {BPF_PROG_TYPE_PERF_EVENT, NULL, "perf_event", BPF | PERFMON, 0, PERF},
    {BPF_PROG_TYPE_KPROBE, "u", "uprobe", BPF | PERFMON, SYS_ADMIN, PERF},
    {BPF_PROG_TYPE_KPROBE, NULL, "kprobe", BPF | PERFMON, 0, PERF},
    {BPF_PROG_TYPE_LSM, NULL, "lsm", BPF | PERFMON, 0, 0},
    {BPF_PROG_TYPE_STRUCT_OPS, NULL, "struct_ops", BPF | PERFMON, 0, 0},
    {BPF_PROG_TYPE_EXT, NULL, "freplace", BPF | PERFMON | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_SYSCALL, NULL, "syscall", BPF, 0, 0},
    {BPF_PROG_TYPE_SOCKET_FILTER, NULL, "socket", BPF, 0, 0},
    {BPF_PROG_TYPE_SK_REUSEPORT, NULL, "sk_reuseport", BPF, 0, 0},
    {BPF_PROG_TYPE_SK_LOOKUP, NULL, "sk_lookup", BPF, 0, 0},
    {BPF_PROG_TYPE_XDP, NULL, "xdp", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_SCHED_CLS, NULL, "tc", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_SCHED_ACT, NULL, "tc action", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_LWT_IN, NULL, "lwt_in", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_LWT_OUT, NULL, "lwt_out", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_LWT_XMIT, NULL, "lwt_xmit", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_LWT_SEG6LOCAL, NULL, "lwt_seg6local", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_SK_MSG, NULL, "sk_msg", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_SK_SKB, NULL, "sk_skb", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_SOCK_OPS, NULL, "sockops", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_FLOW_DISSECTOR, NULL, "flow_dissector", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_NETFILTER, NULL, "netfilter", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_CGROUP_SKB, NULL, "cgroup_skb", BPF, NET_ADMIN, 0},
    {BPF_PROG_TYPE_CGROUP_SOCK, NULL, "cgroup/sock", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_CGROUP_DEVICE, NULL, "cgroup/dev", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_CGROUP_SOCK_ADDR, NULL, "cgroup address", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_CGROUP_SYSCTL, NULL, "cgroup/sysctl", BPF | NET_ADMIN, 0, 0},
    {BPF_PROG_TYPE_CGROUP_SOCKOPT, NULL, "cgroup/sockopt", BPF | NET_ADMIN, 0, 0},
};

/* Maps that hold sockets or interfaces, made with this capability too. */
static const enum bpf_map_type net_maps[] = {
    BPF_MAP_TYPE_DEVMAP,   BPF_MAP_TYPE_DEVMAP_HASH, BPF_MAP_TYPE_SOCKMAP,
    BPF_MAP_TYPE_SOCKHASH, BPF_MAP_TYPE_XSKMAP,
};

/* What a sentence needs to know. */
struct need {
    const char *verb;  /* "loading", "attaching" */
    const char *kinds; /* "maps", "xdp, tracepoint programs" */
    uint64_t caps;     /* needed */
    uint64_t missing;  /* of these, in this process */
    int known;         /* whether the process's capabilities could be read */
    int tracefs;       /* whether tracefs is needed and this process cannot enter it */
    int paranoid;      /* kernel.perf_event_paranoid if perf events are, else -1 */
};

static const struct row *
find_row(enum bpf_prog_type type, const char *hook)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *begin = rows[i].hook ? rows[i].hook : "";

        if (rows[i].type == type && strncmp(hook, begin, strlen(begin)) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The effective capabilities of this thread, by system call: /proc may not be there. */
static int
read_capabilities(uint64_t *out_caps)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2]; /* 64 capabilities since version 3 */

    if (syscall(SYS_capget, &header, data) < 0) {
        return 0;
    }
    *out_caps = data[0].effective | (uint64_t)data[1].effective << 32;
    return 1;
}

/* Not by access(2), which leaves out capabilities. */
static int
is_tracefs_closed(void)
{
    struct stat st;

    return stat("/sys/kernel/tracing/events", &st) < 0 && errno == EACCES;
}

/* CAP_SYS_ADMIN stands for what bpf() asks for; the network's own calls want
 * CAP_NET_ADMIN itself, but nothing is attached before it was loaded. Upstream knows
 * no kernel.perf_event_paranoid above 2; with 3 and more the kernels of Debian, Ubuntu
 * and Android keep perf events for CAP_SYS_ADMIN. */
static void
compare(struct need *need)
{
    uint64_t caps = 0;

    if (tb_release_is_before("5.8", NULL, 0)) {
        need->caps = (need->caps & ~(BPF | PERFMON)) | SYS_ADMIN;
    }
    need->known = read_capabilities(&caps);
    if (caps & SYS_ADMIN) {
        caps |= BPF | PERFMON;
    }
    if (need->paranoid > 2 && need->known && !(caps & SYS_ADMIN)) {
        need->caps |= SYS_ADMIN;
    }
    else {
        need->paranoid = -1;
    }
    need->missing = need->caps & ~caps;
}

/* Write "CAP_BPF and CAP_NET_ADMIN", or with a format of its own each one. */
static void
write_names(uint64_t caps, char *text, size_t size)
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
        uint64_t later = caps & ~capabilities[i].bit;

        if ((caps & capabilities[i].bit) && n < size) {
            n += (size_t)snprintf(text + n, size - n, "%s%s", capabilities[i].name,
                                  later == 0              ? ""
                                  : (later & (later - 1)) ? ", "
                                                          : " and ");
        }
        caps = later;
    }
}

/* Write each one between two strings: "+bpf,+perfmon" or "CAP_BPF CAP_PERFMON". */
static void
write_list(uint64_t caps, int lower, char *text, size_t size)
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
        if ((caps & capabilities[i].bit) && n < size) {
            n += (size_t)snprintf(text + n, size - n, lower ? "%s+%s" : "%s%s",
                                  n == 0  ? ""
                                  : lower ? ","
                                          : " ",
                                  lower ? capabilities[i].lower : capabilities[i].name);
        }
    }
}

/* Write the whole advice. */
static void
write_advice(const struct need *need, char *text, size_t size)
{
    char needed[160], missing[160], lower[160], upper[160], lack[288], more[160] = "";
    uint64_t all = need->caps | (need->tracefs ? DAC_READ_SEARCH : 0);

    write_names(need->caps, needed, sizeof(needed));
    write_names(need->missing, missing, sizeof(missing));
    write_list(all, 1, lower, sizeof(lower));
    write_list(all, 0, upper, sizeof(upper));
    if (need->known && need->missing == 0 && !need->tracefs) {
        char confined[640];

        tb_confinement_list(confined, sizeof(confined));
        snprintf(text, size, "%s %s needs %s, which this process has%s", need->verb,
                 need->kinds, needed, confined);
        return;
    }
    snprintf(lack, sizeof(lack), "%s%s%s", need->tracefs ? TRACEFS_CLOSED : "",
             need->missing && need->known ? "; this process lacks " : "",
             need->missing && need->known ? missing : "");
    if (need->paranoid > 2) {
        snprintf(more, sizeof(more),
                 "\n  kernel.perf_event_paranoid is %d: sysctl "
                 "kernel.perf_event_paranoid=2 does without CAP_SYS_ADMIN",
                 need->paranoid);
    }
    snprintf(text, size,
             "%s %s needs %s%s%s\n  run as root, or start it with just these: "
             "setpriv --reuid=UID --clear-groups --inh-caps=%s --ambient-caps=%s "
             "COMMAND, or in a systemd unit AmbientCapabilities=%s",
             need->verb, need->kinds, needed, lack, more, lower, lower, upper);
}

/* Kinds of thing for a sentence: "xdp, tracepoint programs". */
struct kinds {
    char text[128];
    size_t n;
};

static void
add_kind(struct kinds *kinds, const char *before, const char *name)
{
    if (kinds->n < sizeof(kinds->text) && strstr(kinds->text, name) == NULL) {
        kinds->n +=
            (size_t)snprintf(kinds->text + kinds->n, sizeof(kinds->text) - kinds->n,
                             "%s%s", kinds->n == 0 ? "" : before, name);
    }
}

/* What an object's maps need beyond CAP_BPF; what they are joins the programs. */
static void
add_maps(const struct bpf_object *object, struct kinds *kinds, struct need *need)
{
    struct bpf_map *map;

    bpf_object__for_each_map(map, object)
    {
        for (size_t i = 0; i < sizeof(net_maps) / sizeof(net_maps[0]); i++) {
            if (bpf_map__type(map) == net_maps[i] && bpf_map__autocreate(map)) {
                need->caps |= NET_ADMIN;
                add_kind(kinds, " and ", libbpf_bpf_map_type_str(net_maps[i]));
                add_kind(kinds, "", " maps");
            }
        }
    }
}

void
tb_privilege_of_load(const struct bpf_object *object, char *text, size_t size)
{
    struct kinds kinds = {"", 0};
    struct need need = {
        .verb = "loading", .kinds = kinds.text, .caps = BPF, .paranoid = -1};
    struct bpf_program *program;

    bpf_object__for_each_program(program, object)
    {
        const struct row *row =
            find_row(bpf_program__type(program), bpf_program__section_name(program));

        if (row != NULL && bpf_program__autoload(program)) {
            need.caps |= row->load;
            add_kind(&kinds, ", ", row->name);
        }
    }
    if (kinds.n > 0) {
        add_kind(&kinds, "", " programs");
    }
    add_maps(object, &kinds, &need);
    if (kinds.n == 0) {
        add_kind(&kinds, "", "maps");
    }
    compare(&need);
    write_advice(&need, text, size);
}

void
tb_privilege_of_attach(const struct bpf_program *program, const char *target,
                       char *text, size_t size)
{
    const struct row *row = find_row(bpf_program__type(program), target);
    char kinds[128] = "such programs";
    struct need need = {
        .verb = "attaching", .kinds = kinds, .caps = BPF, .paranoid = -1};

    if (row != NULL) {
        snprintf(kinds, sizeof(kinds), "%s programs", row->name);
        need.caps = row->load | row->attach;
        need.tracefs = (row->by & TRACEFS) && is_tracefs_closed();
        need.paranoid = row->by & PERF ? tb_confinement_paranoid() : -1;
    }
    compare(&need);
    write_advice(&need, text, size);
}

void
tb_privilege_of_map(enum bpf_map_type type, char *text, size_t size)
{
    const char *name = libbpf_bpf_map_type_str(type);
    char kinds[64];
    struct need need = {.verb = "making", .kinds = kinds, .caps = BPF, .paranoid = -1};

    snprintf(kinds, sizeof(kinds), "%s maps", name ? name : "such");
    for (size_t i = 0; i < sizeof(net_maps) / sizeof(net_maps[0]); i++) {
        need.caps |= net_maps[i] == type ? NET_ADMIN : 0;
    }
    compare(&need);
    write_advice(&need, text, size);
}

/* BTF of a loaded program is opened by its id (libbpf_find_prog_btf_id), which is
 * CAP_SYS_ADMIN's alone (BPF_BTF_GET_FD_BY_ID in kernel/bpf/syscall.c). */
void
tb_privilege_of_target(char *text, size_t size)
{
    struct need need = {.verb = "reading",
                        .kinds = "the BTF of a loaded program",
                        .caps = SYS_ADMIN,
                        .paranoid = -1};

    compare(&need);
    write_advice(&need, text, size);
}
