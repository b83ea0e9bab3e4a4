/* SPDX-License-Identifier: MIT
 *
 * Have the kernel map in one go what a start touches page by page.
 *
 * A start of Python writes to nearly all pages of its initialised data and of the
 * first arena of its object allocator; each first touch of a page is a fault. Two
 * system calls replace hundreds of them. Kernels before 5.14 do not know the advice
 * (EINVAL): then the faults come one by one, as ever.
 */
#include "prefault.h"

#include "python.h"

#include <elf.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static PyObjectArenaAllocator default_arenas;

/* Allocate the first arena with its pages, all others as CPython does. */
static void *
allocate_arena(void *context, size_t size)
{
    void *arena;

    (void)context;
    PyObject_SetArenaAllocator(&default_arenas);
    arena = default_arenas.alloc(default_arenas.ctx, size);
    if (arena != NULL) {
        (void)madvise(arena, size, MADV_POPULATE_WRITE);
    }
    return arena;
}

static void
free_arena(void *context, void *arena, size_t size)
{
    (void)context;
    default_arenas.free(default_arenas.ctx, arena, size);
}

/* Populate the initialised part of every writable segment. */
static void
populate_data(void)
{
    const Elf64_Phdr *segment = (const Elf64_Phdr *)getauxval(AT_PHDR);
    unsigned long count = getauxval(AT_PHNUM);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    for (; segment != NULL && count > 0; count--, segment++) {
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) != 0) {
            /* Not position-independent: an address of the file is one of memory. */
            uintptr_t start = segment->p_vaddr & ~(page - 1);
            size_t size = segment->p_vaddr + segment->p_filesz - start;

            (void)madvise((void *)start, size, MADV_POPULATE_WRITE);
        }
    }
}

void
tbr_prefault(void)
{
    PyObjectArenaAllocator first = {NULL, allocate_arena, free_arena};

    populate_data();
    PyObject_GetArenaAllocator(&default_arenas);
    PyObject_SetArenaAllocator(&first);
}
