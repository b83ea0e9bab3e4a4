/* SPDX-License-Identifier: MIT
 *
 * Keep CPython's idea of a stack's size true.
 */

#ifndef TB_STACK_H
#define TB_STACK_H

/* Tell CPython how large the main thread's stack really is. */
void tb_stack_protect_main(void);

#endif
