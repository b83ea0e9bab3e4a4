/* SPDX-License-Identifier: MIT
 *
 * What a script says about itself.
 */
#ifndef TBR_SCRIPT_H
#define TBR_SCRIPT_H

/* Leave with status 2 and the reason when the script that is about to run declares
 * (PEP 723) what this executable does not have. Python must be running. */
void tbr_script_check(void);

#endif
