/* SPDX-License-Identifier: MIT
 *
 * Where a program is attached, or was to be: one place of a kind of hook.
 */
#ifndef TB_HOST_TARGET_H
#define TB_HOST_TARGET_H

#include "catalog/hook.h"

/* Each kind of hook reads what it needs; all texts are borrowed. */
struct tb_target {
    const struct tb_hook_kind *hook; /* NULL: an unknown kind */
    const char *name;                /* tracepoint, function, symbol, USDT probe;
                                      * NULL: none */
    const char *category;            /* of a tracepoint; a USDT probe's provider */
    const char *path;                /* of a binary or a cgroup; NULL: none */
    const char *const *names;        /* of several functions or symbols; NULL: one */
    size_t n_names;
    size_t offset;    /* bytes, in the binary or from the function; a function's
                       * address, where it has no name */
    uint64_t cookie;  /* that the program gets there */
    int pid;          /* of a uprobe; -1: every process */
    int retprobe;     /* run when the function returns */
    int attach_mode;  /* enum probe_attach_mode */
    int ifindex;      /* of an interface */
    int mode;         /* of XDP: XDP_FLAGS_..._MODE; 0: the kernel chooses */
    int is_replacing; /* of XDP: a certain program */
    int attach_type;  /* enum bpf_attach_type, of the network's */
    int is_ordered;   /* in a cgroup: a place among its programs is asked for */
    int fd;           /* of a cgroup or namespace without a path, of a map, of a
                       * socket; -1: none */
};

/* Fill it from the name of a section: "kprobe/do_exit"; kept is where it may keep
 * parts. What the section does not say is left out. */
void tb_target_parse(const char *section, struct tb_target *target, char *kept,
                     size_t size);

#endif
