/* SPDX-License-Identifier: MIT
 *
 * Looks for executables and libraries (host/binary.h). The loader's cache is read as
 * glibc writes it (struct cache_file_new of its dl-cache): other loaders have folders.
 */
#include "host/binary.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#define ARCH_FOLDERS "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu"
#else
#define MACHINE EM_AARCH64
#define ARCH_FOLDERS "/lib/aarch64-linux-gnu:/usr/lib/aarch64-linux-gnu"
#endif

const char *const tb_binary_program_folders = "/usr/bin:/usr/sbin";
const char *const tb_binary_library_folders =
    ARCH_FOLDERS ":/lib64:/usr/lib64:/lib:/usr/lib:/usr/local/lib";

#define CACHE "/etc/ld.so.cache"
#define CACHE_MAGIC "glibc-ld.so.cache1.1"

/* The cache's head and rows; offsets of texts count from its head. */
struct cache {
    char magic[sizeof(CACHE_MAGIC) - 1];
    uint32_t n, texts_size, unused[5];
};

struct cache_row {
    int32_t flags;
    uint32_t name, path, os_version;
    uint64_t hwcap;
};

int
tb_binary_is_library(const char *name)
{
    size_t n = strlen(name);

    return strstr(name, ".so.") != NULL || (n > 3 && strcmp(name + n - 3, ".so") == 0);
}

/* Whether a file name is "lib<name>.so", with or without a version behind it, or
 * "lib<name>-2.31.so"; the name may begin with "lib" itself. musl's C library is its
 * loader. */
static int
is_library_of(const char *file, const char *name)
{
    size_t n = strlen(name), at = strncmp(name, "lib", 3) == 0 ? 0 : 3;
    const char *rest = file + at + n;

    if (strcmp(name + 3 - at, "c") == 0 && strncmp(file, "ld-musl-", 8) == 0) {
        return 1;
    }
    if (strncmp(file, "lib", 3) != 0 || strncmp(file + at, name, n) != 0) {
        return 0;
    }
    if (*rest == '-' && rest[1] >= '0' && rest[1] <= '9') {
        size_t end = strlen(rest);

        return end > 3 && strcmp(rest + end - 3, ".so") == 0;
    }
    return strncmp(rest, ".so", 3) == 0 && (rest[3] == '\0' || rest[3] == '.');
}

/* Whether a file is code of this machine: "libc.so" may be a text for the linker, and
 * there may be libraries of 32 bits. */
static int
is_code(const char *path)
{
    Elf64_Ehdr header;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int is_whole = fd >= 0 && read(fd, &header, sizeof(header)) == sizeof(header);

    if (fd >= 0) {
        close(fd);
    }
    return is_whole && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
           header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_machine == MACHINE;
}

/* Note a file, unless it is one of those that are. */
static void
add_file(struct tb_binary *found, const char *path, dev_t dev, ino_t ino)
{
    size_t used = strlen(found->list);

    for (int i = 0; i < found->n; i++) {
        if (found->files[i].dev == dev && found->files[i].ino == ino) {
            return;
        }
    }
    if (found->n == TB_BINARY_FILES) {
        return;
    }
    if (found->n == 0) {
        snprintf(found->path, sizeof(found->path), "%s", path);
    }
    found->files[found->n].dev = dev;
    found->files[found->n].ino = ino;
    snprintf(found->list + used, sizeof(found->list) - used, "%s'%s'",
             found->n ? ", " : "", path);
    found->n++;
}

static void
add_code(struct tb_binary *found, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && is_code(path)) {
        add_file(found, path, st.st_dev, st.st_ino);
    }
}

int
tb_binary_find_in(const char *folders, const char *name, int mode, char *path,
                  size_t size)
{
    struct stat st;

    while (folders != NULL && *folders != '\0') {
        size_t n = strcspn(folders, ":");

        if (n > 0 && snprintf(path, size, "%.*s/%s", (int)n, folders, name) > 0 &&
            access(path, mode) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            return 0;
        }
        folders += n + (folders[n] == ':');
    }
    return -1;
}

/* Note the libraries of a name in folders between colons. */
static void
add_libraries(const char *folders, const char *name, struct tb_binary *found)
{
    char folder[PATH_MAX / 2], path[PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    while (folders != NULL && *folders != '\0') {
        size_t n = strcspn(folders, ":");

        snprintf(folder, sizeof(folder), "%.*s", (int)n, folders);
        dir = n > 0 ? opendir(folder) : NULL;
        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            if (is_library_of(entry->d_name, name)) {
                snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
                add_code(found, path);
            }
        }
        if (dir != NULL) {
            closedir(dir);
        }
        folders += n + (folders[n] == ':');
    }
}

/* A text of the cache, which may end anywhere; NULL if it has no end. */
static const char *
cache_text(const char *cache, size_t size, uint32_t at)
{
    return at < size && memchr(cache + at, '\0', size - at) != NULL ? cache + at : NULL;
}

/* Note what the cache has by that name, or as a library of that name. */
static void
add_cached(const char *cache, size_t size, const char *name, int is_exact,
           struct tb_binary *found)
{
    const struct cache *head = (const struct cache *)cache;
    const struct cache_row *rows = (const struct cache_row *)(head + 1);

    if (size < sizeof(*head) ||
        head->n > (size - sizeof(*head)) / sizeof(struct cache_row)) {
        return;
    }
    for (uint32_t i = 0; i < head->n; i++) {
        const char *file = cache_text(cache, size, rows[i].name);
        const char *path = cache_text(cache, size, rows[i].path);

        if (file != NULL && path != NULL &&
            (is_exact ? strcmp(file, name) == 0 : is_library_of(file, name))) {
            add_code(found, path);
        }
    }
}

/* The cache begins with its head, or with one of an older form before it. */
static void
search_cache(const char *name, int is_exact, struct tb_binary *found)
{
    int fd = open(CACHE, O_RDONLY | O_CLOEXEC);
    void *image = MAP_FAILED;
    struct stat st;
    char *head;
    size_t size;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
        image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (image == MAP_FAILED) {
        return;
    }
    size = (size_t)st.st_size;
    head = memmem(image, size, CACHE_MAGIC, sizeof(CACHE_MAGIC) - 1);
    if (head != NULL && (head - (char *)image) % 8 == 0) {
        add_cached(head, size - (size_t)(head - (char *)image), name, is_exact, found);
    }
    munmap(image, size);
}

void
tb_binary_find(const char *name, struct tb_binary *found)
{
    int is_library = tb_binary_is_library(name);
    const char *own = getenv(is_library ? "LD_LIBRARY_PATH" : "PATH");
    char path[PATH_MAX];

    memset(found, 0, sizeof(*found));
    if (tb_binary_find_in(own, name, is_library ? R_OK : R_OK | X_OK, path,
                          sizeof(path)) == 0 ||
        (!is_library && tb_binary_find_in(tb_binary_program_folders, name, R_OK | X_OK,
                                          path, sizeof(path)) == 0) ||
        tb_binary_find_in(tb_binary_library_folders, name, R_OK, path, sizeof(path)) ==
            0) {
        add_file(found, path, 0, 0);
        return;
    }
    search_cache(name, 1, found);
    if (found->n > 1) {
        found->n = 1; /* the loader takes the first, too */
    }
    if (found->n == 0 && !is_library) {
        add_libraries(getenv("LD_LIBRARY_PATH"), name, found);
        add_libraries(tb_binary_library_folders, name, found);
        search_cache(name, 0, found);
    }
}

/* Note the file of a line of /proc/PID/maps, if it is of that name. */
static void
add_mapping(char *line, const char *name, int pid, struct tb_binary *found)
{
    unsigned long start, end, ino;
    unsigned int major, minor;
    char path[PATH_MAX], *file = strchr(line, '/'), *gone, *base;

    if (file == NULL || sscanf(line, "%lx-%lx %*s %*s %x:%x %lu", &start, &end, &major,
                               &minor, &ino) != 5) {
        return;
    }
    file[strcspn(file, "\n")] = '\0';
    gone = strstr(file, " (deleted)");
    if (gone != NULL) {
        *gone = '\0';
    }
    base = strrchr(file, '/') + 1;
    if (strcmp(base, name) != 0 && !is_library_of(base, name)) {
        return;
    }
    if (gone != NULL) {
        snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", pid, start, end);
    }
    else {
        snprintf(path, sizeof(path), "/proc/%d/root%s", pid, file);
    }
    add_file(found, path, (dev_t)major << 20 | minor, ino);
}

int
tb_binary_find_mapped(const char *name, int pid, struct tb_binary *found)
{
    char place[64], line[PATH_MAX + 256];
    FILE *maps;

    memset(found, 0, sizeof(*found));
    pid = pid == 0 ? (int)getpid() : pid;
    snprintf(place, sizeof(place), "/proc/%d/maps", pid);
    maps = fopen(place, "re");
    if (maps == NULL) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    while (fgets(line, sizeof(line), maps) != NULL) {
        add_mapping(line, name, pid, found);
    }
    fclose(maps);
    return 0;
}
