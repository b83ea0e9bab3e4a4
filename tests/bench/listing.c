/* SPDX-License-Identifier: MIT
 *
 * The C yardstick of listing.py, and what it lists: 1,000 programs and 1,000 maps,
 * which are there for as long as it runs. It reads the names of passes from standard
 * input, one a line, and answers each with the nanoseconds that it took.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define THINGS 1000

static long long
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Make the programs and maps; 0, or -1 if the kernel refuses one. */
static int
make_things(void)
{
    const struct rlimit files = {3 * THINGS, 3 * THINGS};
    const struct bpf_insn exit0[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
        {.code = BPF_JMP | BPF_EXIT},
    };

    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = 0; i < THINGS; i++) {
        if (bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "listed", "GPL", exit0, 2,
                          NULL) < 0 ||
            bpf_map_create(BPF_MAP_TYPE_ARRAY, "listed", 4, 8, 1, NULL) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Each pass looks at all that there is; how many, or -1. */
static int
list_programs(void)
{
    __u32 id = 0;
    int n = 0;

    while (bpf_prog_get_next_id(id, &id) == 0) {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof(info);
        int fd = bpf_prog_get_fd_by_id(id);

        if (fd < 0 || bpf_prog_get_info_by_fd(fd, &info, &size) < 0) {
            return -1;
        }
        close(fd);
        n++;
    }
    return n;
}

static int
list_maps(void)
{
    __u32 id = 0;
    int n = 0;

    while (bpf_map_get_next_id(id, &id) == 0) {
        struct bpf_map_info info = {0};
        __u32 size = sizeof(info);
        int fd = bpf_map_get_fd_by_id(id);

        if (fd < 0 || bpf_map_get_info_by_fd(fd, &info, &size) < 0) {
            return -1;
        }
        close(fd);
        n++;
    }
    return n;
}

int
main(void)
{
    char name[32];

    if (make_things() < 0) {
        perror("making of what is listed");
        return 1;
    }
    while (fgets(name, sizeof(name), stdin) != NULL) {
        long long start_ns = now_ns();
        int n = strncmp(name, "maps", 4) == 0 ? list_maps() : list_programs();

        if (n < THINGS) {
            return 1;
        }
        printf("%lld\n", now_ns() - start_ns);
        fflush(stdout);
    }
    return 0;
}
