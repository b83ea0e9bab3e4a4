/* SPDX-License-Identifier: MIT
 *
 * The note that others know a tinybpf-run by, and its version, without starting it.
 *
 * Its program header is the place that a bundle needs (bundle.h): the linker gives a
 * note one of its own if its alignment is another than that of the build id beside it.
 * Who makes a bundle turns that header into one of a segment. The note's type is the
 * version of that arrangement.
 */
#include "note.h"

#include "bundle.h"

#include <patchlevel.h>
#include <stdint.h>

#define VERSIONS                        \
    "tinybpf-run " TINYBPF_VERSION "\n" \
    "python " PY_VERSION "\n" TBR_VERSIONS

/* As ELF has it: with an alignment of 8, the text begins at a multiple of 8. */
struct note {
    uint32_t name_size;
    uint32_t text_size;
    uint32_t type;
    char name[8];
    uint32_t padding;
    char text[sizeof(VERSIONS)];
};

__attribute__((section(".note.tinybpf"), used,
               aligned(8))) static const struct note note = {
    8, sizeof(VERSIONS), TBR_BUNDLE_FORMAT, "tinybpf", 0, VERSIONS};

const char *
tbr_note_versions(void)
{
    return note.text;
}
