/* SPDX-License-Identifier: MIT
 *
 * Sharded rings: arrays of maps that the C source tags with "tinybpf:sharded" get a
 * ring buffer for each CPU when they are loaded.
 */
#ifndef TB_OBJECT_SHARDS_H
#define TB_OBJECT_SHARDS_H

struct bpf_object;

/* Before the maps are created: give each such array an entry for every CPU. 0 or
 * -errno. */
int tb_shards_size_nogil(struct bpf_object *object);

/* Behind it: put a ring into each entry, as its C source says what the maps in it are;
 * 0 or -errno. */
int tb_shards_fill_nogil(const struct bpf_object *object);

#endif
