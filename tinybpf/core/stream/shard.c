/* SPDX-License-Identifier: MIT
 *
 * Sharded rings (stream/shard.h), which load() has put there (object/shards.c).
 */
#include "stream/shard.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/tag.h"
#include "error/raise.h"

#include <errno.h>
#include <unistd.h>

int
tb_shard_is_array(BpfMap *map)
{
    const char *name;
    Btf *btf = NULL;

    if (map->traits.type != BPF_MAP_TYPE_ARRAY_OF_MAPS) {
        return 0;
    }
    name = PyUnicode_AsUTF8AndSize(map->name, NULL);
    if (name == NULL || tb_map_btf(map, &btf) < 0) {
        return -1;
    }
    return btf != NULL && tb_tag_of(btf->handle, name, TB_TAG_SHARDED) != NULL;
}

/* Whether an open map is a ring, and its bytes: 0 or -errno. */
static int
check_ring(int fd, uint64_t *out_size)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    int err = bpf_map_get_info_by_fd(fd, &info, &size);

    *out_size = info.max_entries;
    return err == 0 && info.type != BPF_MAP_TYPE_RINGBUF ? -EINVAL : err;
}

int
tb_shard_open(BpfMap *map, uint32_t i, uint64_t *out_size)
{
    int outer = tb_map_fd(map), fd, err;
    uint32_t id;

    if (outer < 0) {
        return -1;
    }
    err = bpf_map_lookup_elem(outer, &i, &id);
    if (err == -ENOENT) {
        return -2;
    }
    fd = err == 0 ? bpf_map_get_fd_by_id(id) : err;
    err = fd < 0 ? fd : check_ring(fd, out_size);
    if (err == 0) {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    tb_error_libbpf(tb_state_of(map), err, NULL, "open of ring %u in map %R", i,
                    map->name);
    return -1;
}
