/* SPDX-License-Identifier: MIT
 *
 * Tables of first versions (host/support.h), from the history of enum bpf_prog_type,
 * enum bpf_map_type and enum bpf_attach_type in include/uapi/linux/bpf.h; the options
 * are those around each type in include/linux/bpf_types.h.
 */
#include "host/support.h"

#include "error/code.h"
#include "host/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>

struct since {
    int type;
    const char *version;
    const char *config; /* NULL: none beyond CONFIG_BPF_SYSCALL */
};

static const struct since programs[] = {
    {BPF_PROG_TYPE_SOCKET_FILTER, "3.19", "CONFIG_NET"},
    {BPF_PROG_TYPE_KPROBE, "4.1", "CONFIG_BPF_EVENTS"},
    {BPF_PROG_TYPE_SCHED_CLS, "4.1", "CONFIG_NET"},
    {BPF_PROG_TYPE_SCHED_ACT, "4.1", "CONFIG_NET"},
    {BPF_PROG_TYPE_TRACEPOINT, "4.7", "CONFIG_BPF_EVENTS"},
    {BPF_PROG_TYPE_XDP, "4.8", "CONFIG_NET"},
    {BPF_PROG_TYPE_PERF_EVENT, "4.9", "CONFIG_BPF_EVENTS"},
    {BPF_PROG_TYPE_CGROUP_SKB, "4.10", "CONFIG_CGROUP_BPF"},
    {BPF_PROG_TYPE_CGROUP_SOCK, "4.10", "CONFIG_CGROUP_BPF"},
    {BPF_PROG_TYPE_LWT_IN, "4.10", "CONFIG_NET"},
    {BPF_PROG_TYPE_LWT_OUT, "4.10", "CONFIG_NET"},
    {BPF_PROG_TYPE_LWT_XMIT, "4.10", "CONFIG_NET"},
    {BPF_PROG_TYPE_SOCK_OPS, "4.13", "CONFIG_NET"},
    {BPF_PROG_TYPE_SK_SKB, "4.14", "CONFIG_NET"},
    {BPF_PROG_TYPE_CGROUP_DEVICE, "4.15", "CONFIG_CGROUP_BPF"},
    {BPF_PROG_TYPE_SK_MSG, "4.17", "CONFIG_NET"},
    {BPF_PROG_TYPE_RAW_TRACEPOINT, "4.17", "CONFIG_BPF_EVENTS"},
    {BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "4.17", "CONFIG_CGROUP_BPF"},
    {BPF_PROG_TYPE_LWT_SEG6LOCAL, "4.18", "CONFIG_NET"},
    {BPF_PROG_TYPE_LIRC_MODE2, "4.18", "CONFIG_BPF_LIRC_MODE2"},
    {BPF_PROG_TYPE_SK_REUSEPORT, "4.19", "CONFIG_INET"},
    {BPF_PROG_TYPE_FLOW_DISSECTOR, "4.20", "CONFIG_NET"},
    {BPF_PROG_TYPE_CGROUP_SYSCTL, "5.2", "CONFIG_CGROUP_BPF"},
    {BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, "5.2", "CONFIG_BPF_EVENTS"},
    {BPF_PROG_TYPE_CGROUP_SOCKOPT, "5.3", "CONFIG_CGROUP_BPF"},
    {BPF_PROG_TYPE_TRACING, "5.5", "CONFIG_BPF_EVENTS"},
    {BPF_PROG_TYPE_STRUCT_OPS, "5.6", "CONFIG_BPF_JIT"},
    {BPF_PROG_TYPE_EXT, "5.6", "CONFIG_BPF_JIT"},
    {BPF_PROG_TYPE_LSM, "5.7", "CONFIG_BPF_LSM"},
    {BPF_PROG_TYPE_SK_LOOKUP, "5.9", "CONFIG_INET"},
    {BPF_PROG_TYPE_SYSCALL, "5.14", NULL},
    {BPF_PROG_TYPE_NETFILTER, "6.4", "CONFIG_NETFILTER_BPF_LINK"},
};

static const struct since maps[] = {
    {BPF_MAP_TYPE_HASH, "3.19", NULL},
    {BPF_MAP_TYPE_ARRAY, "3.19", NULL},
    {BPF_MAP_TYPE_PROG_ARRAY, "4.2", NULL},
    {BPF_MAP_TYPE_PERF_EVENT_ARRAY, "4.3", "CONFIG_PERF_EVENTS"},
    {BPF_MAP_TYPE_PERCPU_HASH, "4.6", NULL},
    {BPF_MAP_TYPE_PERCPU_ARRAY, "4.6", NULL},
    {BPF_MAP_TYPE_STACK_TRACE, "4.6", "CONFIG_PERF_EVENTS"},
    {BPF_MAP_TYPE_CGROUP_ARRAY, "4.8", "CONFIG_CGROUPS"},
    {BPF_MAP_TYPE_LRU_HASH, "4.10", NULL},
    {BPF_MAP_TYPE_LRU_PERCPU_HASH, "4.10", NULL},
    {BPF_MAP_TYPE_LPM_TRIE, "4.11", NULL},
    {BPF_MAP_TYPE_ARRAY_OF_MAPS, "4.12", NULL},
    {BPF_MAP_TYPE_HASH_OF_MAPS, "4.12", NULL},
    {BPF_MAP_TYPE_DEVMAP, "4.14", "CONFIG_NET"},
    {BPF_MAP_TYPE_SOCKMAP, "4.14", "CONFIG_NET"},
    {BPF_MAP_TYPE_CPUMAP, "4.15", "CONFIG_NET"},
    {BPF_MAP_TYPE_XSKMAP, "4.18", "CONFIG_XDP_SOCKETS"},
    {BPF_MAP_TYPE_SOCKHASH, "4.18", "CONFIG_NET"},
    {BPF_MAP_TYPE_CGROUP_STORAGE, "4.19", "CONFIG_CGROUP_BPF"},
    {BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "4.19", "CONFIG_INET"},
    {BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, "4.20", "CONFIG_CGROUP_BPF"},
    {BPF_MAP_TYPE_QUEUE, "4.20", NULL},
    {BPF_MAP_TYPE_STACK, "4.20", NULL},
    {BPF_MAP_TYPE_SK_STORAGE, "5.2", "CONFIG_NET"},
    {BPF_MAP_TYPE_DEVMAP_HASH, "5.4", "CONFIG_NET"},
    {BPF_MAP_TYPE_STRUCT_OPS, "5.6", "CONFIG_BPF_JIT"},
    {BPF_MAP_TYPE_RINGBUF, "5.8", NULL},
    {BPF_MAP_TYPE_INODE_STORAGE, "5.10", "CONFIG_BPF_LSM"},
    {BPF_MAP_TYPE_TASK_STORAGE, "5.11", NULL},
    {BPF_MAP_TYPE_BLOOM_FILTER, "5.16", NULL},
    {BPF_MAP_TYPE_USER_RINGBUF, "6.1", NULL},
    {BPF_MAP_TYPE_CGRP_STORAGE, "6.2", "CONFIG_CGROUPS"},
    {BPF_MAP_TYPE_ARENA, "6.9", "CONFIG_MMU"},
    {BPF_MAP_TYPE_INSN_ARRAY, "6.19", NULL},
};

#define DIRECT_CALLS "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"

/* Kinds of hook, as the names of sections and targets begin; the first that fits. */
static const struct hook {
    const char *begin;
    const char *version;
    const char *config;
} hooks[] = {
    {"kprobe.multi", "5.18", "CONFIG_FPROBE"},
    {"kretprobe.multi", "5.18", "CONFIG_FPROBE"},
    {"kprobe.session", "6.10", "CONFIG_FPROBE"},
    {"uprobe.multi", "6.6", "CONFIG_UPROBES"},
    {"uretprobe.multi", "6.6", "CONFIG_UPROBES"},
    {"uprobe.session", "6.13", "CONFIG_UPROBES"},
    {"uprobe", "4.17", "CONFIG_UPROBES"},
    {"uretprobe", "4.17", "CONFIG_UPROBES"},
    {"fentry", "5.5", DIRECT_CALLS},
    {"fexit", "5.5", DIRECT_CALLS},
    {"fmod_ret", "5.7", DIRECT_CALLS},
    {"fsession", "7.0", DIRECT_CALLS},
    {"tp_btf", "5.5", NULL},
    {"lsm_cgroup", "6.0", "CONFIG_BPF_LSM"},
    {"lsm", "5.7", "CONFIG_BPF_LSM"},
    {"iter", "5.8", NULL},
    {"xdp", "5.9", NULL},
    {"cgroup", "5.7", "CONFIG_CGROUP_BPF"},
    {"sk_lookup", "5.9", NULL},
    {"netfilter", "6.4", "CONFIG_NETFILTER_BPF_LINK"},
};

/* The row of a section or target; NULL if there is none. */
static const struct hook *
find_hook(const char *text)
{
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        size_t n = strlen(hooks[i].begin);

        if (strncmp(text, hooks[i].begin, n) == 0 && strchr(".:/", text[n]) != NULL) {
            return &hooks[i];
        }
    }
    return NULL;
}

/* "is in Linux since 6.4, and this is 6.1.0", or that it was left out. */
static void
write_since(const char *version, const char *config, char *text, size_t size)
{
    char running[128] = "?";

    if (tb_release_is_before(version, running, sizeof(running))) {
        snprintf(text, size, "is in Linux since %s, and this is %s", version, running);
    }
    else if (config != NULL) {
        snprintf(text, size,
                 "is in Linux since %s, but this kernel (%s) was built without it: "
                 "see %s",
                 version, running, config);
    }
    else {
        snprintf(text, size, "is in Linux since %s, but this kernel (%s) lacks it",
                 version, running);
    }
}

static void
write_row(const struct since *rows, size_t n, int type, char *text, size_t size)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].type == type) {
            write_since(rows[i].version, rows[i].config, text, size);
            return;
        }
    }
    snprintf(text, size, "is not in this kernel");
}

/* What the kernel may say to a type that it does not know. */
static int
may_be_unknown(int err)
{
    return err == -EINVAL || err == -E2BIG || tb_error_is_unsupported(err);
}

/* Whether libbpf's log says that the kernel refused the one of that name. */
static int
is_refused(const char *log, const char *kind, const char *name, const char *how)
{
    char line[192];

    snprintf(line, sizeof(line), "%s '%s': %s", kind, name, how);
    return strstr(log, line) != NULL;
}

/* "type arena is in Linux since ..."; 0 if the kernel knows the type. */
static int
explain_map_type(enum bpf_map_type type, char *text, size_t size)
{
    char since[256];

    if (libbpf_probe_bpf_map_type(type, NULL) != 0) {
        return 0;
    }
    write_row(maps, sizeof(maps) / sizeof(maps[0]), type, since, sizeof(since));
    snprintf(text, size, "type %s %s", libbpf_bpf_map_type_str(type), since);
    return 1;
}

static int
explain_map(const struct bpf_map *map, const char *log, char *text, size_t size)
{
    char type[320];

    if (!is_refused(log, "map", bpf_map__name(map), "failed to create") ||
        !explain_map_type(bpf_map__type(map), type, sizeof(type))) {
        return 0;
    }
    snprintf(text, size, "map '%s': %s", bpf_map__name(map), type);
    return 1;
}

/* Whether the kernel does not know the type of a program. libbpf's probe takes any
 * other refusal of these four for an unknown type; a known one gets as far as a log. */
static int
is_unknown(enum bpf_prog_type type)
{
    const struct bpf_insn insns[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
    };
    char log[1024] = "";
    LIBBPF_OPTS(bpf_prog_load_opts, opts, .attach_btf_id = 1, .log_level = 1,
                .log_buf = log, .log_size = sizeof(log));
    int fd;

    switch (type) {
    case BPF_PROG_TYPE_TRACING:
        opts.expected_attach_type = BPF_TRACE_FENTRY;
        break;
    case BPF_PROG_TYPE_LSM:
        opts.expected_attach_type = BPF_LSM_MAC;
        break;
    case BPF_PROG_TYPE_EXT:
    case BPF_PROG_TYPE_STRUCT_OPS:
        break;
    default:
        return libbpf_probe_bpf_prog_type(type, NULL) == 0;
    }
    fd = bpf_prog_load(type, NULL, "GPL", insns, 2, &opts);
    if (fd >= 0) {
        close(fd);
    }
    return fd == -EINVAL && log[0] == '\0';
}

/* Whether the verifier looked at a program's code. */
static int
has_verdict(const char *log)
{
    return strstr(log, "-- BEGIN PROG LOAD LOG --") != NULL &&
           strstr(log, "processed 0 insns") == NULL;
}

/* Kinds of hook that are an attach type of an old type: the section tells. */
static int
explain_section(const char *section, char *text, size_t size)
{
    const struct hook *hook = find_hook(section);
    char since[256];

    if (hook == NULL || !tb_release_is_before(hook->version, NULL, 0)) {
        return 0;
    }
    write_since(hook->version, hook->config, since, sizeof(since));
    snprintf(text, size, "%s %s", hook->begin, since);
    return 1;
}

static int
explain_program(const struct bpf_program *program, const char *log, char *text,
                size_t size)
{
    enum bpf_prog_type type = bpf_program__type(program);
    const char *name = bpf_program__name(program);
    char since[256];

    if (!is_refused(log, "prog", name, "BPF program load failed")) {
        return 0;
    }
    if (!is_unknown(type)) {
        return !has_verdict(log) &&
               explain_section(bpf_program__section_name(program), text, size);
    }
    write_row(programs, sizeof(programs) / sizeof(programs[0]), type, since,
              sizeof(since));
    snprintf(text, size, "program '%s': type %s %s", name,
             libbpf_bpf_prog_type_str(type), since);
    return 1;
}

int
tb_support_of_load(const struct bpf_object *object, int err, const char *log,
                   char *text, size_t size)
{
    struct bpf_program *program;
    struct bpf_map *map;
    int found = 0;

    if (!may_be_unknown(err)) {
        return 0;
    }
    bpf_object__for_each_map(map, object)
    {
        found = found || explain_map(map, log, text, size);
    }
    bpf_object__for_each_program(program, object)
    {
        found = found || explain_program(program, log, text, size);
    }
    return found;
}

int
tb_support_of_map(enum bpf_map_type type, int err, char *text, size_t size)
{
    return may_be_unknown(err) && libbpf_bpf_map_type_str(type) != NULL &&
           explain_map_type(type, text, size);
}

/* EINVAL says so only where the kernel is too old: it has many other reasons. */
int
tb_support_of_attach(const char *target, int err, char *text, size_t size)
{
    const struct hook *hook = find_hook(target);
    char since[256];

    if (hook == NULL || !may_be_unknown(err) ||
        (err == -EINVAL && !tb_release_is_before(hook->version, NULL, 0))) {
        return 0;
    }
    write_since(hook->version, hook->config, since, sizeof(since));
    snprintf(text, size, "%s %s", hook->begin, since);
    return 1;
}
