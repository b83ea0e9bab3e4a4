/* SPDX-License-Identifier: MIT
 *
 * Distances between names (base/nearest.h). It is made for all symbols of a kernel:
 * what cannot be near is seen by its length.
 */
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

static size_t
min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* One row at a time; a row that is too far away everywhere does not come back. */
size_t
tb_nearest_distance(const char *wanted, const char *name, size_t limit)
{
    size_t row[TB_NEAREST_NAME];
    size_t m = strlen(wanted), n = strlen(name);

    if (m >= TB_NEAREST_NAME || n >= TB_NEAREST_NAME ||
        (m > n ? m - n : n - m) >= limit) {
        return limit;
    }
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0], least = i;

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];

            row[j] = min3(row[j - 1] + 1, above + 1,
                          diagonal + (wanted[i - 1] != name[j - 1]));
            diagonal = above;
            least = row[j] < least ? row[j] : least;
        }
        if (least >= limit) {
            return limit;
        }
    }
    return row[n] < limit ? row[n] : limit;
}

size_t
tb_nearest_limit(const char *wanted)
{
    return strlen(wanted) / 3 + 2;
}

/* Compilers write "name.isra.0" for a function that they changed, and what is meant
 * often only lacks underscores: both are nearer than any misspelling. */
static size_t
score(const char *wanted, const char *name, size_t limit)
{
    size_t n = strlen(wanted);

    if (strncmp(name, wanted, n) == 0 && name[n] == '.') {
        return 0;
    }
    if (strcmp(name + strspn(name, "_"), wanted + strspn(wanted, "_")) == 0) {
        return 1;
    }
    return tb_nearest_distance(wanted, name, limit);
}

void
tb_nearest_start(struct tb_nearest *nearest, const char *wanted)
{
    nearest->wanted = wanted;
    nearest->best = tb_nearest_limit(wanted);
    nearest->cut = 0;
    nearest->name[0] = '\0';
}

void
tb_nearest_offer(struct tb_nearest *nearest, const char *name)
{
    char begin[TB_NEAREST_NAME];
    size_t found;

    if (nearest->cut != 0 && nearest->cut < sizeof(begin)) {
        snprintf(begin, sizeof(begin), "%.*s", (int)nearest->cut, name);
        name = begin;
    }
    found = score(nearest->wanted, name, nearest->best);
    if (found < nearest->best && strlen(name) < sizeof(nearest->name)) {
        nearest->best = found;
        snprintf(nearest->name, sizeof(nearest->name), "%s", name);
    }
}

void
tb_nearest_append(const struct tb_nearest *nearest, const char *before, char *text,
                  size_t size)
{
    size_t n = strlen(text);

    if (nearest->name[0] != '\0') {
        snprintf(text + n, size - n, "\n  nearest: '%s%s'", before, nearest->name);
    }
}
