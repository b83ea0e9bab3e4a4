/* SPDX-License-Identifier: MIT
 *
 * malloc and friends: CPython's own mimalloc instead of musl's allocator.
 *
 * musl's maps and unmaps every block above 128 KB and serialises threads on one lock:
 * programs that build large objects run hundreds of times slower with it. mimalloc is
 * there already, compiled into CPython's obmalloc.o. Defining every allocation
 * function that musl has here keeps its own out of the executable.
 */
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

void *mi_malloc(size_t size);
void *mi_calloc(size_t count, size_t size);
void *mi_realloc(void *block, size_t size);
void mi_free(void *block);
void *mi_malloc_aligned(size_t size, size_t alignment);
size_t mi_usable_size(const void *block);

void *
malloc(size_t size)
{
    return mi_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    return mi_calloc(count, size);
}

void *
realloc(void *block, size_t size)
{
    return mi_realloc(block, size);
}

void
free(void *block)
{
    mi_free(block);
}

size_t
malloc_usable_size(void *block)
{
    return mi_usable_size(block);
}

static int
is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment)) {
        errno = EINVAL;
        return NULL;
    }
    return mi_malloc_aligned(size, alignment);
}

void *
memalign(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

int
posix_memalign(void **out_block, size_t alignment, size_t size)
{
    void *block;

    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) {
        return EINVAL;
    }
    block = mi_malloc_aligned(size, alignment);
    if (block == NULL) {
        return ENOMEM;
    }
    *out_block = block;
    return 0;
}
