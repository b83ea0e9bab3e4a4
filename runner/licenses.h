/* SPDX-License-Identifier: MIT
 *
 * The licences of all that is inside, one deflated text in tb_blob (table.h).
 */

#ifndef TB_LICENSES_H
#define TB_LICENSES_H

#include "packed.h"

extern const TbPacked tb_licenses;

/* Print them to standard output.  Returns 0 or -1. */
int tb_licenses_print(void);

#endif
