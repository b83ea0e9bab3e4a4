/* SPDX-License-Identifier: GPL-2.0-only OR MIT
 *
 * What iterators are given, as far as the tests look; CO-RE finds it in this kernel.
 */
#ifndef ITER_H
#define ITER_H

#define KERNEL __attribute__((preserve_access_index))

struct seq_file;
struct bpf_map;

struct bpf_iter_meta {
    struct seq_file *seq;
} KERNEL;

struct task_struct {
    int pid, tgid;
    char comm[16];
} KERNEL;

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
} KERNEL;

struct bpf_iter__bpf_map_elem {
    struct bpf_iter_meta *meta;
    struct bpf_map *map;
    void *key, *value;
} KERNEL;

struct kernfs_node {
    __u64 id;
} KERNEL;

struct cgroup {
    struct kernfs_node *kn;
} KERNEL;

struct bpf_iter__cgroup {
    struct bpf_iter_meta *meta;
    struct cgroup *cgroup;
} KERNEL;

#endif
