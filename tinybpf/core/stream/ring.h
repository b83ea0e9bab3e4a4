/* SPDX-License-Identifier: MIT
 *
 * A consumer of one kernel ring buffer: the mapped pages and where it stands in
 * them. No Python objects; whoever uses it decides what to do with a record.
 */
#ifndef TB_STREAM_RING_H
#define TB_STREAM_RING_H

#include "base/libbpf.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct tb_ring {
    int fd;                      /* owned duplicate of the map's; -1 when closed */
    uint64_t size;               /* bytes of data, a power of two */
    size_t page;                 /* bytes */
    unsigned char *consumer_map; /* owned mapping of the consumer's page */
    unsigned char *producer_map; /* owned mapping of the producer's page and data */
    const unsigned char *data;   /* borrowed from producer_map */
    uint64_t position;           /* up to here records were taken */
    uint64_t stored;             /* up to here the kernel was told so */
    uint64_t n_discarded;        /* records that were stepped over, until counted */
    int is_overwritten;          /* the kernel writes over the oldest records */
    int is_moved;                /* somebody has set the position where none can be */
};

/* Bytes from one record to what is fetched from memory meanwhile. */
#define TB_RING_AHEAD 512

struct tb_ring_record {
    const void *data; /* borrowed: valid until the position behind it is stored */
    uint32_t size;    /* bytes */
};

/* Map the ring of a BPF_MAP_TYPE_RINGBUF map; 0 or -errno. Linux 5.8. */
int tb_ring_open(struct tb_ring *ring, int map_fd, uint64_t size);

/* The same where a page has so many bytes: what tb_ring_open() asks the system for. */
int tb_ring_map(struct tb_ring *ring, int map_fd, uint64_t size, size_t page);

/* Begin a batch: where the producer stands is its end. Another consumer of the same
 * ring may have taken records meanwhile; they are not taken twice. */
uint64_t tb_ring_begin(struct tb_ring *ring);

/* Take the next record before end: 1 taken, 0 there is none. Discarded records are
 * stepped over, one that is still being written stops the batch. The consumer's
 * position can be written by whoever has the map, so it is believed as far as a record
 * lies in the ring: -EBADMSG if none does there, and then all before end is given up.
 */
int tb_ring_take_any(struct tb_ring *ring, uint64_t end,
                     struct tb_ring_record *out_record);

/* The same, at once for a whole record that comes next. */
static inline int
tb_ring_take(struct tb_ring *ring, uint64_t end, struct tb_ring_record *out_record)
{
    const unsigned char *header = ring->data + (ring->position & (ring->size - 1));
    uint64_t step;
    uint32_t word;

    if (ring->position >= end || ring->is_moved) {
        return tb_ring_take_any(ring, end, out_record);
    }
    word = atomic_load_explicit((const _Atomic uint32_t *)header, memory_order_acquire);
    step = ((uint64_t)word + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
    if ((word & (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)) != 0 ||
        step > end - ring->position) {
        return tb_ring_take_any(ring, end, out_record);
    }
    __builtin_prefetch(header + TB_RING_AHEAD);
    ring->position += step;
    out_record->data = header + BPF_RINGBUF_HDR_SZ;
    out_record->size = word;
    return 1;
}

/* Bytes that wait, of records and their headers, as both sides say it now. */
uint64_t tb_ring_fill(const struct tb_ring *ring);

/* Whether so much was taken that the kernel should be told now. */
int tb_ring_should_store(const struct tb_ring *ring);

/* Tell the kernel up to where its memory is free again. */
void tb_ring_store(struct tb_ring *ring);

/* Copy what lies in a ring that is written over: up to `size` bytes, which are records
 * from the position *out_begin to *out_end. The copy begins at *out_copied, and what
 * lies before *out_begin in it was written over meanwhile. 0, or -EAGAIN if the kernel
 * was faster each time. Linux 6.19. */
int tb_ring_copy(const struct tb_ring *ring, unsigned char *out, uint64_t *out_copied,
                 uint64_t *out_begin, uint64_t *out_end);

void tb_ring_close(struct tb_ring *ring);

#endif
