/* SPDX-License-Identifier: MIT
 *
 * The consumer's side of kernel/events/ring_buffer.c. A ring that is mapped for
 * writing is never overwritten: what finds no room is counted by the kernel, which
 * writes a PERF_RECORD_LOST in front of the next record that finds some. Records are
 * multiples of 8 bytes, so that their words never wrap; their data may.
 */
#include "stream/perf_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Offsets in a record, in bytes: header, PERF_SAMPLE_TIME if it was asked for, then
 * the u32 size of PERF_SAMPLE_RAW and its data. */
#define SAMPLE_HEAD 8
#define SAMPLE_TIME 8 /* bytes of it */
#define SAMPLE_SIZE 4 /* bytes of it */
#define LOST_COUNT 16 /* u64: behind the header and the event's id */

/* The kernel is told at the latest when this part of the ring was taken, so that slow
 * callbacks do not keep a full ring full. */
#define STORE_PART 16

#define ALIGNMENT 8 /* of records, so that their words never wrap */

static struct perf_event_mmap_page *
positions(const struct tb_perf_ring *ring)
{
    return (struct perf_event_mmap_page *)ring->map;
}

static const unsigned char *
data_at(const struct tb_perf_ring *ring, uint64_t position)
{
    return ring->map + ring->page + (position & (ring->size - 1));
}

/* The event of BPF output on a CPU, not yet enabled; its descriptor, or -1 with errno.
 */
static int
open_event(int cpu, const struct tb_perf_options *options)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attr),
        .config = PERF_COUNT_SW_BPF_OUTPUT,
        .sample_type = PERF_SAMPLE_RAW | (options->has_time ? PERF_SAMPLE_TIME : 0),
        .sample_period = options->period,
        .wakeup_events = options->period,
        .write_backward = options->is_backward ? 1 : 0,
    };

    if (options->n_bytes != 0) {
        attr.watermark = 1;
        attr.wakeup_watermark = options->n_bytes;
    }
    if (options->has_time) { /* else of each CPU's own clock */
        attr.use_clockid = 1;
        attr.clockid = CLOCK_MONOTONIC;
    }
    return (int)syscall(__NR_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* A ring that is mapped for reading only is written over: so the kernel tells them
 * apart (perf_mmap). */
int
tb_perf_ring_open(struct tb_perf_ring *ring, int cpu,
                  const struct tb_perf_options *options)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int access = options->is_backward ? PROT_READ : PROT_READ | PROT_WRITE;
    int err;

    *ring = (struct tb_perf_ring){
        .page = page,
        .size = options->n_pages * page,
        .has_time = options->has_time,
        .is_backward = options->is_backward,
    };
    ring->fd = open_event(cpu, options);
    if (ring->fd < 0) {
        return -errno;
    }
    ring->map = mmap(NULL, page + ring->size, access, MAP_SHARED, ring->fd, 0);
    if (ring->map == MAP_FAILED) {
        err = -errno;
        ring->map = NULL;
        goto error;
    }
    if (ioctl(ring->fd, PERF_EVENT_IOC_ENABLE, 0) < 0) {
        err = -errno;
        goto error;
    }
    return 0;
error:
    tb_perf_ring_close(ring);
    return err;
}

void
tb_perf_ring_close(struct tb_perf_ring *ring)
{
    if (ring->map != NULL) {
        munmap(ring->map, ring->page + ring->size);
    }
    if (ring->fd >= 0) {
        close(ring->fd);
    }
    ring->map = NULL;
    ring->fd = -1;
}

/* Paired with the barrier in perf_output_put_handle(). */
uint64_t
tb_perf_ring_begin(const struct tb_perf_ring *ring)
{
    return atomic_load_explicit((const _Atomic uint64_t *)&positions(ring)->data_head,
                                memory_order_acquire);
}

/* Read the record of size bytes that begins at a position: 1, 0 if its type says
 * nothing, -EBADMSG if it contradicts itself. */
static int
read_record(const struct tb_perf_ring *ring, uint64_t at,
            const struct perf_event_header *header,
            struct tb_perf_ring_record *out_record)
{
    uint32_t head = SAMPLE_HEAD + (ring->has_time ? SAMPLE_TIME : 0) + SAMPLE_SIZE;

    *out_record = (struct tb_perf_ring_record){.at = at + head};
    if (header->type == PERF_RECORD_SAMPLE && header->size >= head) {
        if (ring->has_time) {
            memcpy(&out_record->time, data_at(ring, at + SAMPLE_HEAD), SAMPLE_TIME);
        }
        memcpy(&out_record->size, data_at(ring, at + head - SAMPLE_SIZE), SAMPLE_SIZE);
        return out_record->size <= header->size - head ? 1 : -EBADMSG;
    }
    if (header->type == PERF_RECORD_LOST && header->size > LOST_COUNT) {
        memcpy(&out_record->n_lost, data_at(ring, at + LOST_COUNT),
               sizeof(out_record->n_lost));
        return 1;
    }
    return header->type == PERF_RECORD_SAMPLE || header->type == PERF_RECORD_LOST
               ? -EBADMSG
               : 0;
}

/* Find the next record from a position on, which is set behind it: as
 * tb_perf_ring_take(). */
static int
find(const struct tb_perf_ring *ring, uint64_t *position, uint64_t end,
     struct tb_perf_ring_record *out_record)
{
    int rc = 0;

    while (rc == 0 && *position < end) {
        uint64_t at = *position, left = end - at;
        struct perf_event_header header;

        memcpy(&header, data_at(ring, at), sizeof(header));
        if (left > ring->size || header.size > left) {
            return -EBADMSG; /* the end is wrong, not what lies before it */
        }
        if (header.size < sizeof(header) || header.size % ALIGNMENT != 0) {
            rc = -EBADMSG;
            break;
        }
        *position += header.size;
        rc = read_record(ring, at, &header, out_record);
    }
    if (rc < 0) {
        *position = end / ALIGNMENT * ALIGNMENT;
    }
    return rc;
}

int
tb_perf_ring_take(struct tb_perf_ring *ring, uint64_t end,
                  struct tb_perf_ring_record *out_record)
{
    return find(ring, &ring->position, end, out_record);
}

int
tb_perf_ring_peek(const struct tb_perf_ring *ring, uint64_t end,
                  struct tb_perf_ring_record *out_record)
{
    uint64_t position = ring->position;

    return find(ring, &position, end, out_record);
}

uint64_t
tb_perf_ring_fill(const struct tb_perf_ring *ring)
{
    uint64_t fill = tb_perf_ring_begin(ring) - ring->position;

    return ring->is_backward || fill > ring->size ? 0 : fill;
}

int
tb_perf_ring_pause(const struct tb_perf_ring *ring, int is_paused)
{
    return ioctl(ring->fd, PERF_EVENT_IOC_PAUSE_OUTPUT, is_paused) < 0 ? -errno : 0;
}

const void *
tb_perf_ring_data(const struct tb_perf_ring *ring,
                  const struct tb_perf_ring_record *record)
{
    uint64_t up_to_end = ring->size - (record->at & (ring->size - 1));

    return record->size <= up_to_end ? data_at(ring, record->at) : NULL;
}

void
tb_perf_ring_copy(const struct tb_perf_ring *ring,
                  const struct tb_perf_ring_record *record, void *out_data)
{
    uint64_t up_to_end = ring->size - (record->at & (ring->size - 1));
    size_t first = record->size < up_to_end ? record->size : (size_t)up_to_end;

    memcpy(out_data, data_at(ring, record->at), first);
    memcpy((char *)out_data + first, ring->map + ring->page, record->size - first);
}

int
tb_perf_ring_should_store(const struct tb_perf_ring *ring)
{
    return ring->position - ring->stored >= ring->size / STORE_PART;
}

void
tb_perf_ring_store(struct tb_perf_ring *ring)
{
    if (ring->stored == ring->position) {
        return;
    }
    atomic_store_explicit((_Atomic uint64_t *)&positions(ring)->data_tail,
                          ring->position, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    ring->stored = ring->position;
}
