/* SPDX-License-Identifier: MIT
 *
 * What a start with more privilege than its caller has may do.
 */
#ifndef TBR_PRIVILEGE_H
#define TBR_PRIVILEGE_H

/* Leave with status 2 and a reason when the kernel says that this process runs with
 * privilege its caller lacks (setuid, setgid, file capabilities). */
void tbr_privilege_refuse_secure(void);

#endif
