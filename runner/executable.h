/* SPDX-License-Identifier: MIT
 *
 * Find the path of the running executable.
 */
#ifndef TBR_EXECUTABLE_H
#define TBR_EXECUTABLE_H

#include <stddef.h>

/* Write a path that starts this executable again to out_path: 0, or -1 when there is
 * none (no /proc and the file is gone). */
int tbr_executable_find(char *out_path, size_t size);

#endif
