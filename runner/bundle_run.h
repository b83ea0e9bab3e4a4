/* SPDX-License-Identifier: MIT
 *
 * Run the program of a bundle.
 */
#ifndef TBR_BUNDLE_RUN_H
#define TBR_BUNDLE_RUN_H

/* Run it with this command line, all of whose words are the program's; the status of
 * the process. A bundle that is damaged, or in which no program is chosen, is 2. */
int tbr_bundle_run(int argc, char **argv);

#endif
