/* SPDX-License-Identifier: MIT
 *
 * Print the licences of all that is inside.
 */
#include "licenses.h"

#include <stdio.h>

int
tbr_licenses_print(void)
{
    char *copy;
    const char *text = tbr_packed_open(&tbr_licenses, NULL, &copy);
    size_t n = tbr_licenses.full_size;
    int rc;

    rc = text != NULL && fwrite(text, 1, n, stdout) == n ? 0 : -1;
    tbr_packed_close(copy);
    return rc;
}
