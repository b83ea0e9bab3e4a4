/* SPDX-License-Identifier: MIT
 *
 * The walk over BPF file systems (system/pins.h). Names in there are anybody's: links
 * are not followed, folders opened from the one above, and deep ones left out.
 */
#include "system/pins.h"

#include "base/libbpf.h"
#include "host/fd.h"
#include "system/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DEPTH_MAX 32 /* of folders; each takes a descriptor */

/* The walk, while it goes on. */
struct walk {
    struct tb_pins *out;
    unsigned int n_mounts, n_denied, n_deep;
};

/* What a descriptor is; 0 or -errno. */
static int
identify(int fd, struct tb_thing *out)
{
    struct bpf_link_info link = {0};
    struct bpf_prog_info program;
    struct bpf_map_info map;
    int err = tb_fd_map_info_nogil(fd, &map);

    if (err == 0) {
        *out = (struct tb_thing){TB_THING_MAP, map.id};
        return 0;
    }
    if (err == -EBADF && (err = tb_fd_program_info_nogil(fd, &program)) == 0) {
        *out = (struct tb_thing){TB_THING_PROGRAM, program.id};
        return 0;
    }
    if (err == -EBADF && (err = tb_fd_link_info_nogil(fd, &link)) == 0) {
        *out = (struct tb_thing){TB_THING_LINK, link.id};
    }
    return err;
}

/* What failed of a file or folder: 0 if it is gone, or may not be opened, which is
 * counted; -errno where it is this process that lacks descriptors or memory. */
static int
judge(struct walk *walk, int err)
{
    walk->n_denied += err == -EACCES || err == -EPERM;
    return err == -EMFILE || err == -ENFILE || err == -ENOMEM ? err : 0;
}

/* Keep a path; 0 or -errno. */
static int
keep(struct tb_pins *out, struct tb_thing thing, const char *path)
{
    if (out->n == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 16;
        void *items = realloc(out->items, cap * sizeof(*out->items));

        if (items == NULL) {
            return -ENOMEM;
        }
        out->items = items;
        out->cap = cap;
    }
    out->items[out->n] = (struct tb_pinned_thing){thing, strdup(path)};
    return out->items[out->n].path == NULL ? -ENOMEM : (out->n++, 0);
}

/* Look at a file, which may be gone by now; 0 or -errno. */
static int
look_at_file(struct walk *walk, const char *path)
{
    struct tb_thing thing;
    int fd = bpf_obj_get(path), err = fd;

    if (fd >= 0) {
        err = identify(fd, &thing);
        close(fd);
    }
    return err == 0 ? keep(walk->out, thing, path) : judge(walk, err);
}

static int look_at_folder(struct walk *walk, int fd, const char *path, int depth);

/* Look at what a folder has under a name, in which there is nothing but files and
 * folders; 0 or -errno. */
static int
look_at_entry(struct walk *walk, int folder, const char *path, const char *name,
              int depth)
{
    char whole[PATH_MAX];
    struct stat st;
    int fd;

    if ((size_t)snprintf(whole, sizeof(whole), "%s/%s", path, name) >= sizeof(whole)) {
        walk->n_deep++;
        return 0;
    }
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return judge(walk, -errno);
    }
    if (S_ISREG(st.st_mode)) {
        return look_at_file(walk, whole);
    }
    if (!S_ISDIR(st.st_mode)) {
        return 0;
    }
    if (depth == 0) {
        walk->n_deep++;
        return 0;
    }
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? judge(walk, -errno) : look_at_folder(walk, fd, whole, depth - 1);
}

/* Look at a folder, whose descriptor is closed; 0 or -errno. What is mounted in it is
 * another mount, and of another file system unless it is told itself. */
static int
look_at_folder(struct walk *walk, int fd, const char *path, int depth)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;
    struct statfs fs;
    int err = 0;

    if (dir == NULL) {
        err = -errno;
        close(fd);
        return err;
    }
    if (fstatfs(fd, &fs) < 0 || fs.f_type != BPF_FS_MAGIC) {
        closedir(dir);
        return 0;
    }
    while (err == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            err = look_at_entry(walk, fd, path, entry->d_name, depth);
        }
    }
    err = err == 0 && entry == NULL ? judge(walk, -errno) : err;
    closedir(dir);
    return err;
}

/* A mount that another one lies on top of shows what that has: it is left out. */
static int
look_at_mount(const struct tb_mount *mount, void *ctx)
{
    struct walk *walk = ctx;
    int fd = open(mount->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (fd < 0) {
        walk->n_mounts++;
        return judge(walk, -errno);
    }
    if (fstat(fd, &st) < 0 || st.st_dev != mount->device) {
        close(fd);
        return 0;
    }
    walk->n_mounts++;
    return look_at_folder(walk, fd, mount->path, DEPTH_MAX);
}

int
tb_pins_read_nogil(struct tb_pins *out)
{
    struct walk walk = {.out = out};
    int err;

    *out = (struct tb_pins){.items = NULL};
    err = tb_mounts_each_nogil("bpf", look_at_mount, &walk);
    if (err == -ENOENT || err == -EACCES) {
        snprintf(out->unseen, sizeof(out->unseen),
                 "all pins, for /proc does not tell what is mounted");
        return 0;
    }
    if (walk.n_mounts == 0) {
        snprintf(out->unseen, sizeof(out->unseen),
                 "all pins, for no BPF file system is mounted here");
    }
    else if (walk.n_denied + walk.n_deep > 0) {
        snprintf(out->unseen, sizeof(out->unseen),
                 "%u files and folders that this process may not open, or that lie too "
                 "deep",
                 walk.n_denied + walk.n_deep);
    }
    return err;
}

void
tb_pins_free(struct tb_pins *pins)
{
    for (size_t i = 0; i < pins->n; i++) {
        free(pins->items[i].path);
    }
    free(pins->items);
    pins->items = NULL;
    pins->n = 0;
}
