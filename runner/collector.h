/* SPDX-License-Identifier: MIT
 *
 * Spare Python's garbage collector what a start has made.
 */
#ifndef TBR_COLLECTOR_H
#define TBR_COLLECTOR_H

/* Call once, when Python has started and before the program runs. */
void tbr_collector_freeze(void);

#endif
