/* SPDX-License-Identifier: MIT
 *
 * Counters of drops (stream/dropped.h): found by their tag when a ring is added, and
 * read through a descriptor of their own, so that they outlive the object as the ring
 * does.
 */
#include "stream/dropped.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "error/raise.h"
#include "btf/tag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAG "tinybpf:dropped="
#define NAME_MAX_BYTES 512

/* Where a variable lies in the section of that map, which is one; 0 or -ENOENT. */
static int
find_in_section(const struct btf *btf, const struct bpf_map *map, const char *name,
                struct tb_dropped *out)
{
    const struct btf_type *section =
        btf__type_by_id(btf, bpf_map__btf_value_type_id(map));

    if (!bpf_map__is_internal(map) || section == NULL || !btf_is_datasec(section)) {
        return -ENOENT;
    }
    for (uint32_t i = 0; i < btf_vlen(section); i++) {
        const struct btf_var_secinfo *info = &btf_var_secinfos(section)[i];
        const struct btf_type *var = btf__type_by_id(btf, info->type);

        if (strcmp(btf__name_by_offset(btf, var->name_off), name) == 0) {
            out->offset = info->offset;
            out->size = info->size;
            out->span = out->stride = bpf_map__value_size(map);
            return 0;
        }
    }
    return -ENOENT;
}

/* Entry 0 of an array. */
static int
find_in_array(const struct bpf_map *map, struct tb_dropped *out)
{
    int is_percpu = bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY;
    uint32_t size = bpf_map__value_size(map);

    if (!is_percpu && bpf_map__type(map) != BPF_MAP_TYPE_ARRAY) {
        return -EINVAL;
    }
    out->size = size;
    out->stride = (size + 7) / 8 * 8;
    out->span = is_percpu ? out->stride * (uint32_t)libbpf_num_possible_cpus() : size;
    return 0;
}

/* The map that a variable is, or lies in; NULL if there is none. */
static const struct bpf_map *
find(const struct bpf_object *object, const struct btf *btf, const char *name,
     struct tb_dropped *out)
{
    const struct bpf_map *map;

    bpf_object__for_each_map(map, object)
    {
        if (find_in_section(btf, map, name, out) == 0 ||
            (strcmp(bpf_map__name(map), name) == 0 && find_in_array(map, out) == 0)) {
            return map;
        }
    }
    return NULL;
}

int
tb_dropped_open(BpfMap *ring, struct tb_dropped *out)
{
    const char *ring_name = PyUnicode_AsUTF8AndSize(ring->name, NULL), *name;
    const struct bpf_object *object;
    const struct bpf_map *map;
    char tag[NAME_MAX_BYTES];
    Btf *btf = NULL;

    *out = (struct tb_dropped){.fd = -1};
    if (ring_name == NULL || tb_map_btf(ring, &btf) < 0) {
        return -1;
    }
    object = ring->object != NULL ? ring->object->handle : NULL;
    if (btf == NULL || object == NULL ||
        (size_t)snprintf(tag, sizeof(tag), TAG "%s", ring_name) >= sizeof(tag)) {
        return 0;
    }
    name = tb_tag_holder(btf->handle, tag);
    if (name == NULL) {
        return 0;
    }
    map = find(object, btf->handle, name, out);
    if (map == NULL || (out->size != 4 && out->size != 8)) {
        tb_error_raise(tb_state_of(ring), TB_ERROR, EINVAL,
                       "'%s' is tagged '%s', and is no counter: that is a global "
                       "variable of 4 or 8 bytes, or an array or per-CPU array of them",
                       name, tag);
        return -1;
    }
    out->fd = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
    if (out->fd < 0) {
        tb_error_libbpf(tb_state_of(ring), -errno, NULL, "use of the counter '%s'",
                        name);
        return -1;
    }
    return 0;
}

void
tb_dropped_close(struct tb_dropped *dropped)
{
    if (dropped->fd >= 0) {
        close(dropped->fd);
    }
    dropped->fd = -1;
}

int
tb_dropped_read(const struct tb_dropped *dropped, uint64_t *out)
{
    const uint32_t first = 0;
    unsigned char *values;
    int err;

    *out = 0;
    if (dropped->fd < 0) {
        return -ENOENT;
    }
    values = malloc(dropped->span);
    if (values == NULL) {
        return -ENOMEM;
    }
    err = bpf_map_lookup_elem(dropped->fd, &first, values);
    for (uint32_t at = dropped->offset; err == 0 && at + dropped->size <= dropped->span;
         at += dropped->stride) {
        uint64_t wide;
        uint32_t narrow;

        if (dropped->size == sizeof(wide)) {
            memcpy(&wide, values + at, sizeof(wide));
            *out += wide;
        }
        else {
            memcpy(&narrow, values + at, sizeof(narrow));
            *out += narrow;
        }
    }
    free(values);
    return err;
}
