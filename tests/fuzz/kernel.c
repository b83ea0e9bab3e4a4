/* SPDX-License-Identifier: MIT
 *
 * The kernel of the target `object` (kernel.h). The linker leads here (--wrap,
 * cmake/fuzz.cmake) whatever libbpf asks the system for: bpf(2) succeeds with a file in
 * memory, as large as the map would be, or fails with an errno that the input chooses;
 * the kernel's BTF is the input's; nothing that is outside of the process is written.
 */
#include "kernel.h"

#include "base/libbpf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILS 0xc0 /* answers from here on are errors */
static const struct input *told;
static struct btf *own_btf;
static unsigned int n_calls;
static int first_fd = -1; /* that was free at first */

long __real_syscall(long number, ...);
FILE *__real_fopen(const char *path, const char *mode);

/* What a kernel says of its functions and variables. */
static char symbols[] = "ffffffff81000000 T _text\n"
                        "ffffffff81000010 D bpf_prog_active\n"
                        "ffffffff81000020 t bpf_testmod_test_read\t[bpf_testmod]\n"
                        "0000000000000000 A absolute\n";

/* The lowest descriptor that is free. */
static int
free_fd(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

void
kernel_start(const struct input *input)
{
    told = input;
    own_btf = NULL;
    n_calls = 0;
    if (first_fd < 0) {
        first_fd = free_fd();
    }
}

void
kernel_has(struct btf *btf)
{
    own_btf = btf;
}

/* The fuzzer opens pipes of its own now and then. */
void
kernel_stop(void)
{
    char name[64], of[128] = "";

    snprintf(name, sizeof(name), "/proc/self/fd/%d", first_fd);
    if (free_fd() != first_fd && readlink(name, of, sizeof(of) - 1) > 0 &&
        strncmp(of, "/memfd:", 7) == 0) {
        fprintf(stderr, "descriptor %d is left open: %s\n", first_fd, of);
        abort();
    }
    first_fd = free_fd();
}

/* A file of that size, which stands for an object of the kernel; -1 with errno. */
static int
new_fd(uint64_t size)
{
    int fd = (int)__real_syscall(__NR_memfd_create, "kernel", 0, 0, 0, 0, 0);

    if (fd >= 0 && size > 0 && ftruncate(fd, (off_t)size) < 0) {
        close(fd);
        errno = E2BIG;
        return -1;
    }
    return fd;
}

/* The bytes of a map that can be mapped. */
static uint64_t
map_size(const union bpf_attr *attr)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t one = attr->map_type == BPF_MAP_TYPE_ARENA
                       ? page
                       : ((uint64_t)attr->value_size + 7) / 8 * 8;
    uint64_t all = one * attr->max_entries;

    return (all + page - 1) / page * page;
}

/* What a call answers that succeeds. */
static long
succeed(int command, const union bpf_attr *attr)
{
    switch (command) {
    case BPF_MAP_CREATE:
        return new_fd(map_size(attr));
    case BPF_PROG_LOAD:
    case BPF_BTF_LOAD:
    case BPF_OBJ_GET:
    case BPF_LINK_CREATE:
    case BPF_RAW_TRACEPOINT_OPEN:
    case BPF_TOKEN_CREATE:
        return new_fd(0);
    case BPF_PROG_GET_NEXT_ID:
    case BPF_MAP_GET_NEXT_ID:
    case BPF_BTF_GET_NEXT_ID:
    case BPF_BTF_GET_FD_BY_ID:
    case BPF_PROG_GET_FD_BY_ID:
    case BPF_MAP_GET_FD_BY_ID:
        errno = ENOENT;
        return -1;
    default:
        return 0;
    }
}

/* The same for one that the input may let fail. */
static long
answer(int command, const union bpf_attr *attr)
{
    static const int errors[] = {EPERM,   EINVAL,     ENOMEM, E2BIG,  ENOENT, ENOSPC,
                                 EBUSY,   EACCES,     EFAULT, EAGAIN, ENODEV, EEXIST,
                                 ENOTSUP, EOPNOTSUPP, EMFILE, EINTR};
    uint8_t chosen = told->head.answers[n_calls++ % INPUT_ANSWERS];

    if (chosen < FAILS) {
        return succeed(command, attr);
    }
    errno = errors[chosen % (sizeof(errors) / sizeof(errors[0]))];
    return -1;
}

long
__wrap_syscall(long number, ...)
{
    long given[6];
    va_list args;

    va_start(args, number);
    for (int i = 0; i < 6; i++) {
        given[i] = va_arg(args, long);
    }
    va_end(args);
    if (number == __NR_bpf && told != NULL) {
        return answer((int)given[0], (const union bpf_attr *)given[1]);
    }
    return __real_syscall(number, given[0], given[1], given[2], given[3], given[4],
                          given[5]);
}

/* Whether this kernel has a feature of libbpf's list. */
bool
__wrap_feat_supported(void *cache, unsigned int id)
{
    (void)cache;
    return !(told->head.missing >> (id % 32) & 1);
}

/* A copy, which libbpf frees. */
struct btf *
__wrap_btf__load_vmlinux_btf(void)
{
    const void *data = NULL;
    uint32_t size = 0;

    if (own_btf != NULL) {
        data = btf__raw_data(own_btf, &size);
    }
    if (data == NULL) {
        errno = ESRCH;
        return NULL;
    }
    return btf__new(data, size);
}

FILE *
__wrap_fopen(const char *path, const char *mode)
{
    if (strcmp(path, "/proc/kallsyms") == 0) {
        return fmemopen(symbols, sizeof(symbols) - 1, "r");
    }
    return __real_fopen(path, mode);
}

void *
__wrap_gzopen(const char *path, const char *mode)
{
    (void)path;
    (void)mode;
    errno = ENOENT;
    return NULL;
}

int
__wrap_unlink(const char *path)
{
    (void)path;
    return 0;
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
    (void)path;
    (void)mode;
    return 0;
}

int
__wrap_statfs(const char *path, struct statfs *out)
{
    (void)path;
    *out = (struct statfs){.f_type = 0xcafe4a11}; /* BPF_FS_MAGIC */
    return 0;
}
