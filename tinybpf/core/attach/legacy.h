/* SPDX-License-Identifier: MIT
 *
 * Attaching by BPF_PROG_ATTACH, which makes no link: what the kernel has no link for,
 * or refuses one.
 */
#ifndef TB_ATTACH_LEGACY_H
#define TB_ATTACH_LEGACY_H

#include "base/libbpf.h"

struct tb_attachment;

/* Attach without the GIL to what a descriptor is of, which is duplicated; NULL with
 * errno. Its end takes away this program alone. */
struct tb_attachment *tb_legacy_attach(const struct bpf_program *program, int target_fd,
                                       enum bpf_attach_type type,
                                       const struct bpf_prog_attach_opts *opts);

#endif
