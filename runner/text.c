/* SPDX-License-Identifier: MIT
 *
 * Texts that are deflated inside the executable: sources and licences.
 *
 * zlib is there already, for Python's own zlib module.
 */

#include "text.h"

#include <zlib.h>

int
tb_text_inflate(const unsigned char *data, size_t size, char *out_text,
                size_t full_size)
{
    uLongf n = full_size;
    int err = uncompress((Bytef *)out_text, &n, data, size);
    return err == Z_OK && n == full_size ? 0 : -1;
}
