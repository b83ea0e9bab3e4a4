/* SPDX-License-Identifier: MIT
 *
 * Asks the kernel for maps (host/fd.h): BPF_OBJ_GET_INFO_BY_FD answers for programs,
 * links and BTF, too.
 */
#include "host/fd.h"

#include "base/libbpf.h"

#include <errno.h>
#include <string.h>

/* A program's info could pass for a map's; but a lookup without a key fails by another
 * error than EINVAL for each kind of map but an arena (map_lookup_elem in
 * kernel/bpf/syscall.c). */
int
tb_fd_is_map_nogil(int fd, const struct bpf_map_info *info)
{
    return bpf_map_lookup_elem(fd, NULL, NULL) != -EINVAL ||
           info->type == BPF_MAP_TYPE_ARENA;
}

int
tb_fd_map_info_nogil(int fd, struct bpf_map_info *out_info)
{
    uint32_t size = sizeof(*out_info);
    int err;

    memset(out_info, 0, sizeof(*out_info));
    err = bpf_map_get_info_by_fd(fd, out_info, &size);
    return tb_fd_is_map_nogil(fd, out_info) ? err : -EBADF;
}
