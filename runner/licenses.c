/* SPDX-License-Identifier: MIT
 *
 * Print the licences of all that is inside.
 */

#include "licenses.h"

#include <stdio.h>
#include <stdlib.h>

int
tb_licenses_print(void)
{
    char *copy;
    const char *text = tb_packed_open(&tb_licenses, NULL, &copy);
    size_t n = tb_licenses.full_size;
    int rc = text != NULL && fwrite(text, 1, n, stdout) == n ? 0 : -1;
    free(copy);
    return rc;
}
