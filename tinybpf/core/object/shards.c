/* SPDX-License-Identifier: MIT
 *
 * Sharded rings (object/shards.h). A program of one CPU then never waits for the ring
 * of another; the array keeps the rings.
 */
#include "object/shards.h"

#include "base/libbpf.h"
#include "btf/mapdef.h"
#include "btf/tag.h"

#include <errno.h>
#include <unistd.h>

/* Whether the map is such an array; its definition, if it is. */
static int
is_sharded(const struct bpf_object *object, const struct bpf_map *map,
           struct tb_mapdef *out_def)
{
    const struct btf *btf = bpf_object__btf(object);
    const char *name = bpf_map__name(map);

    return btf != NULL && bpf_map__type(map) == BPF_MAP_TYPE_ARRAY_OF_MAPS &&
           tb_tag_of(btf, name, TB_TAG_SHARDED) != NULL &&
           tb_mapdef_find(btf, name, out_def) == 0 && out_def->inner != 0;
}

int
tb_shards_size_nogil(struct bpf_object *object)
{
    struct tb_mapdef def;
    struct bpf_map *map;
    int err = 0;

    bpf_object__for_each_map(map, object)
    {
        if (err == 0 && is_sharded(object, map, &def)) {
            int n = libbpf_num_possible_cpus(); /* wants /sys, which others do not */

            err = n < 0 ? n : bpf_map__set_max_entries(map, (uint32_t)n);
        }
    }
    return err;
}

/* Put a ring into each entry of one array; 0 or -errno. */
static int
fill(const struct bpf_map *map, const struct tb_mapdef *inner)
{
    LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = inner->map_flags);
    int err = 0;

    for (uint32_t cpu = 0; err == 0 && cpu < bpf_map__max_entries(map); cpu++) {
        int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, bpf_map__name(map), 0, 0,
                                inner->max_entries, &opts);

        if (fd < 0) {
            return fd;
        }
        err = bpf_map_update_elem(bpf_map__fd(map), &cpu, &fd, BPF_ANY);
        close(fd);
    }
    return err;
}

int
tb_shards_fill_nogil(const struct bpf_object *object)
{
    const struct btf *btf = bpf_object__btf(object);
    const struct bpf_map *map;
    struct tb_mapdef def;
    int err = 0;

    bpf_object__for_each_map(map, object)
    {
        if (err == 0 && bpf_map__fd(map) >= 0 && is_sharded(object, map, &def)) {
            tb_mapdef_read(btf, def.inner, &def);
            err = def.type == BPF_MAP_TYPE_RINGBUF ? fill(map, &def) : -EINVAL;
        }
    }
    return err;
}
