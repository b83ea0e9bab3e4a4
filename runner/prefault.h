/* SPDX-License-Identifier: MIT
 *
 * Have the kernel give in one go what a start touches page by page.
 */
#ifndef TBR_PREFAULT_H
#define TBR_PREFAULT_H

/* Call once, before Python allocates its first object. */
void tbr_prefault(void);

#endif
