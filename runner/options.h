/* SPDX-License-Identifier: MIT
 *
 * The options of the command line that are not python's.
 */

#ifndef TB_OPTIONS_H
#define TB_OPTIONS_H

/* Answer --help, --version and --licenses on standard output.  Returns 1 when one of
 * them was there and nothing else is to be done, 0 otherwise. */
int tb_options_answer(int argc, char **argv);

#endif
