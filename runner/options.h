/* SPDX-License-Identifier: MIT
 *
 * The options of the command line that are answered without Python.
 */
#ifndef TBR_OPTIONS_H
#define TBR_OPTIONS_H

/* Answer --help, --version and --licenses on standard output. 1 when one of them was
 * there and nothing else is to be done; 0 otherwise, and then the command line is
 * python's: --bundle and its like have become a module with its arguments. --user and
 * --caps are noted (drop.h), and taken out of it. */
int tbr_options_answer(int *argc, char ***argv);

#endif
