/* SPDX-License-Identifier: MIT
 *
 * The running kernel's release, as numbers.
 */
#ifndef TB_HOST_KERNEL_H
#define TB_HOST_KERNEL_H

#include <stddef.h>

/* Whether the kernel is older than "5.8"; its own release goes into text where that is
 * not NULL. A release that cannot be read is not old. */
int tb_release_is_before(const char *version, char *text, size_t size);

#endif
