/* SPDX-License-Identifier: MIT
 *
 * What a refused load or attach may mean: privileges, versions, names that are not
 * there, put together for the error that is raised.
 */
#ifndef TB_HOST_HINT_H
#define TB_HOST_HINT_H

#include "base/libbpf.h"
#include "error/raise.h"

struct tb_target;

/* Find out after the call has failed, while its log is kept and its object open. They
 * ask the kernel and may take some 100 ms: call them without the GIL. */
void tb_hint_of_load(const struct bpf_object *object, int err, const struct tb_log *log,
                     struct tb_hint *hint);
void tb_hint_of_attach(const struct bpf_program *program,
                       const struct tb_target *target, int err, struct tb_hint *hint);

/* Before anything is attached: what is wrong with the target that a section names; 0,
 * or -1 if nothing is known to be. May take as long. */
int tb_hint_of_section(const char *section, char *text, size_t size);

/* The same after the creation of one map, with 0 for an inner map that it lacks. */
void tb_hint_of_map(const struct bpf_map_info *info, int inner_fd, int err,
                    struct tb_hint *hint);

/* The same after bpf_program__set_attach_target(); func is NULL where a loaded program
 * was to be the target. */
void tb_hint_of_target(const struct bpf_program *program, const char *func,
                       struct tb_hint *hint);

/* The same after another call on what is loaded (host/privilege.h). */
void tb_hint_of_call(const char *verb, const char *kinds, struct tb_hint *hint);
void tb_hint_of_admin(const char *verb, const char *kinds, struct tb_hint *hint);

/* The same after a call that the network asks CAP_NET_ADMIN for. */
void tb_hint_of_network(const char *verb, const char *kinds, struct tb_hint *hint);

#endif
