/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a binary or a cgroup (host/target_file.h).
 */
#include "host/target_file.h"

#include "base/nearest.h"
#include "elf/image.h"
#include "elf/probes.h"
#include "host/binary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define CGROUP_MAGIC 0x27e0eb /* of linux/magic.h, as the next one */
#define CGROUP2_MAGIC 0x63677270

/* Offer all files in a folder; "": this one. */
static void
offer_files(const char *folder, struct tb_nearest *nearest)
{
    DIR *dir = opendir(folder[0] != '\0' ? folder : ".");
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            tb_nearest_offer(nearest, entry->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* "there is no x '/a/bb/c'\n  nearest: '/a/b'": the first part of the path that does
 * not exist has a neighbour of nearly that name, or its folder is what there is. */
int
tb_target_file_missing(const char *what, const char *path, char *text, size_t size)
{
    char part[PATH_MAX], folder[PATH_MAX];
    struct tb_nearest nearest;
    struct stat st;
    size_t end = strlen(path), begin = 0;

    snprintf(text, size, "there is no %s '%s'", what, path);
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' && at > path) {
            snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
            if (stat(part, &st) < 0) {
                end = (size_t)(at - path);
                break;
            }
        }
        begin = *at == '/' ? (size_t)(at - path) + 1 : begin;
    }
    snprintf(part, sizeof(part), "%.*s", (int)(end - begin), path + begin);
    snprintf(folder, sizeof(folder), "%.*s", (int)begin, path);
    tb_nearest_start(&nearest, part);
    offer_files(folder, &nearest);
    if (nearest.name[0] == '\0' && end < strlen(path) && begin > 1) {
        size_t n = strlen(text);

        snprintf(text + n, size - n, "; '%.*s' is as far as it goes", (int)begin - 1,
                 path);
    }
    tb_nearest_append(&nearest, folder, text, size);
    return 0;
}

/* A file in memory; NULL if it is none that can be mapped. */
static void *
map_file(const char *path, size_t *out_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {.st_size = 0};
    void *image = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
        image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    *out_size = (size_t)st.st_size;
    return image != MAP_FAILED ? image : NULL;
}

/* No function fits a pattern: the nearest beginning, if the pattern has one. */
static int
explain_pattern(const char *path, const char *pattern, struct tb_nearest *nearest,
                char *text, size_t size)
{
    size_t n;

    if (nearest->wanted[0] == '\0' || strcmp(nearest->name, nearest->wanted) == 0) {
        return -1;
    }
    snprintf(text, size, "'%s' has no function that fits '%s'", path, pattern);
    n = strlen(text);
    if (nearest->name[0] != '\0') {
        snprintf(text + n, size - n, "\n  nearest: '%s*'", nearest->name);
    }
    return 0;
}

/* One symbol, maybe with a version, or a pattern, in a file that is there; -1 if it is
 * among those that the file has. */
static int
explain_symbol(const char *path, const char *name, char *text, size_t size)
{
    size_t image_size, stem = strcspn(name, "*?@");
    int is_pattern = strpbrk(name, "*?") != NULL;
    char wanted[TB_NEAREST_NAME];
    struct tb_nearest nearest;
    void *image = map_file(path, &image_size);
    long n = -1;

    snprintf(wanted, sizeof(wanted), "%.*s", (int)stem, name);
    tb_nearest_start(&nearest, wanted);
    nearest.cut = is_pattern ? stem : 0;
    if (image != NULL) {
        n = tb_elf_functions(image, image_size, &nearest);
        munmap(image, image_size);
    }
    if (n < 0) {
        snprintf(text, size, "'%s' is no 64-bit ELF file", path);
        return 0;
    }
    if (n == 0) {
        snprintf(text, size,
                 "'%s' names no functions, it is stripped\n  give the place in the "
                 "file by offset=",
                 path);
        return 0;
    }
    if (is_pattern) {
        return explain_pattern(path, name, &nearest, text, size);
    }
    if (strcmp(nearest.name, wanted) == 0 && name[stem] == '\0') {
        return -1;
    }
    if (strcmp(nearest.name, wanted) == 0) {
        snprintf(text, size, "'%s' has the function '%s', but none of version '%s'",
                 path, wanted, name + stem + strspn(name + stem, "@"));
        return 0;
    }
    snprintf(text, size, "'%s' has no function '%s'", path, name);
    tb_nearest_append(&nearest, "", text, size);
    return 0;
}

/* The first of several symbols that the file does not have. */
static int
explain_symbols(const struct tb_target *target, char *text, size_t size)
{
    int found = -1;

    if (target->names == NULL) {
        return explain_symbol(target->path, target->name, text, size);
    }
    for (size_t i = 0; i < target->n_names && found < 0; i++) {
        found = explain_symbol(target->path, target->names[i], text, size);
    }
    return found;
}

/* The probes of a file that is there; -1 if the one that is wanted is among them. */
static int
explain_probe(const struct tb_target *target, char *text, size_t size)
{
    char list[512] = "", wanted[TB_NEAREST_NAME];
    struct tb_nearest nearest;
    size_t image_size, at;
    void *image = map_file(target->path, &image_size);
    long n = 0;

    snprintf(wanted, sizeof(wanted), "%s:%s", target->category, target->name);
    tb_nearest_start(&nearest, wanted);
    if (image != NULL) {
        n = tb_elf_probes(image, image_size, &nearest, list, sizeof(list));
        munmap(image, image_size);
    }
    if (strcmp(nearest.name, wanted) == 0) {
        return -1;
    }
    snprintf(text, size, "'%s' has no probe '%s'", target->path, wanted);
    at = strlen(text);
    if (n == 0) {
        snprintf(text + at, size - at, ", and no other USDT probe");
    }
    else if (nearest.name[0] == '\0') {
        snprintf(text + at, size - at, "\n  it has: %s", list);
    }
    tb_nearest_append(&nearest, "", text, size);
    return 0;
}

/* Find a name without a slash; 0, or -1 with the explanation. */
static int
resolve(const char *name, char *path, char *text, size_t size)
{
    struct tb_binary found;

    tb_binary_find(name, &found);
    if (found.n > 0) {
        snprintf(path, PATH_MAX, "%s", found.path);
        return 0;
    }
    if (tb_binary_is_library(name)) {
        snprintf(text, size,
                 "there is no library '%s' in LD_LIBRARY_PATH, nor in the system's "
                 "folders\n  give its path",
                 name);
    }
    else {
        snprintf(text, size,
                 "there is no program '%s' in PATH, nor in /usr/bin or /usr/sbin, and "
                 "no library '%s%s.so'\n  give its path",
                 name, strncmp(name, "lib", 3) == 0 ? "" : "lib", name);
    }
    return -1;
}

/* A file that is not here: a process may have it in its own mount namespace. */
static int
explain_no_file(const struct tb_target *target, char *text, size_t size)
{
    char path[PATH_MAX];

    if (target->pid > 0 && target->path[0] == '/') {
        snprintf(path, sizeof(path), "/proc/%d/root%s", target->pid, target->path);
        if (access(path, F_OK) == 0) {
            snprintf(text, size,
                     "there is no file '%s' here; process %d has it, in a mount "
                     "namespace of its own\n  give '%s'",
                     target->path, target->pid, path);
            return 0;
        }
    }
    return tb_target_file_missing("file", target->path, text, size);
}

/* The name of a function or a probe is looked for only in a file that is there. */
int
tb_target_file_binary(const struct tb_target *target, int err, char *text, size_t size)
{
    struct tb_target resolved = *target;
    const char *archive_end; /* of ARCHIVE!/FILE */
    char path[PATH_MAX];
    struct stat st;

    if (target->path != NULL && strchr(target->path, '/') == NULL) {
        resolved.path = path;
        if (resolve(target->path, path, text, size) < 0) {
            return 0;
        }
    }
    if (resolved.path == NULL) {
        return -1;
    }
    archive_end = strstr(resolved.path, "!/");
    if (archive_end != NULL && stat(resolved.path, &st) < 0) {
        snprintf(path, sizeof(path), "%.*s", (int)(archive_end - resolved.path),
                 resolved.path);
        if (stat(path, &st) == 0) {
            return -1; /* libbpf's words on archives are the reason */
        }
        resolved.path = path;
    }
    if (stat(resolved.path, &st) < 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? explain_no_file(&resolved, text, size)
                   : -1;
    }
    if (S_ISDIR(st.st_mode)) {
        snprintf(text, size, "'%s' is a directory", resolved.path);
        return 0;
    }
    if (target->pid > 0 && kill(target->pid, 0) < 0 && errno == ESRCH) {
        snprintf(text, size, "there is no process %d", target->pid);
        return 0;
    }
    if (target->name == NULL && target->names == NULL) {
        return -1; /* a place */
    }
    if (target->hook->target == TB_TARGET_USDT && err == -EEXIST) {
        snprintf(text, size,
                 "the object has a program at that probe already\n  before Linux 5.15, "
                 "which has cookies, there may be one at a time");
        return 0;
    }
    return target->hook->target == TB_TARGET_USDT
               ? explain_probe(&resolved, text, size)
               : explain_symbols(&resolved, text, size);
}

/* Where cgroup v2 is mounted, and nothing else over it; 0 or -1. */
static int
find_cgroup2(char *place, size_t size)
{
    FILE *mounts = fopen("/proc/self/mounts", "re");
    char line[PATH_MAX + 256], path[PATH_MAX], type[64];
    struct statfs fs;
    int found = -1;

    while (mounts != NULL && found < 0 && fgets(line, sizeof(line), mounts) != NULL) {
        if (sscanf(line, "%*s %4095s %63s", path, type) == 2 &&
            strcmp(type, "cgroup2") == 0 && statfs(path, &fs) == 0 &&
            (uint32_t)fs.f_type == CGROUP2_MAGIC) {
            snprintf(place, size, "%s", path);
            found = 0;
        }
    }
    if (mounts != NULL) {
        fclose(mounts);
    }
    return found;
}

/* A path that is not there, a descriptor that is not open, or what is no cgroup of
 * version 2: then where they are mounted. */
int
tb_target_file_cgroup(const struct tb_target *target, int err, char *text, size_t size)
{
    char place[PATH_MAX];
    struct statfs fs;
    struct stat st;
    size_t n;
    int there;

    (void)err;
    if (target->path != NULL && stat(target->path, &st) < 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? tb_target_file_missing("cgroup", target->path, text, size)
                   : -1;
    }
    there = target->path ? statfs(target->path, &fs) : fstatfs(target->fd, &fs);
    if (there < 0) {
        snprintf(text, size, "descriptor %d is not open", target->fd);
        return 0;
    }
    if ((uint32_t)fs.f_type == CGROUP2_MAGIC) {
        return -1;
    }
    n = (size_t)snprintf(text, size, "%s%s%s is %s\n  ", target->path ? "'" : "",
                         target->path ? target->path : "the descriptor",
                         target->path ? "'" : "",
                         (uint32_t)fs.f_type == CGROUP_MAGIC
                             ? "a cgroup of version 1, and programs attach to version 2"
                             : "no cgroup");
    if (n >= size) {
        return 0;
    }
    if (find_cgroup2(place, sizeof(place)) == 0) {
        snprintf(text + n, size - n, "cgroup v2 is mounted at '%s'", place);
    }
    else {
        snprintf(text + n, size - n,
                 "cgroup v2 is not mounted: mount -t cgroup2 none /sys/fs/cgroup");
    }
    return 0;
}
