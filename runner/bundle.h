/* SPDX-License-Identifier: MIT
 *
 * The files of a bundle: a tinybpf-run that has a program appended.
 *
 * They are one more segment of the executable, which the kernel has mapped before
 * anything runs here: nothing is opened, read or looked for, and nobody can put another
 * file in its place meanwhile. lib/library/_tbpy_bundling/ writes them. Numbers are
 * little-endian.
 *
 *   header  "tinybpf\n", format (4 bytes), CRC-32 of all behind it (4), size of it all
 *           (8), size of the runner in front (8), its CRC-32 (4), number of files (4),
 *           program header that the runner had in the segment's place (56)
 *   files   struct tbr_bundle_file, sorted by name
 *   names, contents
 *
 * A name that begins with "/" is no file of the program's, but something about it.
 */
#ifndef TBR_BUNDLE_H
#define TBR_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#define TBR_BUNDLE_FORMAT 1
/* Where the files seem to be: __file__ and tracebacks show it. */
#define TBR_BUNDLE_ROOT "/tbpy/tool"

/* Offsets are from the header on. */
struct tbr_bundle_file {
    uint32_t name; /* has a NUL behind it */
    uint32_t name_size;
    uint32_t data; /* as it is, or deflated if it is smaller than it will be */
    uint32_t size;
    uint32_t full_size;
    uint32_t code; /* marshalled; none: 0 */
    uint32_t code_size;
    uint32_t reserved;
};

/* Is this executable a bundle? It can be asked before main(): only the program headers
 * of this process are looked at. */
int tbr_bundle_is_there(void);

/* Check the bundle of this executable, which there must be, as a whole. NULL, or what
 * is wrong with it; then nothing else here may be called. */
const char *tbr_bundle_open(void);

/* The same for a bundle anywhere in memory, which takes the place of this one's. */
const char *tbr_bundle_open_at(const void *start, size_t size);

/* The files, sorted by name. */
const struct tbr_bundle_file *tbr_bundle_files(size_t *out_n);

/* The file of a name, or NULL. */
const struct tbr_bundle_file *tbr_bundle_find(const char *name, size_t size);

/* The first file whose name is not before this one; the end of all if there is none. */
const struct tbr_bundle_file *tbr_bundle_from(const char *name, size_t size);

/* Is there a file below this name? */
int tbr_bundle_is_folder(const char *name, size_t size);

/* What stands at an offset. */
const void *tbr_bundle_at(uint32_t offset);

/* Write a file's contents, full_size bytes, to out: 0, or -1 if memory is short or they
 * are not what they should be. */
int tbr_bundle_read(const struct tbr_bundle_file *file, char *out);

#endif
