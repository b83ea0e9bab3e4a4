/* SPDX-License-Identifier: MIT
 *
 * A consumer of one CPU's perf ring: the event, its mapped pages, and where it stands
 * in them. No Python objects, and no map: whoever uses it puts the event there.
 */
#ifndef TB_STREAM_PERF_RING_H
#define TB_STREAM_PERF_RING_H

#include <stddef.h>
#include <stdint.h>

struct tb_perf_ring {
    int fd;             /* owned perf event; -1 when closed */
    unsigned char *map; /* owned mapping: a page of positions, then the data */
    size_t page;        /* bytes */
    uint64_t size;      /* bytes of data, a power of two */
    uint64_t position;  /* up to here records were taken */
    uint64_t stored;    /* up to here the kernel was told so */
    int has_time;       /* records say when they were written */
    int is_backward;    /* the kernel writes over the oldest records */
};

struct tb_perf_options {
    size_t n_pages;   /* of data, a power of two */
    uint32_t period;  /* records for a wake-up */
    uint32_t n_bytes; /* bytes for a wake-up in place of that; 0: records */
    int has_time;     /* as above */
    int is_backward;  /* as above: Linux 4.7 */
};

struct tb_perf_ring_record {
    uint64_t n_lost; /* not 0: so many records found no room; it has no data */
    uint64_t time;   /* of CLOCK_MONOTONIC, ns; 0: unknown */
    uint64_t at;     /* position of the data, which may wrap: tb_perf_ring_copy() */
    uint32_t size;   /* bytes, with the padding that the kernel counts as data */
};

/* Open the event of BPF output on a CPU and map its ring; 0 or -errno, -ENODEV for a
 * CPU that is offline. Linux 4.4; CAP_PERFMON (5.8). */
int tb_perf_ring_open(struct tb_perf_ring *ring, int cpu,
                      const struct tb_perf_options *options);

/* As of stream/ring.h: where the producer stands now is the end of a batch. */
uint64_t tb_perf_ring_begin(const struct tb_perf_ring *ring);

/* Take the next record before end: 1 taken, 0 there is none. The page of positions can
 * be written by whoever has the event (the others are read-only, perf_mmap_fault in
 * kernel/events/core.c), so that they are believed as far as a record lies in the ring:
 * -EBADMSG if none does there. The kernel writes the page anew with its next record. */
int tb_perf_ring_take(struct tb_perf_ring *ring, uint64_t end,
                      struct tb_perf_ring_record *out_record);

/* Look at the next record, and leave it there: as above. */
int tb_perf_ring_peek(const struct tb_perf_ring *ring, uint64_t end,
                      struct tb_perf_ring_record *out_record);

/* Bytes that wait, of records and their headers; where they are written over: 0. */
uint64_t tb_perf_ring_fill(const struct tb_perf_ring *ring);

/* Stop or resume the kernel's writing into a ring whose records are written over: what
 * comes meanwhile is lost, and counted. 0 or -errno. Then begin() is where the newest
 * record lies, and the older ones behind it, up to `size` bytes from there. */
int tb_perf_ring_pause(const struct tb_perf_ring *ring, int is_paused);

/* The data of a record that was taken, in place; NULL: it wraps, copy it. */
const void *tb_perf_ring_data(const struct tb_perf_ring *ring,
                              const struct tb_perf_ring_record *record);

/* Copy the data of a record that was taken; before anything is stored. */
void tb_perf_ring_copy(const struct tb_perf_ring *ring,
                       const struct tb_perf_ring_record *record, void *out_data);

/* Whether that much was taken that it is time to tell the kernel. */
int tb_perf_ring_should_store(const struct tb_perf_ring *ring);

/* Tell the kernel up to where its memory is free again. */
void tb_perf_ring_store(struct tb_perf_ring *ring);

void tb_perf_ring_close(struct tb_perf_ring *ring);

#endif
