/* SPDX-License-Identifier: MIT
 *
 * The kinds of hook, a row each: where in the kernel programs run, and what is known
 * of each way to get there. A hook is a kind; one place of it is a target ("kprobe" is
 * a hook, "do_exit" its target).
 */
#ifndef TB_CATALOG_HOOK_H
#define TB_CATALOG_HOOK_H

#include "catalog/needs.h"

#include <stddef.h>

/* What a program is attached to, which says who knows the names that there are. */
enum tb_hook_target {
    TB_TARGET_NONE,       /* nothing that has a name: it is run */
    TB_TARGET_FUNCTION,   /* a function of the kernel */
    TB_TARGET_FUNCTIONS,  /* a pattern or a list of them */
    TB_TARGET_SYSCALL,    /* the bare name of a system call */
    TB_TARGET_BINARY,     /* a place in an executable or a library */
    TB_TARGET_USDT,       /* the same, by provider and name of a static tracepoint */
    TB_TARGET_TRACEPOINT, /* a category and a name in tracefs */
    TB_TARGET_RAW_TRACEPOINT, /* a name alone */
    TB_TARGET_BTF,            /* a type of BTF, chosen before the load */
    TB_TARGET_INTERFACE,      /* of the network */
    TB_TARGET_CGROUP,
    TB_TARGET_NETNS,   /* a network namespace */
    TB_TARGET_PACKETS, /* a protocol family and a hook of netfilter */
    TB_TARGET_MAP,     /* a map of sockets, or one that is a struct_ops */
    TB_TARGET_EVENT,   /* a descriptor of a perf event */
    TB_TARGET_SOCKET,  /* of this process */
    TB_TARGET_DEVICE,  /* a file in /dev */
    TB_TARGET_COUNT,
};

/* By way of what a program gets to its target. */
enum {
    TB_BY_LINK = 1,    /* BPF_LINK_CREATE, BPF_RAW_TRACEPOINT_OPEN */
    TB_BY_PERF = 2,    /* perf_event_open(2) */
    TB_BY_TRACEFS = 4, /* which is root's own (mode 0700) unless mounted otherwise */
    TB_BY_ATTACH = 8,  /* BPF_PROG_ATTACH */
    TB_BY_NETLINK = 16,
};

struct tb_hook_kind {
    const char *name;            /* as targets begin: "kprobe" in "kprobe:do_exit" */
    const char *at_return;       /* the same where functions return; NULL: never */
    const char *programs;        /* what its programs are called; NULL: as their type */
    const char *const *sections; /* in libbpf's form: "x+" stands for SEC("x") and
                                  * SEC("x/..."), "x" for itself; NULL ends them */
    const int *types;            /* enum bpf_prog_type of what it takes; -1 ends them */
    const int *attach_types;     /* enum bpf_attach_type; -1 ends them; NULL: none */
    struct tb_needs needs;       /* besides what the type of program does; caps: to
                                  * attach */
    const char *cookies;         /* the version since which it has them; NULL: never,
                                  * or always */
    unsigned by;                 /* TB_BY_* */
    enum tb_hook_target target;
    const char *noun;   /* what a target is: "system call"; NULL: no names are known */
    const char *prefix; /* of its name in the kernel's symbols or BTF */
    unsigned btf_kind;  /* BTF_KIND_* of what has that name; 0: it is not in BTF */
};

/* The row of that name; NULL if there is none. */
const struct tb_hook_kind *tb_catalog_hook(const char *name);

/* The row that SEC(section) belongs to, as libbpf matches them; NULL if there is none.
 * What stands behind the first slash of an "x/..." goes to *out_rest, or NULL. */
const struct tb_hook_kind *tb_catalog_hook_of_section(const char *section,
                                                      const char **out_rest);

/* Row number i; NULL beyond the last. */
const struct tb_hook_kind *tb_catalog_hook_at(size_t i);

#endif
