/* SPDX-License-Identifier: MIT
 *
 * The kernel's own BTF, parsed once per process: libbpf parses it anew for each object
 * that it loads and each function that it looks up, and frees it behind that.
 *
 * The linker (--wrap, cmake/core.cmake) leads every call of the two functions from one
 * file to another here, libbpf's own calls included. What btf__load_vmlinux_btf() gives
 * is shared by all threads and never changes: whoever has it may read it for ever and
 * may free it, which does nothing.
 */
#ifndef TB_HOST_KERNEL_BTF_H
#define TB_HOST_KERNEL_BTF_H

struct btf;

/* As libbpf's btf__load_vmlinux_btf() and btf__free(), errno included. */
struct btf *__wrap_btf__load_vmlinux_btf(void);
void __wrap_btf__free(struct btf *btf);

#endif
