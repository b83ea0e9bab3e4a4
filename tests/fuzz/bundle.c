/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: the files of a bundle, whose checksum is always right here. What
 * is accepted can be read whole, and each file is found by its name.
 */
#include "bundle.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Of the header: what would stop all inputs at once is made right. */
enum { CHECKSUM = 12, SIZE = 16, HEADER = 96, LARGEST = 1 << 20 };

static volatile uint64_t sum;

/* Its text with the NUL behind, its contents, its code: all of them are read. */
static void
check_file(const struct tbr_bundle_file *file)
{
    const char *name = tbr_bundle_at(file->name);
    const unsigned char *code = tbr_bundle_at(file->code);
    const char *slash = memrchr(name, '/', file->name_size);
    char *data;

    if (strlen(name) != file->name_size ||
        tbr_bundle_find(name, file->name_size) != file) {
        abort();
    }
    if (slash != NULL && name[0] != '/' &&
        !tbr_bundle_is_folder(name, (size_t)(slash - name))) {
        abort();
    }
    for (uint32_t i = 0; i < file->code_size; i++) {
        sum += code[i];
    }
    if (file->full_size > LARGEST) {
        return;
    }
    data = malloc(file->full_size);
    if (data != NULL && tbr_bundle_read(file, data) == 0) {
        sum += crc32_z(0, (const Bytef *)data, file->full_size);
    }
    free(data);
}

static void
check_all(const char *start, size_t size)
{
    const struct tbr_bundle_file *files;
    size_t n;

    if (tbr_bundle_open_at(start, size) != NULL) {
        return;
    }
    files = tbr_bundle_files(&n);
    for (size_t i = 0; i < n; i++) {
        check_file(&files[i]);
    }
    if (tbr_bundle_find("", 0) != NULL && files[0].name_size != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    uint64_t whole = size;
    uint32_t checksum;

    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, data, size);
    if (size >= HEADER) {
        memcpy(copy, "tinybpf\n\1\0\0", CHECKSUM);
        memcpy(copy + SIZE, &whole, sizeof(whole));
        checksum = (uint32_t)crc32_z(0, (const Bytef *)copy + SIZE, size - SIZE);
        memcpy(copy + CHECKSUM, &checksum, sizeof(checksum));
    }
    watch_begin();
    copy = realloc(copy, size > 0 ? size : 1); /* not a byte more, for the sanitizer */
    check_all(copy, size);
    watch_end();
    free(copy);
    return 0;
}
