/* SPDX-License-Identifier: MIT
 *
 * The frozen modules, as freeze.py writes them.
 */
#ifndef TBR_FROZEN_H
#define TBR_FROZEN_H

#include "python.h"

/* The two halves of importlib. */
extern const struct _frozen tbr_frozen_bootstrap[];

/* [start] of stdlib.toml, the runner's own Python, tinybpf. */
extern const struct _frozen tbr_frozen_start[];

#endif
