/* SPDX-License-Identifier: MIT
 *
 * Store of files' symbols (system/symbol_files.h).
 */
#include "system/symbol_files.h"

#include "system/debug_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX (512u << 20) /* bytes of all of them */

/* Whether a file is the one that was read, unchanged. */
static int
is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void
free_file(struct tb_symbol_file *file)
{
    tb_elf_symbols_free(&file->symbols);
    free(file->path);
    free(file);
}

static void
drop(struct tb_symbol_files *files, size_t place)
{
    struct tb_symbol_file *file = files->items[place];

    files->items[place] = NULL;
    if (file != NULL) {
        free_file(file);
    }
}

/* The file that was not used for longest; NULL: there is none. */
static struct tb_symbol_file *
oldest(struct tb_symbol_files *files)
{
    struct tb_symbol_file *found = NULL;

    for (size_t i = 0; i < TB_SYMBOL_FILES; i++) {
        struct tb_symbol_file *file = files->items[i];

        if (file != NULL && (found == NULL || file->used < found->used)) {
            found = file;
        }
    }
    return found;
}

/* Drop the oldest until there is room for one of so many bytes more; its place. */
static size_t
make_room(struct tb_symbol_files *files, size_t memory)
{
    size_t place = TB_SYMBOL_FILES;
    struct tb_symbol_file *file;

    for (size_t i = 0; i < TB_SYMBOL_FILES; i++) {
        if (files->items[i] == NULL) {
            place = i;
        }
        else {
            memory += tb_ranges_memory(&files->items[i]->symbols.functions);
        }
    }
    while ((memory > MEMORY_MAX || place == TB_SYMBOL_FILES) &&
           (file = oldest(files)) != NULL) {
        memory -= tb_ranges_memory(&file->symbols.functions);
        place = file->place;
        drop(files, place);
    }
    return place;
}

/* Look for the symbols of a stripped file where its process would, then where we do; 0
 * or -errno. */
static int
take_debug_file(const struct tb_symbol_place *place, struct tb_elf_symbols *symbols)
{
    struct tb_foreign_root own;
    int found = symbols->is_whole;

    if (found == 0) {
        found = tb_debug_file_take_nogil(place->root, place->path, symbols);
    }
    if (found == 0) {
        found = tb_foreign_root_open_nogil(0, &own);
    }
    else {
        return found < 0 ? found : 0;
    }
    if (found == 0) {
        found = tb_debug_file_take_nogil(&own, place->path, symbols);
        tb_foreign_root_close_nogil(&own);
    }
    return tb_foreign_is_want(found) ? found : 0;
}

/* The file that was read before, unchanged; NULL: it was not. */
static struct tb_symbol_file *
find(const struct tb_symbol_files *files, const struct stat *stat)
{
    for (size_t i = 0; i < TB_SYMBOL_FILES; i++) {
        if (files->items[i] != NULL && is_same(&files->items[i]->stat, stat)) {
            return files->items[i];
        }
    }
    return NULL;
}

/* Read a file's symbols; 0 or -errno. */
static int
read_file(struct tb_symbol_file *file, int fd, const struct tb_symbol_place *place)
{
    struct tb_elf_file image = {tb_foreign_read_nogil, &fd};
    int err = tb_elf_symbols_read(&image, &file->symbols);

    if (err == 0) {
        err = take_debug_file(place, &file->symbols);
    }
    file->path = err == 0 ? strdup(place->path) : NULL;
    return err == 0 && file->path == NULL ? -ENOMEM : err;
}

int
tb_symbol_files_read_nogil(struct tb_symbol_files *files, int fd,
                           const struct stat *stat, const struct tb_symbol_place *place,
                           struct tb_symbol_file **out_file)
{
    struct tb_symbol_file *file = find(files, stat);
    int err;

    *out_file = file;
    if (file != NULL) {
        file->used = ++files->n_uses;
        return 0;
    }
    file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return -ENOMEM;
    }
    err = read_file(file, fd, place);
    if (err < 0) {
        free_file(file);
        return err;
    }
    file->space = ++*files->n_spaces;
    file->used = ++files->n_uses;
    file->stat = *stat;
    file->place = make_room(files, tb_ranges_memory(&file->symbols.functions));
    files->items[file->place] = file;
    *out_file = file;
    return 0;
}

struct tb_symbol_file *
tb_symbol_files_get(struct tb_symbol_files *files, size_t place, uint64_t space)
{
    struct tb_symbol_file *file = files->items[place];

    if (file == NULL || file->space != space) {
        return NULL;
    }
    file->used = ++files->n_uses;
    return file;
}

struct tb_symbol_file *
tb_symbol_files_by_id(struct tb_symbol_files *files, const void *build_id, size_t n)
{
    for (size_t i = 0; i < TB_SYMBOL_FILES; i++) {
        struct tb_symbol_file *file = files->items[i];

        /* The kernel pads ids to 20 bytes by zeros. */
        if (file != NULL && file->symbols.n_build_id > 0 &&
            file->symbols.n_build_id <= n &&
            memcmp(file->symbols.build_id, build_id, file->symbols.n_build_id) == 0) {
            return file;
        }
    }
    return NULL;
}

void
tb_symbol_files_free(struct tb_symbol_files *files)
{
    for (size_t i = 0; i < TB_SYMBOL_FILES; i++) {
        drop(files, i);
    }
}
