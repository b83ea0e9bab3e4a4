/* SPDX-License-Identifier: MIT
 *
 * What this kernel is too old for, or was built without: kinds of program, of map and
 * of hook, each with its first version.
 */
#ifndef TB_HOST_SUPPORT_H
#define TB_HOST_SUPPORT_H

#include "base/libbpf.h"

#include <stddef.h>

struct tb_hook_kind;
struct tb_needs;
struct tb_target;

/* "is in Linux since 6.4, and this is 6.1.0", or that it was left out. */
void tb_support_write_since(const struct tb_needs *needs, char *text, size_t size);

/* Whether this kernel is older than what has those needs; 0 where nothing is known. */
int tb_support_is_old(const struct tb_needs *needs);

/* As libbpf_probe_bpf_map_type(), right for struct_ops on kernels before 6.9, too. */
int tb_support_knows_map(enum bpf_map_type type);

/* Whether the kernel knows that type of program: 1, 0, or -1 if it did not come to say
 * so, for it refused the process. The kernel is asked. */
int tb_support_knows_program(enum bpf_prog_type type);

/* After a load that failed with that log: whether the kernel lacks the type of the map
 * or program that it failed at; then a sentence's end about it. The kernel is asked; no
 * Python. */
int tb_support_of_load(const struct bpf_object *object, int err, const char *log,
                       char *text, size_t size);

/* The same after EPERM for a process that has every privilege: whether the kernel, or
 * what guards it, refuses the trampoline by which a program runs, and takes others. */
int tb_support_of_trampoline(const struct bpf_object *object, const char *log,
                             char *text, size_t size);

/* The same for a map that was made by itself. */
int tb_support_of_map(const struct bpf_map_info *info, int err, char *text,
                      size_t size);

/* After an attach to a hook (which may be NULL) that failed: whether the kernel lacks
 * that kind. */
int tb_support_of_attach(const struct tb_hook_kind *hook, int err, char *text,
                         size_t size);

/* The same for what was asked of the hook besides its place: a cookie, a mode. */
int tb_support_of_options(const struct tb_target *target, int err, char *text,
                          size_t size);

/* Whether programs on LSM hooks never run here: the kernel knows them, and bpf is not
 * among its security modules. Nothing is known where securityfs is not mounted. */
int tb_support_of_lsm(char *text, size_t size);

#endif
