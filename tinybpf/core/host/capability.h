/* SPDX-License-Identifier: MIT
 *
 * The capabilities of Linux: their names, and which of them this thread has. Knows no
 * Python: the runner calls it before there is one.
 */
#ifndef TB_HOST_CAPABILITY_H
#define TB_HOST_CAPABILITY_H

#include <stddef.h>
#include <stdint.h>

/* The sets of a thread, a bit for each capability by its number. */
struct tb_capability_sets {
    uint64_t effective;
    uint64_t permitted;
    uint64_t inheritable;
};

/* The bit of a name, "bpf" or "CAP_BPF"; 0, and why in text, if there is none. */
uint64_t tb_capability_find(const char *name, char *text, size_t size);

/* The bits of a list, "bpf,perfmon", or of "none"; 0, or -1 and why in text. */
int tb_capability_list(const char *list, uint64_t *out_caps, char *text, size_t size);

/* Names with commas, "CAP_BPF, CAP_PERFMON"; what has no name is its number. */
void tb_capability_write(uint64_t caps, char *text, size_t size);

/* Read and change the sets; 0 or -errno. */
int tb_capability_get(struct tb_capability_sets *out_sets);
int tb_capability_set(const struct tb_capability_sets *sets);

/* Whether this kernel knows the capability of a bit. */
int tb_capability_exists(uint64_t cap);

#endif
