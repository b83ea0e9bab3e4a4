/* SPDX-License-Identifier: MIT
 *
 * The licences of all that is inside, one deflated text in tb_blob (table.h).
 */

#ifndef TB_LICENSES_H
#define TB_LICENSES_H

#include <stdint.h>

typedef struct {
    uint32_t offset;
    uint32_t size;
    uint32_t full_size; /* inflated */
} TbLicenses;

extern const TbLicenses tb_licenses;

/* Print them to standard output.  Returns 0 or -1. */
int tb_licenses_print(void);

#endif
