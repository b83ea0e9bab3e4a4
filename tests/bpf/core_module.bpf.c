// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A CO-RE read of a type that a module of the kernel has, and the kernel itself not.
 * Maps:     none
 * Programs: on_trigger (tracepoint)
 * Users:    system/test_doctor
 */
#include "trigger.h"
#include <bpf/bpf_core_read.h>

struct veth_priv {
    void *peer;
} __attribute__((preserve_access_index));

void *peer;

ON_TRIGGER
int
on_trigger(struct trigger *ctx)
{
    struct veth_priv *veth = (void *)bpf_get_current_task();

    bpf_core_read(&peer, sizeof(peer), &veth->peer);
    return 0;
}
