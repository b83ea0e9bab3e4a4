/* SPDX-License-Identifier: MIT
 *
 * --user and --caps: from root to less, before Python starts.
 */
#ifndef TBR_DROP_H
#define TBR_DROP_H

/* Take a word of the command line, or two, if it is one of the two options: how many
 * words they were, 0 for others. Leaves with status 2 if the argument is missing. */
int tbr_drop_take(const char *word, const char *next);

/* Do what was asked for, if anything was; leave with status 2 and the reason where it
 * cannot be done. */
void tbr_drop_apply(void);

#endif
