/* SPDX-License-Identifier: MIT
 *
 * A kernel that is as the input of a fuzzer says.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include "input.h"

struct btf;

/* From here on bpf(2) answers as that input chooses; the kernel has no BTF. */
void kernel_start(const struct input *input);

/* The kernel's BTF is that one; NULL: none. */
void kernel_has(struct btf *btf);

/* All is closed: ends the process if a descriptor that was given is not. */
void kernel_stop(void);

#endif
