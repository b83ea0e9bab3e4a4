/* SPDX-License-Identifier: MIT
 *
 * What is wrong with what a program was to be attached to: a tracepoint, a function, a
 * binary, a cgroup that is not there, and the names that come nearest.
 */
#ifndef TB_HOST_TARGET_H
#define TB_HOST_TARGET_H

#include <stddef.h>

struct tb_target {
    const char *kind;     /* begins with it: "tracepoint", "uprobe:/bin/sh" */
    const char *category; /* of a tracepoint */
    const char *name;     /* tracepoint, function, symbol; NULL: none */
    const char *path;     /* of a binary or a cgroup; NULL: none */
    int pid;              /* of a uprobe; -1: any */
    int fd;               /* of a cgroup that has no path */
};

/* Look at the system, without Python (a search of all kernel functions takes some
 * 100 ms). Writes what is missing, then lines of what to do; 1 if this kernel lacks
 * the whole kind, 0 if just the target is wrong, -1 if nothing is found wrong. */
int tb_target_explain(const struct tb_target *target, int err, char *text, size_t size);

/* Fill it from the name of a section: "kprobe/do_exit"; kept is where it may keep
 * parts. 0, or -1 if the section names no target. */
int tb_target_parse(const char *section, struct tb_target *target, char *kept,
                    size_t size);

/* The same for a network interface: the name that comes nearest. */
void tb_target_interface(const char *name, char *text, size_t size);

#endif
