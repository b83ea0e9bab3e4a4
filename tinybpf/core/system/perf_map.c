/* SPDX-License-Identifier: MIT
 *
 * Parser of perf map files (system/perf_map.h). A compiler that has freed code writes
 * the new owner of the place further down: the file is read from its end.
 */
#include "system/perf_map.h"

#include <stdio.h>
#include <string.h>

#define HEAD_SIZE 64

/* Add the function of a line; lines of another form are passed over. */
static void
parse_line(struct tb_ranges *functions, const char *line, size_t n)
{
    unsigned long long start, size;
    char head[HEAD_SIZE];
    size_t n_copied = n < sizeof(head) - 1 ? n : sizeof(head) - 1;
    int n_head = 0;

    memcpy(head, line, n_copied);
    head[n_copied] = '\0';
    if (sscanf(head, "%llx %llx %n", &start, &size, &n_head) < 2 || n_head == 0 ||
        size == 0 || (size_t)n_head >= n) {
        return;
    }
    tb_ranges_add(functions, start, size < UINT32_MAX ? (uint32_t)size : UINT32_MAX,
                  line + n_head, n - (size_t)n_head);
}

int
tb_perf_map_parse(struct tb_ranges *functions, const char *text, size_t size)
{
    size_t end = size;

    functions->is_log = 1;
    while (end > 0 && text[end - 1] != '\n') {
        end--;
    }
    while (end > 0 && functions->err == 0) {
        size_t begin = --end;

        while (begin > 0 && text[begin - 1] != '\n') {
            begin--;
        }
        parse_line(functions, text + begin, end - begin);
        end = begin;
    }
    return tb_ranges_finish(functions, 0);
}
