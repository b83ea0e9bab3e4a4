/* SPDX-License-Identifier: MIT
 *
 * Whether programs can be attached to a kind of hook on this kernel.
 */
#ifndef TB_SYSTEM_FEATURE_HOOK_H
#define TB_SYSTEM_FEATURE_HOOK_H

#include "system/feature.h"

struct tb_hook_kind;

/* Asked by attaching to what is not there, which the kernel says in another way than
 * that it does not know the hook. Trampolines are really made: at bpf_fentry_test1() or
 * bpf_modify_return_test(), which only test runs of bpf(2) call. No Python. */
void tb_feature_hook_nogil(const struct tb_hook_kind *hook, struct tb_feature *out);

#endif
