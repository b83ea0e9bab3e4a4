/* SPDX-License-Identifier: MIT
 *
 * Sources as squeeze.py's fold() tells them: by copies out of their modules' code.
 */
#ifndef TBR_FOLD_H
#define TBR_FOLD_H

#include "packed.h"

#include <stddef.h>

/* Return a module's source, malloc'ed, and its size. NULL when memory is short or the
 * pieces are damaged. */
char *tbr_fold_open(const struct tbr_packed *source, const struct tbr_packed *code,
                    size_t *out_size);

#endif
