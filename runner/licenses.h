/* SPDX-License-Identifier: MIT
 *
 * The licences of all that is inside, one text in tbr_blob (table.h).
 */
#ifndef TBR_LICENSES_H
#define TBR_LICENSES_H

#include "packed.h"

extern const struct tbr_packed tbr_licenses;

/* Print them to standard output: 0 or -1. */
int tbr_licenses_print(void);

#endif
