/* SPDX-License-Identifier: MIT
 *
 * Perf events: their names, where they are to be counted, and what is wrong with one
 * that the kernel refuses.
 */
#ifndef TB_HOST_EVENT_H
#define TB_HOST_EVENT_H

#include <stddef.h>
#include <stdint.h>

struct perf_event_attr;
struct tb_target;

/* Fill type and config (of a breakpoint its address, length and kind) by a name:
 * "cpu-clock", "cycles", "breakpoint:ADDRESS:rw:LENGTH". 0; -1 if there is none, with
 * the sentence's end in text. */
int tb_event_parse(const char *name, struct perf_event_attr *attr, char *text,
                   size_t size);

/* The places of one event: CPUs, threads of a process, or both. */
struct tb_event_places {
    size_t n;         /* of the list */
    int *list;        /* owned; CPUs, or threads */
    char offline[64]; /* CPUs that are not there now, as the kernel writes lists: "2-3"
                       */
};

/* All CPUs that are online, or the threads of a process (pid > 0). 0 or -errno. */
int tb_event_places(int pid, struct tb_event_places *out);

/* As the functions of host/target_kernel.h. */
int tb_event_explain(const struct tb_target *target, int err, char *text, size_t size);

#endif
