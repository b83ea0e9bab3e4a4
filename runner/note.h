/* SPDX-License-Identifier: MIT
 *
 * What this file says of itself: an ELF note, which needs no start to be read.
 */
#ifndef TBR_NOTE_H
#define TBR_NOTE_H

/* What --version answers: a line "name version" for each thing that is inside. */
const char *tbr_note_versions(void);

#endif
