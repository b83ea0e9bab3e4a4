/* SPDX-License-Identifier: MIT
 *
 * Names for addresses of processes (system/user_symbols.h).
 */
#include "system/user_symbols.h"

#include "elf/rust.h"
#include "system/vdso.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROCESSES_MAX 4096
#define MEMORY_MAX (256u << 20) /* bytes of what is kept of processes */

static void
drop_process(struct tb_user_symbols *users, size_t i)
{
    tb_process_free(users->processes[i]);
    free(users->processes[i]);
    users->processes[i] = users->processes[--users->n_processes];
}

/* Drop those that were not asked for longest while there are too many. */
static void
drop_oldest(struct tb_user_symbols *users)
{
    size_t memory = 0;

    for (size_t i = 0; i < users->n_processes; i++) {
        memory += tb_process_memory(users->processes[i]);
    }
    while (users->n_processes > 0 &&
           (users->n_processes >= PROCESSES_MAX || memory > MEMORY_MAX)) {
        size_t oldest = 0;

        for (size_t i = 1; i < users->n_processes; i++) {
            if (users->processes[i]->used < users->processes[oldest]->used) {
                oldest = i;
            }
        }
        memory -= tb_process_memory(users->processes[oldest]);
        drop_process(users, oldest);
    }
}

/* Add a process of which nothing is known; NULL without memory. */
static struct tb_process *
add_process(struct tb_user_symbols *users, pid_t pid)
{
    size_t cap = users->cap_processes > 0 ? users->cap_processes * 2 : 16;
    struct tb_process *process, **grown;

    drop_oldest(users);
    if (users->n_processes == users->cap_processes) {
        grown = realloc(users->processes, cap * sizeof(*grown));
        if (grown == NULL) {
            return NULL;
        }
        users->processes = grown;
        users->cap_processes = cap;
    }
    process = calloc(1, sizeof(*process));
    if (process != NULL) {
        process->pid = pid;
        users->processes[users->n_processes++] = process;
    }
    return process;
}

/* Where a process is; n_processes if it is not known. */
static size_t
place_of(const struct tb_user_symbols *users, pid_t pid)
{
    size_t i = 0;

    while (i < users->n_processes && users->processes[i]->pid != pid) {
        i++;
    }
    return i;
}

struct tb_process *
tb_user_symbols_fresh(struct tb_user_symbols *users, pid_t pid)
{
    size_t i = place_of(users, pid);
    struct tb_process *process = i < users->n_processes ? users->processes[i] : NULL;

    if (process == NULL || !tb_process_is_fresh(process)) {
        return NULL;
    }
    process->used = ++users->n_uses;
    return process;
}

int
tb_user_symbols_process_nogil(struct tb_user_symbols *users, pid_t pid,
                              struct tb_process **out_process)
{
    size_t i = place_of(users, pid);
    struct tb_process *process =
        i < users->n_processes ? users->processes[i] : add_process(users, pid);
    int err;

    if (process == NULL) {
        return -ENOMEM;
    }
    process->used = ++users->n_uses;
    err = tb_process_look_nogil(process, 0, &users->n_spaces);
    if (err < 0 && (process->files == NULL || !tb_foreign_is_want(err))) {
        drop_process(users, place_of(users, pid));
    }
    *out_process = err == 0 ? process : NULL;
    return err;
}

/* Whether a mapping is of a file that has symbols, if any has. */
static int
is_of_file(const struct tb_process *process, const struct tb_mapping *mapping)
{
    const char *name = tb_mappings_name(&process->mappings, mapping);

    return mapping->inode != 0 && *name == '/' && strncmp(name, "/memfd:", 7) != 0 &&
           strncmp(name, "/dev/zero", 9) != 0;
}

static int
is_vdso(const struct tb_process *process, const struct tb_mapping *mapping)
{
    return strcmp(tb_mappings_name(&process->mappings, mapping), "[vdso]") == 0;
}

/* Read the vDSO once; 0 or -errno of a want of this process. */
static int
read_vdso(struct tb_user_symbols *users)
{
    int err = users->vdso_is_read ? 0 : tb_vdso_read_nogil(&users->vdso);

    if (tb_foreign_is_want(err)) {
        tb_elf_symbols_free(&users->vdso);
        users->vdso = (struct tb_elf_symbols){.is_whole = 0};
        return err;
    }
    users->vdso_is_read = 1;
    return 0;
}

int
tb_user_symbols_observe_nogil(struct tb_user_symbols *users, struct tb_process *process)
{
    int err = read_vdso(users);

    for (size_t i = 0; i < process->mappings.n && err == 0; i++) {
        const struct tb_mapping *mapping = &process->mappings.items[i];

        if (is_of_file(process, mapping)) {
            err = tb_process_file_nogil(process, &users->files, mapping);
        }
    }
    return err == 0 ? tb_process_compiled_nogil(process, &users->n_spaces) : err;
}

int
tb_user_symbols_is_ready(struct tb_user_symbols *users, struct tb_process *process,
                         uint64_t address, const struct tb_user_once *once)
{
    const struct tb_mapping *mapping = tb_mappings_find(&process->mappings, address);
    struct tb_symbol_file *file;

    if (mapping == NULL) {
        return process->is_ended || once->has_looked;
    }
    if (is_vdso(process, mapping)) {
        return users->vdso_is_read;
    }
    if (is_of_file(process, mapping)) {
        return tb_process_file_known(process, &users->files, mapping, &file);
    }
    return once->has_compiled || tb_ranges_find(&process->compiled, address) != NULL;
}

int
tb_user_symbols_read_nogil(struct tb_user_symbols *users, struct tb_process *process,
                           uint64_t address, struct tb_user_once *once)
{
    const struct tb_mapping *mapping = tb_mappings_find(&process->mappings, address);

    if (mapping == NULL) {
        int err;

        once->has_looked = 1;
        err = tb_process_look_nogil(process, 1, &users->n_spaces);
        return tb_foreign_is_want(err) ? err : 0;
    }
    if (is_vdso(process, mapping)) {
        return read_vdso(users);
    }
    if (is_of_file(process, mapping)) {
        return tb_process_file_nogil(process, &users->files, mapping);
    }
    once->has_compiled = 1;
    return tb_process_compiled_nogil(process, &users->n_spaces);
}

/* Say that a range holds an address. */
static void
tell(struct tb_user_symbols *users, const struct tb_ranges *ranges,
     const struct tb_range *range, uint64_t address, struct tb_symbol_found *found)
{
    const char *name = tb_ranges_name(ranges, range);

    found->name = tb_rust_demangle(name, users->name, sizeof(users->name)) == 0
                      ? users->name
                      : name;
    found->offset = address - range->start;
}

void
tb_user_symbols_find_in(struct tb_user_symbols *users,
                        const struct tb_elf_symbols *symbols,
                        struct tb_symbol_found *found)
{
    const struct tb_range *range = NULL;
    uint64_t address;

    if (tb_elf_symbols_address(symbols, found->offset, &address) == 0) {
        range = tb_ranges_find(&symbols->functions, address);
    }
    if (range != NULL) {
        tell(users, &symbols->functions, range, address, found);
    }
}

/* Name an address of what is no file: by what a compiler wrote of it. */
static void
find_compiled(struct tb_user_symbols *users, const struct tb_process *process,
              const struct tb_mapping *mapping, struct tb_symbol_found *found)
{
    const struct tb_range *range = tb_ranges_find(&process->compiled, found->address);
    const char *name = tb_mappings_name(&process->mappings, mapping);

    if (range != NULL) {
        tell(users, &process->compiled, range, found->address, found);
        found->module = "[jit]";
    }
    else if (*name == '\0') {
        found->module = NULL;
        found->offset = 0;
    }
}

void
tb_user_symbols_find(struct tb_user_symbols *users, const struct tb_process *process,
                     uint64_t address, struct tb_symbol_found *found)
{
    const struct tb_mapping *mapping = tb_mappings_find(&process->mappings, address);
    struct tb_symbol_file *file;

    *found = (struct tb_symbol_found){.address = address};
    if (mapping == NULL) {
        return;
    }
    found->module = tb_mappings_name(&process->mappings, mapping);
    found->offset = address - mapping->start + mapping->offset;
    if (is_vdso(process, mapping)) {
        tb_user_symbols_find_in(users, &users->vdso, found);
    }
    else if (!is_of_file(process, mapping)) {
        find_compiled(users, process, mapping, found);
    }
    else if (tb_process_file_known(process, &users->files, mapping, &file) &&
             file != NULL) {
        tb_user_symbols_find_in(users, &file->symbols, found);
    }
}

int
tb_user_symbols_file_nogil(struct tb_user_symbols *users, const char *path,
                           struct tb_symbol_file **out_file)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), err = -errno;
    struct tb_foreign_root root = {.fd = -1};
    struct tb_symbol_place place = {path, &root};
    struct stat st;
    char *whole;

    if (fd < 0) {
        return err;
    }
    err = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -ENOEXEC;
    if (err == 0) {
        whole = realpath(path, NULL);
        err = whole == NULL && errno == ENOMEM ? -ENOMEM : 0;
        place.path = whole != NULL ? whole : path;
        if (err == 0) {
            err = tb_symbol_files_read_nogil(&users->files, fd, &st, &place, out_file);
        }
        err = err == -EINVAL ? -ENOEXEC : err;
        free(whole);
    }
    close(fd);
    return err;
}

void
tb_user_symbols_free(struct tb_user_symbols *users)
{
    while (users->n_processes > 0) {
        drop_process(users, users->n_processes - 1);
    }
    free(users->processes);
    tb_symbol_files_free(&users->files);
    tb_elf_symbols_free(&users->vdso);
}
