/* SPDX-License-Identifier: MIT
 *
 * Have the kernel map in one go what a start touches page by page.
 */

#ifndef TB_PREFAULT_H
#define TB_PREFAULT_H

void tb_prefault(void);

#endif
