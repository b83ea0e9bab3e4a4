/* SPDX-License-Identifier: MIT
 *
 * Opener of other processes' files (system/foreign.h). A file is first opened by
 * O_PATH, which asks nobody, then looked at, then opened again by its descriptor. Not
 * mapped: who cuts a mapped file ends its readers by SIGBUS.
 */
#include "system/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437 /* 5.6; the same on all architectures */
#endif

#define NO_MAGIC 0x02 /* RESOLVE_NO_MAGICLINKS of linux/openat2.h */
#define IN_ROOT 0x10  /* RESOLVE_IN_ROOT */
#define FIRST_SIZE (64u << 10)

struct how { /* struct open_how */
    uint64_t flags, mode, resolve;
};

int
tb_foreign_root_open_nogil(pid_t pid, struct tb_foreign_root *root)
{
    char path[64];
    struct stat st;

    *root = (struct tb_foreign_root){.fd = -1, .uid = geteuid()};
    if (pid == 0) {
        root->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return root->fd < 0 ? -errno : 0;
    }
    snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    if (stat(path, &st) < 0) {
        return -errno;
    }
    root->uid = st.st_uid;
    snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
    root->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root->fd < 0 ? -errno : 0;
}

void
tb_foreign_root_close_nogil(struct tb_foreign_root *root)
{
    if (root->fd >= 0) {
        close(root->fd);
    }
    root->fd = -1;
}

/* Open to be read what is open by O_PATH, and close that; a descriptor or -errno. uid
 * is whose file it may be, besides root's; NULL: anybody's. */
static int
reopen(int place, const uid_t *uid, struct stat *out_stat)
{
    int fd = -EACCES;
    char path[64];

    if (fstat(place, out_stat) < 0) {
        fd = -errno;
    }
    else if (S_ISREG(out_stat->st_mode) &&
             (uid == NULL || out_stat->st_uid == *uid || out_stat->st_uid == 0)) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
        fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        fd = fd < 0 ? -errno : fd;
    }
    close(place);
    return fd;
}

int
tb_foreign_open_nogil(const struct tb_foreign_root *root, const char *path, int follows,
                      struct stat *out_stat)
{
    struct how how = {.flags = O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW),
                      .resolve = IN_ROOT | NO_MAGIC};
    int place;

    if (root->fd < 0) {
        return -ENOENT;
    }
    place = (int)syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
    return place < 0 ? -errno : reopen(place, &root->uid, out_stat);
}

int
tb_foreign_open_mapped_nogil(pid_t pid, uint64_t start, uint64_t end,
                             struct stat *out_stat)
{
    char path[128];
    int place;

    snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", (int)pid,
             (unsigned long long)start, (unsigned long long)end);
    place = open(path, O_PATH | O_CLOEXEC);
    return place < 0 ? -errno : reopen(place, NULL, out_stat);
}

int
tb_foreign_read_nogil(void *ctx, uint64_t offset, void *out, size_t n)
{
    size_t at = 0;

    while (at < n && offset <= INT64_MAX - n) {
        ssize_t got =
            pread(*(int *)ctx, (char *)out + at, n - at, (off_t)(offset + at));

        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return got < 0 && errno == ENOMEM ? -ENOMEM : -1;
        }
        at += got > 0 ? (size_t)got : 0;
    }
    return at == n ? 0 : -1;
}

int
tb_foreign_read_all_nogil(int fd, size_t max, char **out_text, size_t *out_size)
{
    size_t n = 0, cap = FIRST_SIZE;
    char *data = malloc(cap), *grown;
    int err = data != NULL ? 0 : -ENOMEM;

    while (err == 0) {
        ssize_t got = read(fd, data + n, cap - n - 1);

        if (got == 0) {
            data[n] = '\0';
            *out_text = data;
            *out_size = n;
            return 0;
        }
        err = got < 0 && errno != EINTR ? -errno : 0;
        n += got > 0 ? (size_t)got : 0;
        if (n >= max) {
            err = -E2BIG;
        }
        if (err == 0 && cap - n <= 1) {
            cap *= 2;
            grown = realloc(data, cap);
            err = grown != NULL ? 0 : -ENOMEM;
            data = grown != NULL ? grown : data;
        }
    }
    free(data);
    return err;
}

int
tb_foreign_is_want(int err)
{
    return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}
