/* SPDX-License-Identifier: MIT
 *
 * What an object declares extern and this kernel does not have: options of its
 * configuration, kfuncs, variables and other symbols.
 */
#ifndef TB_HOST_EXTERN_H
#define TB_HOST_EXTERN_H

#include <stddef.h>

/* After a load that failed with that log: the name, the nearest that there is, and what
 * to do; 0, or -1 if no extern is to blame. The kernel is asked; no Python. */
int tb_extern_explain(const char *log, char *text, size_t size);

#endif
