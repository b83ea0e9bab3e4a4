/* SPDX-License-Identifier: MIT
 *
 * What a descriptor of the kernel's is.
 */
#ifndef TB_HOST_FD_H
#define TB_HOST_FD_H

struct bpf_link_info;
struct bpf_map_info;
struct bpf_prog_info;

/* Whether a descriptor, of which the kernel said info, is a map's. */
int tb_fd_is_map_nogil(int fd, const struct bpf_map_info *info);

/* What the kernel says of a descriptor that must be a map's: 0 or -errno, -EBADF if it
 * is something else. */
int tb_fd_map_info_nogil(int fd, struct bpf_map_info *out_info);

/* The same for a program's and for a link's. What the caller sets in a link's info asks
 * for more, as bpf_link_get_info_by_fd() has it. */
int tb_fd_program_info_nogil(int fd, struct bpf_prog_info *out_info);
int tb_fd_link_info_nogil(int fd, struct bpf_link_info *info);

/* What only /proc/self/fdinfo tells of a map or a program; -1: it does not. */
struct tb_fd_more {
    long long memlock; /* bytes */
    int frozen;        /* of a map */
};

void tb_fd_more_nogil(int fd, struct tb_fd_more *out_more);

#endif
