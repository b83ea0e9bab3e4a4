/* SPDX-License-Identifier: MIT
 *
 * Leave the caller behind.
 */
#ifndef TBR_ISOLATE_H
#define TBR_ISOLATE_H

/* Take away what this process has of its caller's but the words of the command line,
 * the working directory, and standard input, output and error. To be called before
 * main(), before anybody reads the environment. Leaves with status 2 where that cannot
 * be done. */
void tbr_isolate(void);

#endif
