/* SPDX-License-Identifier: MIT
 *
 * What a start with more privilege than its caller has may do.
 */

#ifndef TB_PRIVILEGE_H
#define TB_PRIVILEGE_H

/* Leave with status 2 and a reason when the kernel says that this process runs with
 * privilege its caller lacks (setuid, setgid, file capabilities). */
void tb_privilege_refuse_secure(void);

#endif
