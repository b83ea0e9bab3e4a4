/* SPDX-License-Identifier: MIT
 *
 * What this kernel is too old for, or was built without: kinds of program, of map and
 * of hook, each with its first version.
 */
#ifndef TB_HOST_SUPPORT_H
#define TB_HOST_SUPPORT_H

#include "base/libbpf.h"

#include <stddef.h>

/* After a load that failed with that log: whether the kernel lacks the type of the map
 * or program that it failed at; then a sentence's end about it. The kernel is asked; no
 * Python. */
int tb_support_of_load(const struct bpf_object *object, int err, const char *log,
                       char *text, size_t size);

/* The same for a map that was made by itself. */
int tb_support_of_map(enum bpf_map_type type, int err, char *text, size_t size);

/* After an attach that failed: whether the kernel lacks the kind of hook, by the name
 * that its target or section begins with. */
int tb_support_of_attach(const char *target, int err, char *text, size_t size);

#endif
