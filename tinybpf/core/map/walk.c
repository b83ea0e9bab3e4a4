/* SPDX-License-Identifier: MIT
 *
 * Walks over maps (map/walk.h).
 *
 * A hash batch ends at a bucket's border, so it may be shorter than asked before
 * the end; it fails with ENOSPC when one bucket is larger than the buffers
 * (__htab_map_lookup_and_delete_batch in kernel/bpf/hashtab.c). ENOENT is the end,
 * and may come with entries.
 */
#include "map/walk.h"

#include "base/libbpf.h"
#include "error/code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64 /* entries of the first chunk, if they are small */
#define MOST_BYTES                                                        \
    (1u << 18) /* buffers stop growing here, but for ENOSPC: what is      \
                * larger is no longer near the processor when it is used, \
                * and a call for each so many bytes costs nothing */

/* The batches of a trie and of others are walks key by key inside the kernel. */
enum tb_walk_mode
tb_walk_mode_of(const struct tb_map_kind *kind, int keys_only)
{
    if (kind->is_batched) {
        return TB_WALK_BATCH;
    }
    return keys_only ? TB_WALK_KEYS_ONLY : TB_WALK_KEYS;
}

void
tb_walk_init(struct tb_walk *walk, enum tb_walk_mode mode, uint32_t key_size,
             uint32_t span)
{
    *walk = (struct tb_walk){
        .mode = mode,
        .key_size = key_size,
        .span = span,
    };
}

void
tb_walk_hurry(struct tb_walk *walk, uint32_t max_entries)
{
    size_t fitting = MOST_BYTES / ((size_t)walk->key_size + walk->span + 1);

    if (walk->chunk == 0) {
        walk->chunk = fitting < max_entries ? (uint32_t)fitting : max_entries;
        walk->chunk += walk->chunk == 0;
    }
}

void
tb_walk_free(struct tb_walk *walk)
{
    free(walk->keys);
    free(walk->values);
    free(walk->token);
    walk->keys = walk->values = walk->token = NULL;
    walk->count = walk->pos = 0;
    walk->done = 1;
}

/* Make the buffers hold cap entries; 0 or -ENOMEM. */
static int
resize(struct tb_walk *walk, uint32_t cap)
{
    unsigned char *keys = realloc(walk->keys, (size_t)cap * walk->key_size + 1);
    unsigned char *values;

    if (keys == NULL) {
        return -ENOMEM;
    }
    walk->keys = keys;
    values = realloc(walk->values, (size_t)cap * walk->span + 1);
    if (values == NULL) {
        return -ENOMEM;
    }
    walk->values = values;
    walk->cap = cap;
    return 0;
}

/* Entries of the first chunk: at least one, however large it is. */
static uint32_t
first_cap(size_t entry)
{
    size_t fitting = entry > 0 ? MOST_BYTES / entry : FIRST_CAP;

    return fitting == 0 ? 1 : fitting < FIRST_CAP ? (uint32_t)fitting : FIRST_CAP;
}

/* Allocate, or grow after a chunk: the first entry comes soon, many come fast. */
static int
prepare(struct tb_walk *walk)
{
    size_t entry = (size_t)walk->key_size + walk->span;
    /* A token is a bucket's number or a key (kernel/bpf/syscall.c). */
    size_t token_size = walk->key_size > 8 ? walk->key_size : 8;

    if (walk->token == NULL) {
        walk->token = calloc(1, token_size);
        if (walk->token == NULL) {
            return -ENOMEM;
        }
        return resize(walk, walk->chunk ? walk->chunk : first_cap(entry));
    }
    if (walk->started && walk->chunk == 0 &&
        (size_t)walk->cap * 2 * entry <= MOST_BYTES) {
        return resize(walk, walk->cap * 2);
    }
    return 0;
}

/* Whether the kernel, or the map's type, has no batch calls. */
static int
has_no_batches(int err)
{
    return err == -EINVAL || tb_error_is_unsupported(err);
}

/* Fetch the next chunk by one call, in larger buffers if a bucket does not fit: 0 or
 * -errno. */
static int
fill_batch(struct tb_walk *walk)
{
    void *from = walk->started ? walk->token : NULL;

    for (;;) {
        uint32_t count = walk->cap;
        int err = (walk->mode == TB_WALK_TAKE ? bpf_map_lookup_and_delete_batch
                                              : bpf_map_lookup_batch)(
            walk->fd, from, walk->token, walk->keys, walk->values, &count, NULL);

        if (err == -ENOSPC) {
            err = resize(walk, walk->cap * 2);
            if (err < 0) {
                return err;
            }
            continue;
        }
        if (err < 0 && err != -ENOENT) {
            return err;
        }
        walk->count = count;
        walk->started = 1;
        walk->done = err == -ENOENT;
        return 0;
    }
}

/* Copy the next chunk out of memory; 0. */
static int
fill_memory(struct tb_walk *walk)
{
    const struct tb_window *window = walk->window;

    for (; walk->count < walk->cap && walk->index < window->n; walk->count++) {
        memcpy(walk->keys + (size_t)walk->count * walk->key_size, &walk->index,
               sizeof(walk->index));
        tb_window_copy(walk->values + (size_t)walk->count * walk->span,
                       window->memory + (size_t)walk->index * window->span, walk->span);
        walk->index++;
    }
    walk->started = 1;
    walk->done = walk->index == window->n;
    return 0;
}

void
tb_walk_leave_memory(struct tb_walk *walk)
{
    uint32_t last = walk->index - 1;

    walk->mode = TB_WALK_KEYS;
    if (walk->started) {
        memcpy(walk->token, &last, sizeof(last));
    }
}

/* Take the value of the key that stands at the end of the buffers: 1 taken, 0 the
 * key has gone meanwhile, else -errno. */
static int
take_value(struct tb_walk *walk, const void *key)
{
    unsigned char *value = walk->values + (size_t)walk->count * walk->span;
    int err;

    if (walk->mode == TB_WALK_KEYS_ONLY) {
        return 1;
    }
    err = bpf_map_lookup_elem(walk->fd, key, value);
    if (err == -ENOENT) {
        return 0;
    }
    return err < 0 ? err : 1;
}

/* Fetch keys until the buffers are full, each with its value if values are wanted; keys
 * that go meanwhile are left out. 0 or -errno. */
static int
fill_keys(struct tb_walk *walk)
{
    while (walk->count < walk->cap) {
        unsigned char *key = walk->keys + (size_t)walk->count * walk->key_size;
        int err =
            bpf_map_get_next_key(walk->fd, walk->started ? walk->token : NULL, key);
        int taken;

        if (err == -ENOENT) {
            walk->done = 1;
            return 0;
        }
        if (err < 0) {
            return err;
        }
        memcpy(walk->token, key, walk->key_size);
        walk->started = 1;
        taken = take_value(walk, key);
        if (taken < 0) {
            return taken;
        }
        walk->count += (uint32_t)taken;
    }
    return 0;
}

int
tb_walk_fill_nogil(struct tb_walk *walk)
{
    int err;

    walk->count = walk->pos = 0;
    if (walk->done) {
        return 0;
    }
    err = prepare(walk);
    if (err < 0) {
        return err;
    }
    if (walk->mode == TB_WALK_MEMORY) {
        return fill_memory(walk);
    }
    if (walk->mode == TB_WALK_BATCH || walk->mode == TB_WALK_TAKE) {
        err = fill_batch(walk);
        if (err == 0 || walk->started || !has_no_batches(err)) {
            return err;
        }
        if (walk->mode == TB_WALK_TAKE) {
            return -EOPNOTSUPP;
        }
        walk->mode = TB_WALK_KEYS;
    }
    return fill_keys(walk);
}

uint32_t
tb_walk_put_back_nogil(struct tb_walk *walk)
{
    uint32_t n_lost = 0;

    for (; walk->pos < walk->count; walk->pos++) {
        n_lost += bpf_map_update_elem(
                      walk->fd, walk->keys + (size_t)walk->pos * walk->key_size,
                      walk->values + (size_t)walk->pos * walk->span, BPF_NOEXIST) < 0;
    }
    tb_walk_free(walk);
    return n_lost;
}
