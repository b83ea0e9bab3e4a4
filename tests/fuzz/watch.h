/* SPDX-License-Identifier: MIT
 *
 * Inputs that take too long: what counts is the time of the processor, for fuzzers run
 * behind everything else.
 */
#ifndef FUZZ_WATCH_H
#define FUZZ_WATCH_H

/* The work on an input begins: it ends within 10 seconds, or the process does. */
void watch_begin(void);
void watch_end(void);

#endif
