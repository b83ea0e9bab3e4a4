/* SPDX-License-Identifier: MIT
 *
 * Windows (owner/window.h). array_map_mmap() in kernel/bpf/arraymap.c maps the values
 * one behind the other, each padded to 8 bytes; bpf_map_mmap() in kernel/bpf/syscall.c
 * refuses to write to what is frozen or read-only, and maps with locks in them.
 */
#include "owner/window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A mapping of all of it; NULL if it is refused. */
static unsigned char *
map_memory(int fd, size_t size, int protection)
{
    void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

struct tb_window *
tb_window_open(int fd, uint32_t value_size, uint32_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct tb_window *window = calloc(1, sizeof(*window));

    if (window == NULL) {
        return NULL;
    }
    window->n_users = 1;
    window->n = n;
    window->span = (value_size + 7) / 8 * 8;
    window->size = ((size_t)window->span * n + page - 1) / page * page;
    window->memory = map_memory(fd, window->size, PROT_READ);
    if (window->memory == NULL) {
        free(window);
        return NULL;
    }
    return window;
}

struct tb_window *
tb_window_use(struct tb_window *window)
{
    window->n_users++;
    return window;
}

static void
drop_writable(struct tb_window *window)
{
    if (window->writable != NULL) {
        munmap(window->writable, window->size);
        window->writable = NULL;
    }
}

void
tb_window_drop(struct tb_window *window)
{
    if (window == NULL || --window->n_users > 0) {
        return;
    }
    drop_writable(window);
    munmap((void *)window->memory, window->size);
    free(window);
}

unsigned char *
tb_window_writable(struct tb_window *window, int fd)
{
    if (window->writable == NULL && !window->is_refused) {
        window->writable = map_memory(fd, window->size, PROT_READ | PROT_WRITE);
        window->is_refused = window->writable == NULL;
    }
    return window->writable;
}

void
tb_window_begin_freeze(struct tb_window *window)
{
    window->is_refused = 1;
    drop_writable(window);
}

void
tb_window_end_freeze(struct tb_window *window, int is_frozen)
{
    window->is_refused = is_frozen;
}

void
tb_window_copy(void *to, const void *from, size_t size)
{
    uintptr_t places = (uintptr_t)to | (uintptr_t)from;

    if (size == 8 && places % 8 == 0) {
        __atomic_store_n((uint64_t *)to,
                         __atomic_load_n((const uint64_t *)from, __ATOMIC_RELAXED),
                         __ATOMIC_RELAXED);
    }
    else if (size == 4 && places % 4 == 0) {
        __atomic_store_n((uint32_t *)to,
                         __atomic_load_n((const uint32_t *)from, __ATOMIC_RELAXED),
                         __ATOMIC_RELAXED);
    }
    else if (size == 2 && places % 2 == 0) {
        __atomic_store_n((uint16_t *)to,
                         __atomic_load_n((const uint16_t *)from, __ATOMIC_RELAXED),
                         __ATOMIC_RELAXED);
    }
    else {
        memcpy(to, from, size);
    }
}
