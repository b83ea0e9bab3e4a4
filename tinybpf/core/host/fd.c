/* SPDX-License-Identifier: MIT
 *
 * Asks the kernel what descriptors are (host/fd.h): BPF_OBJ_GET_INFO_BY_FD answers for
 * maps, programs, links and BTF alike, so that each takes a second look.
 */
#include "host/fd.h"

#include "base/libbpf.h"

#include <errno.h>
#include <stdio.h>
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

/* What is behind the end of the kernel's struct must be zero, or it is E2BIG
 * (bpf_check_uarg_tail_zero): the run time, which only the kernel writes, lies behind
 * the end of all but a program's. */
int
tb_fd_program_info_nogil(int fd, struct bpf_prog_info *out_info)
{
    uint32_t size = sizeof(*out_info);
    int err;

    memset(out_info, 0, sizeof(*out_info));
    out_info->run_time_ns = 1;
    err = bpf_prog_get_info_by_fd(fd, out_info, &size);
    return err == -E2BIG || err == -EINVAL ? -EBADF : err;
}

/* An update to no program: EBADF of a link, EINVAL of all else (link_update in
 * kernel/bpf/syscall.c). */
int
tb_fd_link_info_nogil(int fd, struct bpf_link_info *info)
{
    uint32_t size = sizeof(*info);
    int err = bpf_link_get_info_by_fd(fd, info, &size);

    if (err == -EINVAL || (err == 0 && bpf_link_update(fd, -1, NULL) == -EINVAL)) {
        return -EBADF;
    }
    return err;
}

void
tb_fd_more_nogil(int fd, struct tb_fd_more *out_more)
{
    char path[64], line[128];
    FILE *file;

    *out_more = (struct tb_fd_more){-1, -1};
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    file = fopen(path, "re");
    if (file == NULL) {
        return;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        sscanf(line, "memlock: %lld", &out_more->memlock);
        sscanf(line, "frozen: %d", &out_more->frozen);
    }
    fclose(file);
}
