/* SPDX-License-Identifier: MIT
 *
 * Keeper of a process (system/process.h).
 */
#include "system/process.h"

#include "system/perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000ULL
#define FRESH_NS 10000000ULL /* numbers of processes are not used again so soon */
#define COMPILED_FILE_MAX (256u << 20) /* bytes of a perf map file */
#define COMPILED_MAX (64u << 20)       /* of what is kept of it */
#define STAT_SIZE (64u << 10)

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* Read a file of /proc/PID as text, which is to be freed; 0 or -errno. */
static int
read_text(pid_t pid, const char *name, char **out_text)
{
    char path[64];
    size_t size;
    int fd, err;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    err = tb_foreign_read_all_nogil(fd, STAT_SIZE, out_text, &size);
    close(fd);
    return err;
}

/* The 22nd, 26th, 27th and 28th field of /proc/PID/stat; 0 or -errno. The second is a
 * name in parentheses, which may hold anything. */
static int
read_identity(pid_t pid, struct tb_process_identity *identity)
{
    char *text = NULL, *at;
    int err = read_text(pid, "stat", &text);
    unsigned long long start, code, end, stack;

    at = text != NULL ? strrchr(text, ')') : NULL;
    err = err == 0 ? -ESRCH : err;
    if (at != NULL &&
        sscanf(at + 1,
               " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
               "%*s %*s %llu %*s %*s %*s %llu %llu %llu",
               &start, &code, &end, &stack) == 4) {
        *identity = (struct tb_process_identity){start, code, end, stack};
        err = 0;
    }
    free(text);
    return err;
}

/* Its number in its own namespace of processes, for files that it has named by it; or
 * -errno. */
static int
own_number(pid_t pid)
{
    char *text = NULL, *line, *last;
    int err = read_text(pid, "status", &text), number = err == 0 ? (int)pid : err;

    line = text != NULL ? strstr(text, "\nNSpid:") : NULL;
    if (line != NULL) {
        line++;
        line[strcspn(line, "\n")] = '\0';
        last = strrchr(line, '\t');
        number = last != NULL ? atoi(last + 1) : number;
    }
    free(text);
    return number;
}

/* Forget what belonged to another process, or another program. */
static void
forget(struct tb_process *process)
{
    tb_mappings_free(&process->mappings);
    free(process->files);
    process->files = NULL;
    tb_ranges_free(&process->compiled);
    memset(&process->compiled_stat, 0, sizeof(process->compiled_stat));
}

/* Take mappings over that differ from those that were; 0 or -ENOMEM. */
static int
take_mappings(struct tb_process *process, struct tb_mappings *found, uint64_t *n_spaces)
{
    struct tb_process_file *files = calloc(found->n + 1, sizeof(*files));

    if (files == NULL) {
        return -ENOMEM;
    }
    tb_mappings_free(&process->mappings);
    free(process->files);
    process->mappings = *found;
    process->files = files;
    process->space = ++*n_spaces;
    *found = (struct tb_mappings){.n = 0};
    return 0;
}

/* Read its mappings. That of a zombie are none: those that it had are kept. */
static int
read_mappings(struct tb_process *process, uint64_t *n_spaces)
{
    struct tb_mappings found = {.n = 0};
    int err = tb_mappings_read_nogil(&found, process->pid);

    if (err == 0 &&
        (process->files == NULL ||
         (found.n > 0 && !tb_mappings_are_same(&found, &process->mappings)))) {
        err = take_mappings(process, &found, n_spaces);
    }
    tb_mappings_free(&found);
    process->read_ns = tb_foreign_is_want(err) ? process->read_ns : now_ns();
    return err;
}

/* Whether another process has its number now. */
static int
is_another(const struct tb_process *process, const struct tb_process_identity *identity)
{
    return process->read_ns != 0 &&
           process->identity.start_time != identity->start_time;
}

int
tb_process_look_nogil(struct tb_process *process, int must, uint64_t *n_spaces)
{
    struct tb_process_identity identity;
    int err = read_identity(process->pid, &identity), is_new;

    process->seen_ns = now_ns();
    if (tb_foreign_is_want(err)) {
        return err;
    }
    if (err < 0) {
        process->is_ended = 1;
        return process->read_ns != 0 ? 0 : -ESRCH;
    }
    if (is_another(process, &identity)) {
        forget(process);
        process->read_ns = 0;
    }
    is_new = process->read_ns == 0 ||
             memcmp(&identity, &process->identity, sizeof(identity)) != 0;
    process->is_ended = 0;
    if (!is_new && !must && process->seen_ns - process->read_ns < SECOND_NS) {
        return 0;
    }
    err = read_mappings(process, n_spaces);
    if (tb_foreign_is_want(err)) {
        return err;
    }
    process->identity = identity;
    if ((err == -ESRCH || err == -ENOENT) && process->files != NULL) {
        process->is_ended = 1;
        return 0;
    }
    return err;
}

int
tb_process_is_fresh(const struct tb_process *process)
{
    return process->read_ns != 0 && now_ns() - process->seen_ns < FRESH_NS;
}

/* Open the file of a mapping by its name, if the same one is there, or -errno. */
static int
open_named(const struct tb_foreign_root *root, const char *name, uint64_t inode,
           struct stat *out_stat)
{
    int fd = tb_foreign_open_nogil(root, name, 0, out_stat);

    if (fd >= 0 && out_stat->st_ino != inode) {
        close(fd);
        fd = -ESTALE;
    }
    return fd;
}

/* Open the file of a mapping: as it is mapped, or by its name in the process's root if
 * it is the same one there; a descriptor or -errno. */
static int
open_file(const struct tb_process *process, const struct tb_foreign_root *root,
          const struct tb_mapping *mapping, struct stat *out_stat)
{
    const char *name = tb_mappings_name(&process->mappings, mapping);
    int fd = tb_foreign_open_mapped_nogil(process->pid, mapping->start, mapping->end,
                                          out_stat);

    if (fd >= 0 && out_stat->st_ino != mapping->inode) {
        close(fd); /* another process has the number already */
        fd = -ESTALE;
    }
    return fd < 0 && !tb_foreign_is_want(fd) && *name == '/'
               ? open_named(root, name, mapping->inode, out_stat)
               : fd;
}

/* Read the file of a mapping, below the process's root, or ours once that is gone; NULL
 * is one without symbols. 0, or -errno of a want of this process. */
static int
read_file(struct tb_process *process, struct tb_symbol_files *files,
          const struct tb_mapping *mapping, struct tb_symbol_file **out_file)
{
    struct tb_foreign_root root;
    struct tb_symbol_place place = {tb_mappings_name(&process->mappings, mapping),
                                    &root};
    struct stat st;
    int err = tb_foreign_root_open_nogil(process->is_ended ? 0 : process->pid, &root);
    int fd;

    *out_file = NULL;
    if (err < 0 && !tb_foreign_is_want(err)) {
        err = tb_foreign_root_open_nogil(0, &root);
    }
    if (err < 0) {
        return tb_foreign_is_want(err) ? err : 0;
    }
    fd = open_file(process, &root, mapping, &st);
    err = fd;
    if (fd >= 0) {
        err = tb_symbol_files_read_nogil(files, fd, &st, &place, out_file);
        close(fd);
    }
    tb_foreign_root_close_nogil(&root);
    return tb_foreign_is_want(err) ? err : 0;
}

int
tb_process_file_known(const struct tb_process *process, struct tb_symbol_files *files,
                      const struct tb_mapping *mapping,
                      struct tb_symbol_file **out_file)
{
    const struct tb_process_file *entry =
        &process->files[mapping - process->mappings.items];

    *out_file = entry->space != 0
                    ? tb_symbol_files_get(files, entry->place, entry->space)
                    : NULL;
    return *out_file != NULL || mapping->inode == 0 ||
           (entry->is_tried && entry->space == 0);
}

int
tb_process_file_nogil(struct tb_process *process, struct tb_symbol_files *files,
                      const struct tb_mapping *mapping)
{
    size_t at = (size_t)(mapping - process->mappings.items);
    struct tb_symbol_file *file;
    int err;

    if (tb_process_file_known(process, files, mapping, &file)) {
        return 0;
    }
    err = read_file(process, files, mapping, &file);
    if (err < 0) {
        return err;
    }
    for (size_t i = 0; i < process->mappings.n; i++) {
        const struct tb_mapping *other = &process->mappings.items[i];

        if (i == at ||
            (other->inode == mapping->inode && other->major == mapping->major &&
             other->minor == mapping->minor)) {
            process->files[i] =
                (struct tb_process_file){.place = file != NULL ? file->place : 0,
                                         .space = file != NULL ? file->space : 0,
                                         .is_tried = 1};
        }
    }
    return 0;
}

/* Parse an open perf map file in place of what there was; 0 or -errno. */
static int
parse_compiled(struct tb_process *process, int fd, uint64_t *n_spaces)
{
    struct tb_ranges found = {.max = COMPILED_MAX};
    char *text = NULL;
    size_t size;
    int err = tb_foreign_read_all_nogil(fd, COMPILED_FILE_MAX, &text, &size);

    if (err == 0) {
        err = tb_perf_map_parse(&found, text, size);
    }
    free(text);
    if (err < 0 && err != -E2BIG) {
        tb_ranges_free(&found);
        return err;
    }
    tb_ranges_free(&process->compiled);
    process->compiled = found;
    process->space = ++*n_spaces;
    return 0;
}

/* Whether a file is as it was when it was read. */
static int
is_as_read(const struct stat *now, const struct stat *then)
{
    return now->st_size == then->st_size && now->st_ino == then->st_ino &&
           now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* Open the perf map file of a process; a descriptor or -errno. */
static int
open_compiled(const struct tb_process *process, struct stat *out_stat)
{
    struct tb_foreign_root root;
    int fd, number, err = tb_foreign_root_open_nogil(process->pid, &root);
    char path[64];

    if (err < 0) {
        return err;
    }
    number = own_number(process->pid);
    snprintf(path, sizeof(path), "/tmp/perf-%d.map", number);
    fd = number >= 0 ? tb_foreign_open_nogil(&root, path, 0, out_stat) : number;
    tb_foreign_root_close_nogil(&root);
    return fd;
}

int
tb_process_compiled_nogil(struct tb_process *process, uint64_t *n_spaces)
{
    struct stat st;
    int fd = process->is_ended ? -ESRCH : open_compiled(process, &st), err = 0;

    if (fd < 0) {
        return tb_foreign_is_want(fd) ? fd : 0;
    }
    if (!is_as_read(&st, &process->compiled_stat)) {
        err = parse_compiled(process, fd, n_spaces);
        if (!tb_foreign_is_want(err)) {
            process->compiled_stat = st;
            err = 0;
        }
    }
    close(fd);
    return err;
}

size_t
tb_process_memory(const struct tb_process *process)
{
    return sizeof(*process) + tb_ranges_memory(&process->compiled) +
           process->mappings.cap_names +
           process->mappings.cap *
               (sizeof(struct tb_mapping) + sizeof(struct tb_process_file));
}

void
tb_process_free(struct tb_process *process)
{
    forget(process);
}
