/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a target that is a file: a binary, a library, a cgroup.
 */
#ifndef TB_HOST_TARGET_FILE_H
#define TB_HOST_TARGET_FILE_H

#include "host/target.h"

/* Write what is wrong, then what to do about it; 0, or -1 if nothing is found wrong.
 * err is what the attach failed with. */
int tb_target_file_binary(const struct tb_target *target, int err, char *text,
                          size_t size);
int tb_target_file_cgroup(const struct tb_target *target, int err, char *text,
                          size_t size);

/* "there is no x '/a/bb/c'", and the nearest of what there is; 0. */
int tb_target_file_missing(const char *what, const char *path, char *text, size_t size);

#endif
