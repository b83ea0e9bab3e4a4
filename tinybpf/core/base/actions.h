/* SPDX-License-Identifier: MIT
 *
 * What programs of the network may return, by the names and values of the kernel's
 * headers: tables of which enums are made (base/enums.h).
 */
#ifndef TB_BASE_ACTIONS_H
#define TB_BASE_ACTIONS_H

struct tb_action {
    const char *name; /* less the prefix of its kind; NULL behind the last */
    int value;
};

extern const struct tb_action tb_actions_xdp[];     /* XDP_ */
extern const struct tb_action tb_actions_tc[];      /* TC_ACT_ */
extern const struct tb_action tb_actions_tcx[];     /* TCX_ */
extern const struct tb_action tb_actions_netkit[];  /* NETKIT_ */
extern const struct tb_action tb_actions_sk[];      /* SK_ */
extern const struct tb_action tb_actions_nf[];      /* NF_ */
extern const struct tb_action tb_actions_generic[]; /* BPF_ */

#endif
