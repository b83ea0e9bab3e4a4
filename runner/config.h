/* SPDX-License-Identifier: MIT
 *
 * Configure and start the embedded Python.
 */
#ifndef TBR_CONFIG_H
#define TBR_CONFIG_H

/* Whose the words of the command line are. */
enum tbr_config_words { TBR_WORDS_OF_PYTHON, TBR_WORDS_OF_TOOL };

/* Start Python with this command line, or leave as python would: status 2 for a bad
 * option, 0 after -V, 1 when it cannot start. For a bundle's tool, isolated, as -I. */
void tbr_config_start(int argc, char **argv, enum tbr_config_words words);

#endif
