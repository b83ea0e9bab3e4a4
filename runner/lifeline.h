/* SPDX-License-Identifier: MIT
 *
 * A bundle that --ssh has sent to this host: it leaves nothing behind.
 */
#ifndef TBR_LIFELINE_H
#define TBR_LIFELINE_H

/* If this process was started by --ssh: remove its file, and go on in a child, whose
 * standard input is empty; this process watches over that and ends with its status.
 * What said so is then gone from the command line. Otherwise nothing. */
void tbr_lifeline_hold(int *argc, char **argv);

#endif
