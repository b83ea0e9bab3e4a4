/* SPDX-License-Identifier: MIT
 *
 * Spare Python's garbage collector what a start has made.
 */

#ifndef TB_COLLECTOR_H
#define TB_COLLECTOR_H

/* Call once, when Python has started and before the program runs. */
void tb_collector_freeze(void);

#endif
