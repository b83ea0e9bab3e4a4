// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An iterator over cgroups: their ids, one a line.
 * Maps:     none
 * Programs: dump_cgroups (iter/cgroup)
 * Users:    attach/test_iter
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "iter.h"

SEC("iter/cgroup")
int
dump_cgroups(struct bpf_iter__cgroup *ctx)
{
    struct cgroup *cgroup = ctx->cgroup;

    if (cgroup) {
        BPF_SEQ_PRINTF(ctx->meta->seq, "%llu\n", cgroup->kn->id);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
