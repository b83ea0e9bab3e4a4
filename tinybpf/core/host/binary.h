/* SPDX-License-Identifier: MIT
 *
 * Executables and libraries by their names: where the shell, the loader and a process
 * have them.
 */
#ifndef TB_HOST_BINARY_H
#define TB_HOST_BINARY_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

#define TB_BINARY_FILES 8

/* The files that a name may mean; links to one file are one. */
struct tb_binary {
    int n;               /* how many there are */
    char path[PATH_MAX]; /* of the first */
    char list[1024];     /* all of them: "'/a/libx.so.1', '/a/libx.so.2'" */
    struct {
        dev_t dev;
        ino_t ino;
    } files[TB_BINARY_FILES];
};

/* A program in PATH; else a file of that name in the library folders or in the loader's
 * cache; else "libNAME.so" with or without a version there, which may be several. A
 * NAME may begin with "lib". */
void tb_binary_find(const char *name, struct tb_binary *found);

/* What a process has mapped by that name, or as "libNAME.so" as above: by its own root,
 * or by its mapping where the file was deleted. 0 or -errno. */
int tb_binary_find_mapped(const char *name, int pid, struct tb_binary *found);

/* Look for a file in folders between colons; 0 or -1. */
int tb_binary_find_in(const char *folders, const char *name, int mode, char *path,
                      size_t size);

/* Whether a name is that of a shared library. */
int tb_binary_is_library(const char *name);

/* The folders of the system's programs and libraries. */
extern const char *const tb_binary_program_folders, *const tb_binary_library_folders;

#endif
