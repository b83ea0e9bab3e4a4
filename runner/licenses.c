/* SPDX-License-Identifier: MIT
 *
 * Print the licences of all that is inside.
 */

#include "licenses.h"

#include "table.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

int
tb_licenses_print(void)
{
    const TbLicenses *at = &tb_licenses;
    char *text = malloc(at->full_size);
    int rc = -1;
    if (text != NULL &&
        tb_text_inflate(tb_blob + at->offset, at->size, text, at->full_size) == 0) {
        rc = fwrite(text, 1, at->full_size, stdout) == at->full_size ? 0 : -1;
    }
    free(text);
    return rc;
}
