/* SPDX-License-Identifier: MIT
 *
 * The consumer's side of kernel/bpf/ringbuf.c. The map is a page with the
 * consumer's position, a page with the producer's, then the data, mapped twice in a
 * row so that a record never wraps. Positions only grow; the offset is position
 * modulo size. A record is a header of 8 bytes, whose first word is the length with
 * two flags, then the data, padded to 8 bytes.
 *
 * Ordering, as the kernel pairs it: the producer's position and each header are
 * read with acquire (smp_store_release and xchg on the other side), our position is
 * written with release behind the last read of the data.
 */
#include "stream/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The kernel is told at the latest when this part of the ring was taken, so that
 * slow callbacks do not keep a full ring full. */
#define STORE_PART 16

#define OVERWRITE_POSITION 16 /* bytes, in the producer's page */

#define MOST_LOOKS 100 /* at a position that other consumers move */

_Static_assert(sizeof(unsigned long) == sizeof(uint64_t), "positions are 64-bit");

static uint64_t
load_acquire(const unsigned char *at)
{
    return atomic_load_explicit((const _Atomic uint64_t *)at, memory_order_acquire);
}

int
tb_ring_open(struct tb_ring *ring, int map_fd, uint64_t size)
{
    return tb_ring_map(ring, map_fd, size, (size_t)sysconf(_SC_PAGESIZE));
}

int
tb_ring_map(struct tb_ring *ring, int map_fd, uint64_t size, size_t page)
{
    int err;

    *ring = (struct tb_ring){.fd = -1, .size = size, .page = page};
    ring->fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 0);
    if (ring->fd < 0) {
        return -errno;
    }
    ring->consumer_map =
        mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
    if (ring->consumer_map == MAP_FAILED) {
        err = -errno;
        ring->consumer_map = NULL;
        goto error;
    }
    ring->producer_map =
        mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, ring->fd, (off_t)page);
    if (ring->producer_map == MAP_FAILED) {
        err = -errno;
        ring->producer_map = NULL;
        goto error;
    }
    ring->data = ring->producer_map + page;
    ring->position = ring->stored = load_acquire(ring->consumer_map);
    return 0;
error:
    tb_ring_close(ring);
    return err;
}

void
tb_ring_close(struct tb_ring *ring)
{
    if (ring->consumer_map != NULL) {
        munmap(ring->consumer_map, ring->page);
    }
    if (ring->producer_map != NULL) {
        munmap(ring->producer_map, ring->page + 2 * ring->size);
    }
    if (ring->fd >= 0) {
        close(ring->fd);
    }
    ring->consumer_map = ring->producer_map = NULL;
    ring->fd = -1;
}

/* Whether the position is one that a ring whose producer stands at end can have. */
static int
is_possible(const struct tb_ring *ring, uint64_t end)
{
    return ring->position <= end && end - ring->position <= ring->size &&
           ring->position % BPF_RINGBUF_HDR_SZ == 0;
}

/* Another consumer may move the position between the two looks, and the producer use
 * the room: then the ring looks fuller than it can be, and the next look tells. */
uint64_t
tb_ring_begin(struct tb_ring *ring)
{
    int is_within =
        ring->stored != ring->position; /* a batch around this one goes on */
    uint64_t end = load_acquire(ring->producer_map);

    for (int tries = 0; !is_within && tries < MOST_LOOKS; tries++) {
        ring->position = ring->stored = load_acquire(ring->consumer_map);
        end = load_acquire(ring->producer_map);
        if (is_possible(ring, end)) {
            return end;
        }
    }
    ring->is_moved = !is_possible(ring, end);
    return end;
}

/* The producer's position counts whole records, so that one that begins before it ends
 * there at the latest. */
int
tb_ring_take_any(struct tb_ring *ring, uint64_t end, struct tb_ring_record *out_record)
{
    while (ring->position < end && !ring->is_moved) {
        const unsigned char *header = ring->data + (ring->position & (ring->size - 1));
        uint32_t word = atomic_load_explicit((const _Atomic uint32_t *)header,
                                             memory_order_acquire);
        uint32_t size = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        uint64_t step = ((uint64_t)size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;

        __builtin_prefetch(header + TB_RING_AHEAD);
        if (word & BPF_RINGBUF_BUSY_BIT) {
            return 0;
        }
        if (step > end - ring->position) {
            ring->is_moved = 1;
            break;
        }
        ring->position += step;
        if (word & BPF_RINGBUF_DISCARD_BIT) {
            ring->n_discarded++;
            continue;
        }
        out_record->data = header + BPF_RINGBUF_HDR_SZ;
        out_record->size = size;
        return 1;
    }
    if (!ring->is_moved) {
        return 0;
    }
    ring->is_moved = 0;
    ring->position = end;
    return -EBADMSG;
}

uint64_t
tb_ring_fill(const struct tb_ring *ring)
{
    uint64_t taken = load_acquire(ring->consumer_map);
    uint64_t end = load_acquire(ring->producer_map);
    uint64_t fill = end - (ring->position > taken ? ring->position : taken);

    return fill > ring->size ? 0 : fill; /* moved, between the looks or by others */
}

int
tb_ring_should_store(const struct tb_ring *ring)
{
    return ring->position - ring->stored >= ring->size / STORE_PART;
}

/* The fence keeps the store before the next look at the producer's position: a
 * record that is committed between the two either sees our position, and wakes us,
 * or is seen by that look. */
void
tb_ring_store(struct tb_ring *ring)
{
    if (ring->stored == ring->position) {
        return;
    }
    atomic_store_explicit((_Atomic uint64_t *)ring->consumer_map, ring->position,
                          memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    ring->stored = ring->position;
}

/* The page of the producer has its position, that of the oldest record that is not yet
 * committed, and the one behind the newest that was written over (struct bpf_ringbuf):
 * all that lies from there on is whole, or busy. The kernel moves that one before it
 * writes. The data is mapped twice in a row, so that it is copied at once. */
int
tb_ring_copy(const struct tb_ring *ring, unsigned char *out, uint64_t *out_copied,
             uint64_t *out_begin, uint64_t *out_end)
{
    const unsigned char *written_over = ring->producer_map + OVERWRITE_POSITION;

    for (int tries = 0; tries < MOST_LOOKS; tries++) {
        uint64_t begin = load_acquire(written_over);
        uint64_t end = load_acquire(ring->producer_map);

        if (begin > end || end - begin > ring->size) {
            continue; /* moved between the two looks */
        }
        memcpy(out, ring->data + (begin & (ring->size - 1)), (size_t)(end - begin));
        atomic_thread_fence(memory_order_acquire);
        *out_copied = begin;
        *out_begin = load_acquire(written_over);
        *out_end = end;
        if (*out_begin < end || begin == end) {
            return 0;
        }
    }
    return -EAGAIN;
}
