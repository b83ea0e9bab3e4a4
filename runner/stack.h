/* SPDX-License-Identifier: MIT
 *
 * Keep CPython's idea of a stack's size true.
 */
#ifndef TBR_STACK_H
#define TBR_STACK_H

/* Tell CPython how large the main thread's stack really is. Call in that thread, once
 * Python runs. */
void tbr_stack_protect_main(void);

#endif
