/* SPDX-License-Identifier: MIT
 *
 * The part of host/target.h that is about files: binaries, libraries, cgroups.
 */
#ifndef TB_HOST_TARGET_FILE_H
#define TB_HOST_TARGET_FILE_H

#include "host/target.h"

/* As tb_target_explain. */
int tb_target_binary(const struct tb_target *target, int err, char *text, size_t size);
int tb_target_cgroup(const struct tb_target *target, int err, char *text, size_t size);

#endif
