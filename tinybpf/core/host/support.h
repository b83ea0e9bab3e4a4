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
int tb_support_of_map(enum bpf_map_type type, int err, char *text, size_t size);

/* After an attach to a hook (which may be NULL) that failed: whether the kernel lacks
 * that kind. */
int tb_support_of_attach(const struct tb_hook_kind *hook, int err, char *text,
                         size_t size);

#endif
