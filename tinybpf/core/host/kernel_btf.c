/* SPDX-License-Identifier: MIT
 *
 * The one kernel BTF of the process (host/kernel_btf.h). It stays until the process
 * ends: objects are loaded one after the other, so that there is mostly no user left
 * between two of them. That costs an index of 4 bytes for each type (0.6 MB), and the 5
 * MB of the types where the kernel does not share its own by mmap (before 6.16).
 *
 * There is no lock, so a fork() in one thread never leaves the child with a lock that
 * another thread held: threads that load at the same moment may each parse, and all
 * but the first give theirs back. A failure is not kept.
 */
#include "host/kernel_btf.h"

#include "base/libbpf.h"

#include <stdatomic.h>

struct btf *__real_btf__load_vmlinux_btf(void);
void __real_btf__free(struct btf *btf);

static _Atomic(struct btf *) kernel_btf; /* NULL until it was parsed; never freed */

struct btf *
__wrap_btf__load_vmlinux_btf(void)
{
    struct btf *first = NULL, *btf = atomic_load(&kernel_btf);

    if (btf != NULL) {
        return btf;
    }
    btf = __real_btf__load_vmlinux_btf();
    if (libbpf_get_error(btf) != 0) {
        return btf;
    }
    btf__pointer_size(btf); /* found out on first use: now, while it is ours alone */
    if (atomic_compare_exchange_strong(&kernel_btf, &first, btf)) {
        return btf;
    }
    __real_btf__free(btf);
    return first;
}

void
__wrap_btf__free(struct btf *btf)
{
    if (btf == NULL || btf != atomic_load(&kernel_btf)) {
        __real_btf__free(btf);
    }
}
