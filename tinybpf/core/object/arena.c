/* SPDX-License-Identifier: MIT
 *
 * Places of arenas (object/arena.h). libbpf 1.7 maps an arena with MAP_FIXED at
 * whatever address the file says (bpf_object__create_maps), over the stack and the heap
 * if that is where it leads. So a place is tried before, with nothing in it.
 *
 * Where in the arena it puts the variables it tells skeletons alone: at the end, or at
 * the beginning if the kernel's instructions do not reach as far
 * (bpf_object__load_skeleton). So an object is loaded as a skeleton of one map.
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

/* The arena of an object that has variables; NULL if it has none, or libbpf does not
 * map it. */
static struct bpf_map *
find_with_variables(const struct bpf_object *object)
{
    struct bpf_map *map = NULL;
    size_t n_data = 0;

    while ((map = bpf_object__next_map(object, map)) != NULL) {
        if (bpf_map__type(map) == BPF_MAP_TYPE_ARENA && bpf_map__autocreate(map) &&
            bpf_map__initial_value(map, &n_data) != NULL && n_data > 0) {
            return map;
        }
    }
    return NULL;
}

int
tb_arena_load_nogil(struct bpf_object *object, void **out_variables)
{
    struct bpf_map *arena = find_with_variables(object);
    struct bpf_map_skeleton map = {
        .name = "arena", .map = &arena, .mmaped = out_variables};
    struct bpf_object_skeleton skeleton = {.sz = sizeof(skeleton),
                                           .name = bpf_object__name(object),
                                           .obj = &object,
                                           .map_cnt = 1,
                                           .map_skel_sz = sizeof(map),
                                           .maps = &map};

    *out_variables = NULL;
    return arena ? bpf_object__load_skeleton(&skeleton) : bpf_object__load(object);
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
