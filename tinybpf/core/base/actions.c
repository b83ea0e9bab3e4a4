/* SPDX-License-Identifier: MIT
 *
 * The values come from the headers, the names are theirs.
 */
#include "base/actions.h"

#include "base/libbpf.h"

#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/pkt_cls.h>
#include <stddef.h>

const struct tb_action tb_actions_xdp[] = {
    {"ABORTED", XDP_ABORTED}, {"DROP", XDP_DROP},         {"PASS", XDP_PASS},
    {"TX", XDP_TX},           {"REDIRECT", XDP_REDIRECT}, {NULL, 0},
};

const struct tb_action tb_actions_tc[] = {
    {"UNSPEC", TC_ACT_UNSPEC},
    {"OK", TC_ACT_OK},
    {"RECLASSIFY", TC_ACT_RECLASSIFY},
    {"SHOT", TC_ACT_SHOT},
    {"PIPE", TC_ACT_PIPE},
    {"STOLEN", TC_ACT_STOLEN},
    {"QUEUED", TC_ACT_QUEUED},
    {"REPEAT", TC_ACT_REPEAT},
    {"REDIRECT", TC_ACT_REDIRECT},
    {"TRAP", TC_ACT_TRAP},
    {NULL, 0},
};

const struct tb_action tb_actions_tcx[] = {
    {"NEXT", TCX_NEXT},         {"PASS", TCX_PASS}, {"DROP", TCX_DROP},
    {"REDIRECT", TCX_REDIRECT}, {NULL, 0},
};

const struct tb_action tb_actions_netkit[] = {
    {"NEXT", NETKIT_NEXT},
    {"PASS", NETKIT_PASS},
    {"DROP", NETKIT_DROP},
    {"REDIRECT", NETKIT_REDIRECT},
    {NULL, 0},
};

const struct tb_action tb_actions_sk[] = {
    {"DROP", SK_DROP},
    {"PASS", SK_PASS},
    {NULL, 0},
};

/* The verifier lets programs return these two (check_return_code,
 * kernel/bpf/verifier.c). */
const struct tb_action tb_actions_nf[] = {
    {"DROP", NF_DROP},
    {"ACCEPT", NF_ACCEPT},
    {NULL, 0},
};

const struct tb_action tb_actions_generic[] = {
    {"OK", BPF_OK},
    {"DROP", BPF_DROP},
    {"REDIRECT", BPF_REDIRECT},
    {"LWT_REROUTE", BPF_LWT_REROUTE},
    {"FLOW_DISSECTOR_CONTINUE", BPF_FLOW_DISSECTOR_CONTINUE},
    {NULL, 0},
};
