/* SPDX-License-Identifier: MIT
 *
 * Put the library into Python's import system.
 */
#ifndef TBR_IMPORTERS_H
#define TBR_IMPORTERS_H

/* Register the built-in modules. Call before Python starts. */
void tbr_importers_register(void);

#endif
