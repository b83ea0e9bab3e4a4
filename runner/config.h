/* SPDX-License-Identifier: MIT
 *
 * Configure and start the embedded Python.
 */
#ifndef TBR_CONFIG_H
#define TBR_CONFIG_H

/* Start Python with this command line, or leave as python would: status 2 for a bad
 * option, 0 after -V, 1 when it cannot start. */
void tbr_config_start(int argc, char **argv);

#endif
