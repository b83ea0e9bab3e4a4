/* SPDX-License-Identifier: MIT
 *
 * Put the library into Python's import system.
 */

#ifndef TB_IMPORTERS_H
#define TB_IMPORTERS_H

/* Register the built-in modules.  Call before Python starts. */
void tb_importers_register(void);

#endif
