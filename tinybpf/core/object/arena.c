/* SPDX-License-Identifier: MIT
 *
 * Places of arenas (object/arena.h). libbpf 1.7 maps an arena with MAP_FIXED at
 * whatever address the file says (bpf_object__create_maps), over the stack and the heap
 * if that is where it leads. So a place is tried before, with nothing in it.
 */
#include "object/arena.h"

#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000 /* Linux 4.17; before, an address is a wish */
#endif

/* Whether nothing is mapped there; 0 or -errno. */
static int
try_place(uint64_t address, size_t size)
{
    void *wanted = (void *)(uintptr_t)address;
    void *found =
        mmap(wanted, size, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    if (found == MAP_FAILED) {
        return -errno;
    }
    munmap(found, size);
    return found == wanted ? 0 : -EEXIST;
}

/* The same as below for one arena. */
static int
check_one(const struct bpf_map *map, struct tb_hint *hint)
{
    uint64_t address = bpf_map__map_extra(map);
    size_t size = bpf_map__max_entries(map) * (size_t)sysconf(_SC_PAGESIZE);
    size_t n_data = 0;
    int err;

    bpf_map__initial_value(map, &n_data);
    if (n_data > size) {
        snprintf(hint->cause, sizeof(hint->cause),
                 "arena '%s' is smaller than the variables in it", bpf_map__name(map));
        return -E2BIG;
    }
    err = address != 0 ? try_place(address, size) : 0;
    if (err < 0) {
        snprintf(hint->cause, sizeof(hint->cause),
                 "arena '%s' cannot lie at 0x%llx in this process (%s); let its "
                 "map_extra be 0, which is anywhere",
                 bpf_map__name(map), (unsigned long long)address,
                 err == -EEXIST ? "something else does" : "the address is no good");
    }
    return err;
}

int
tb_arena_check_nogil(const struct bpf_object *object, struct tb_hint *hint)
{
    struct bpf_map *map = NULL;
    int err = 0;

    while (err == 0 && (map = bpf_object__next_map(object, map)) != NULL) {
        int is_new = bpf_map__fd(map) < 0; /* else it is mapped already, or by nobody */

        if (is_new && bpf_map__type(map) == BPF_MAP_TYPE_ARENA &&
            bpf_map__autocreate(map)) {
            err = check_one(map, hint);
        }
    }
    return err;
}
