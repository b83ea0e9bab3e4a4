/* SPDX-License-Identifier: MIT
 *
 * The name that comes nearest to a misspelt one, out of many that pass by one after
 * the other. Pure.
 */
#ifndef TB_BASE_NEAREST_H
#define TB_BASE_NEAREST_H

#include <stddef.h>

#define TB_NEAREST_NAME 256 /* bytes; longer names are not compared */

struct tb_nearest {
    const char *wanted; /* borrowed */
    size_t best;        /* how far the name is away; only nearer ones replace it */
    size_t cut;         /* names are looked at up to so many bytes; 0: whole */
    char name[TB_NEAREST_NAME]; /* "" while none is near */
};

void tb_nearest_start(struct tb_nearest *nearest, const char *wanted);
void tb_nearest_offer(struct tb_nearest *nearest, const char *name);

/* Append "\n  nearest: '<before><name>'" to a text, if a name is near. */
void tb_nearest_append(const struct tb_nearest *nearest, const char *before, char *text,
                       size_t size);

/* How many letters two names differ in (Levenshtein); `limit` if it is so many or
 * more. The first one's limit is what is no misspelling of it any more. */
size_t tb_nearest_distance(const char *wanted, const char *name, size_t limit);
size_t tb_nearest_limit(const char *wanted);

#endif
