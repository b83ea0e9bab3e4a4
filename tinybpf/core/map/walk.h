/* SPDX-License-Identifier: MIT
 *
 * A walk over a map's entries, a chunk of them at a time: by the kernel's batch
 * calls where it has them, else key by key. No Python objects; the GIL is not
 * needed.
 */
#ifndef TB_MAP_WALK_H
#define TB_MAP_WALK_H

#include "catalog/map.h"
#include "owner/window.h"

enum tb_walk_mode {
    TB_WALK_BATCH,     /* BPF_MAP_LOOKUP_BATCH: a key comes once at most */
    TB_WALK_TAKE,      /* BPF_MAP_LOOKUP_AND_DELETE_BATCH: the same, and takes it out */
    TB_WALK_KEYS,      /* BPF_MAP_GET_NEXT_KEY: starts anew when its key is gone */
    TB_WALK_MEMORY,    /* an array's memory, which the caller lends: no system call */
    TB_WALK_KEYS_ONLY, /* as TB_WALK_KEYS, without looking values up */
};

struct tb_walk {
    enum tb_walk_mode mode;
    int fd;              /* borrowed; set by the caller before each chunk */
    uint32_t key_size;   /* bytes */
    uint32_t span;       /* bytes of one key's values as the kernel copies them */
    uint32_t chunk;      /* entries to fetch at once; 0: few at first, then many */
    uint32_t cap;        /* entries that the buffers hold */
    uint32_t count, pos; /* entries in the buffers, the next one to hand out */
    int started, done;
    const struct tb_window *window; /* borrowed; set by the caller before each chunk of
                                     * TB_WALK_MEMORY */
    uint32_t index;                 /* the next one of it */
    unsigned char *keys, *values;   /* owned; cap entries each */
    unsigned char *token;           /* owned; where the next chunk starts */
};

/* The mode that suits a kind of map. */
enum tb_walk_mode tb_walk_mode_of(const struct tb_map_kind *kind, int keys_only);

/* Whether no key can come twice. */
static inline int
tb_walk_gives_each_once(const struct tb_walk *walk)
{
    return walk->mode == TB_WALK_BATCH || walk->mode == TB_WALK_MEMORY;
}

/* Prepare; nothing is allocated yet. */
void tb_walk_init(struct tb_walk *walk, enum tb_walk_mode mode, uint32_t key_size,
                  uint32_t span);

/* Fetch many entries from the first chunk on, of a map that is read whole: as many as
 * its buffers may have, unless the chunk is said. */
void tb_walk_hurry(struct tb_walk *walk, uint32_t max_entries);

/* Fetch the next chunk: 0 with count > 0, or count = 0 at the end; else -errno.
 * A kernel or map type without batches changes the mode to TB_WALK_KEYS; what should
 * be taken is -EOPNOTSUPP then. */
int tb_walk_fill_nogil(struct tb_walk *walk);

/* Go on by system calls where the memory is no longer there. */
void tb_walk_leave_memory(struct tb_walk *walk);

/* Put what was taken and not handed out back into the map, and end the walk; the number
 * of entries that did not go: of a key that a program has set anew, or no room. */
uint32_t tb_walk_put_back_nogil(struct tb_walk *walk);

void tb_walk_free(struct tb_walk *walk);

#endif
