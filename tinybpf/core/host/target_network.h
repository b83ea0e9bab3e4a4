/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a target of the network: an interface, a cgroup, a network
 * namespace, sockets; and with the place among programs that is asked for there.
 */
#ifndef TB_HOST_TARGET_NETWORK_H
#define TB_HOST_TARGET_NETWORK_H

#include "host/target.h"

/* Write what is wrong, then what to do about it; 1 if this kernel lacks the whole kind,
 * 0 if just the target is wrong, -1 if nothing is found wrong. err is what the attach
 * failed with. */
int tb_target_network_interface(const struct tb_target *target, int err, char *text,
                                size_t size);
int tb_target_network_cgroup(const struct tb_target *target, int err, char *text,
                             size_t size);
int tb_target_network_netns(const struct tb_target *target, int err, char *text,
                            size_t size);
int tb_target_network_map(const struct tb_target *target, int err, char *text,
                          size_t size);
int tb_target_network_socket(const struct tb_target *target, int err, char *text,
                             size_t size);
int tb_target_network_device(const struct tb_target *target, int err, char *text,
                             size_t size);

#endif
