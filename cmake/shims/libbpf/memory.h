/* SPDX-License-Identifier: MIT
 *
 * Included before each source of libbpf: what its allocations fail to get is told, for
 * some of its functions go on without, and give a result that lacks something.
 */
#ifndef TINYBPF_SHIMS_LIBBPF_MEMORY_H
#define TINYBPF_SHIMS_LIBBPF_MEMORY_H

#include <stdlib.h>
#include <string.h>

/* In tinybpf/core/error/log.c; programs that have libbpf alone have none. */
extern __attribute__((weak)) void tb_log_no_memory(void);

static inline void *
tinybpf_told(void *got, size_t size)
{
    if (got == NULL && size != 0 && tb_log_no_memory != NULL) {
        tb_log_no_memory();
    }
    return got;
}

static inline void *
tinybpf_malloc(size_t size)
{
    return tinybpf_told(malloc(size), size);
}

static inline void *
tinybpf_calloc(size_t n, size_t size)
{
    return tinybpf_told(calloc(n, size), n * size);
}

static inline void *
tinybpf_realloc(void *old, size_t size)
{
    return tinybpf_told(realloc(old, size), size);
}

static inline char *
tinybpf_strdup(const char *text)
{
    return tinybpf_told(strdup(text), 1);
}

#define malloc tinybpf_malloc
#define calloc tinybpf_calloc
#define realloc tinybpf_realloc
#define strdup tinybpf_strdup

#endif
