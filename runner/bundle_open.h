/* SPDX-License-Identifier: MIT
 *
 * Say why a bundle's files cannot be opened.
 */
#ifndef TBR_BUNDLE_OPEN_H
#define TBR_BUNDLE_OPEN_H

/* From now on, who opens or lists a path of a bundle's file is told what reads it. Call
 * before Python starts. */
void tbr_bundle_explain_open(void);

#endif
