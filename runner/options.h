/* SPDX-License-Identifier: MIT
 *
 * The options of the command line that are answered without Python.
 */
#ifndef TBR_OPTIONS_H
#define TBR_OPTIONS_H

/* Answer --help, --version and --licenses on standard output. 1 when one of them was
 * there and nothing else is to be done, 0 otherwise. */
int tbr_options_answer(int argc, char **argv);

#endif
