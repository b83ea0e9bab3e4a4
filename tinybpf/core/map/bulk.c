/* SPDX-License-Identifier: MIT
 *
 * Changes of many entries (map/bulk.h).
 *
 * generic_map_update_batch and generic_map_delete_batch (kernel/bpf/syscall.c) stop
 * at the first entry that fails and count those before it; a call that the kernel or
 * the map's type does not know leaves the count as it was given. Batches know no
 * flag but BPF_F_LOCK. So behind a failed batch one entry goes by itself, and its
 * error is the one that counts.
 */
#include "map/bulk.h"

#include "base/libbpf.h"
#include "error/code.h"

#include <errno.h>

static int
has_no_batches(int err)
{
    return err == -EINVAL || tb_error_is_unsupported(err);
}

static unsigned char *
key_at(const struct tb_bulk *bulk)
{
    return bulk->keys + (size_t)bulk->done * bulk->key_size;
}

static unsigned char *
value_at(const struct tb_bulk *bulk)
{
    return bulk->values + (size_t)bulk->done * bulk->span;
}

/* Deal with as many entries as the kernel does in one call; where it does none because
 * it has no such call, the rest goes one by one. */
static void
run_batch(struct tb_bulk *bulk)
{
    LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = bulk->flags);
    uint32_t asked = bulk->count - bulk->done;
    uint32_t count = asked;
    int err;

    if (bulk->what == TB_BULK_UPDATE) {
        err =
            bpf_map_update_batch(bulk->fd, key_at(bulk), value_at(bulk), &count, &opts);
    }
    else {
        err = bpf_map_delete_batch(bulk->fd, key_at(bulk), &count, &opts);
    }
    if (err == 0 || count < asked) {
        bulk->done += count;
    }
    bulk->single = has_no_batches(err);
}

/* Deal with one entry: 0 or -errno. */
static int
run_one(struct tb_bulk *bulk)
{
    int err;

    if (bulk->what == TB_BULK_UPDATE) {
        err = bpf_map_update_elem(bulk->fd, key_at(bulk), value_at(bulk), bulk->flags);
    }
    else {
        err = bpf_map_delete_elem(bulk->fd, key_at(bulk));
        if (err == -ENOENT || (err < 0 && err == bulk->absent)) {
            bulk->missing++;
            err = 0;
        }
    }
    if (err == 0) {
        bulk->done++;
    }
    return err;
}

int
tb_bulk_run_nogil(struct tb_bulk *bulk)
{
    int err = 0;

    while (err == 0 && bulk->done < bulk->count) {
        if (!bulk->single) {
            run_batch(bulk);
        }
        if (bulk->done < bulk->count) {
            err = run_one(bulk);
        }
    }
    return err;
}
