/* SPDX-License-Identifier: MIT
 *
 * Whether this kernel has a function that programs may call as a kfunc.
 */
#ifndef TB_SYSTEM_FEATURE_KFUNC_H
#define TB_SYSTEM_FEATURE_KFUNC_H

#include "system/feature.h"

/* The BTF of the kernel and of its loaded modules is looked at, and where that does not
 * mark its kfuncs, the verifier is asked for several types of program. No Python. */
void tb_feature_kfunc_nogil(const char *name, struct tb_feature *out);

#endif
