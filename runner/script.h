/* SPDX-License-Identifier: MIT
 *
 * What a script says about itself.
 */

#ifndef TB_SCRIPT_H
#define TB_SCRIPT_H

/* Leave with status 2 and the reason when the script that is about to run declares
 * (PEP 723) what this executable does not have.  Python must be running. */
void tb_script_check(void);

#endif
