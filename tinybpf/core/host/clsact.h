/* SPDX-License-Identifier: MIT
 *
 * The filters of tc at an interface's clsact: libbpf tells of one at a time
 * (bpf_tc_query), by its numbers.
 */
#ifndef TB_HOST_CLSACT_H
#define TB_HOST_CLSACT_H

#include <stdint.h>

struct tb_clsact_filter {
    uint32_t priority;
    uint32_t handle;
    uint32_t prog_id; /* of a BPF program; 0: it is another kind of filter */
};

/* Write down the filters of a direction, in the order in which they run; returns how
 * many there are, also where that is more than max, or -errno. 0 where there is no
 * clsact. */
int tb_clsact_filters(int ifindex, int is_egress, struct tb_clsact_filter *out,
                      int max);

#endif
