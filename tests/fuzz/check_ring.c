/* SPDX-License-Identifier: MIT
 *
 * Hold the consumers of ring and perf buffers against producers that do as the
 * kernel's, over pages of each size that a kernel may have: "ok BYTES" is printed for
 * each. The rings are mapped from a file, so that no such kernel needs to be at hand.
 *
 * Records are reserved, submitted and discarded in any order, up to a full ring; their
 * bytes follow from their positions, which begin near 0 and far beyond 32 bits.
 */
#include "stream/perf_ring.h"
#include "stream/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROUNDS = 800, MOST = 64, HEADER = 8, MODULUS = 251, OVERWRITTEN = 16 };

enum state { BUSY, SUBMITTED, DISCARDED };

struct record {
    uint64_t at; /* position of its header */
    uint32_t size;
    enum state state;
};

/* The kernel's side of a ring, and what the consumer has not yet passed. */
struct producer {
    unsigned char *consumer; /* page of the consumer's position */
    unsigned char *pages;    /* page of the producer's position, then the data twice */
    size_t page;
    uint64_t size;
    uint64_t position;           /* of the next record */
    struct record records[MOST]; /* of positions that grow */
    int n;
};

static uint64_t
draw(uint64_t below)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void
check(int is_true, const char *what, uint64_t number)
{
    if (!is_true) {
        printf("%s: %llu\n", what, (unsigned long long)number);
        exit(1);
    }
}

static uint64_t
load(const unsigned char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

static unsigned char
pattern(uint64_t position)
{
    return (unsigned char)(position % MODULUS);
}

static uint64_t
step(uint32_t size)
{
    return ((uint64_t)size + HEADER + 7) / 8 * 8;
}

/* Write into both mappings of the data, which the kernel makes of the same memory. */
static void
put(const struct producer *it, uint64_t position, const void *from, size_t n)
{
    unsigned char *data = it->pages + it->page;

    for (size_t i = 0; i < n; i++) {
        uint64_t at = (position + i) & (it->size - 1);

        data[at] = data[it->size + at] = ((const unsigned char *)from)[i];
    }
}

/* As __bpf_ringbuf_reserve(): a ring is never filled to its last byte. */
static void
reserve(struct producer *it, uint32_t size)
{
    uint32_t word = size | BPF_RINGBUF_BUSY_BIT;

    if (it->n == MOST ||
        it->position + step(size) - load(it->consumer) > it->size - 1) {
        return;
    }
    it->records[it->n++] = (struct record){it->position, size, BUSY};
    put(it, it->position, &word, sizeof(word));
    it->position += step(size);
    memcpy(it->pages, &it->position, sizeof(it->position));
}

static void
commit(const struct producer *it, struct record *record)
{
    uint32_t word = record->size;

    for (uint32_t i = 0; i < record->size; i++) {
        uint64_t at = record->at + HEADER + i;
        unsigned char byte = pattern(at);

        put(it, at, &byte, sizeof(byte));
    }
    record->state = draw(4) == 0 ? DISCARDED : SUBMITTED;
    word |= record->state == DISCARDED ? BPF_RINGBUF_DISCARD_BIT : 0;
    put(it, record->at, &word, sizeof(word));
}

static void
produce(struct producer *it)
{
    for (uint64_t n = draw(MOST); n > 0; n--) {
        uint64_t most = draw(8) == 0 ? it->size - 2 * HEADER : 300;

        reserve(it, (uint32_t)draw(most + 1));
        if (it->n > 0) {
            struct record *record = &it->records[draw((uint64_t)it->n)];

            if (record->state == BUSY) {
                commit(it, record);
            }
        }
    }
}

/* The data of a record that was taken, as it was written. */
static void
check_data(const struct record *record, const unsigned char *data, uint32_t size)
{
    check(size == record->size, "bytes of a record", size);
    for (uint32_t i = 0; i < size; i++) {
        check(data[i] == pattern(record->at + HEADER + i), "a byte of its data", i);
    }
}

/* Take some: what was submitted comes whole and in order, up to what is busy. */
static void
consume(struct tb_ring *ring, struct producer *it)
{
    uint64_t end = tb_ring_begin(ring), left = draw(2) == 0 ? draw(20) : UINT64_MAX;
    struct tb_ring_record taken;
    int passed = 0, rc = 1;

    check(end == it->position, "end of a batch", end);
    while (left-- > 0 && (rc = tb_ring_take(ring, end, &taken)) == 1) {
        while (passed < it->n && it->records[passed].state == DISCARDED) {
            passed++;
        }
        check(passed < it->n && it->records[passed].state == SUBMITTED,
              "there was none at", ring->position);
        check_data(&it->records[passed], taken.data, taken.size);
        check(ring->position == it->records[passed].at + step(taken.size),
              "position behind it", ring->position);
        passed++;
    }
    check(rc >= 0, "nothing was wrong", ring->position);
    while (rc == 0 && passed < it->n && it->records[passed].state == DISCARDED) {
        passed++;
    }
    check(rc == 1 || passed == it->n || it->records[passed].state == BUSY,
          "one was left at", ring->position);
    tb_ring_store(ring);
    check(load(it->consumer) == ring->position, "stored", ring->position);
    it->n -= passed;
    memmove(it->records, it->records + passed, (size_t)it->n * sizeof(*it->records));
}

/* A file as bpf_ringbuf_mmap() shows a ring that has gone on up to a position. */
static int
make_file(struct producer *it, size_t page, uint64_t size, uint64_t position)
{
    size_t n = 2 * page + 2 * size;
    int fd = memfd_create("ring", MFD_CLOEXEC);

    *it = (struct producer){.page = page, .size = size, .position = position};
    check(fd >= 0 && ftruncate(fd, (off_t)n) == 0, "file", n);
    it->consumer = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(it->consumer != MAP_FAILED, "its mapping", n);
    it->pages = it->consumer + page;
    memcpy(it->consumer, &position, sizeof(position));
    memcpy(it->pages, &position, sizeof(position));
    return fd;
}

static int
is_mapped(void *at)
{
    return msync(at, 1, MS_ASYNC) == 0 || errno != ENOMEM;
}

static void
check_ring(size_t page, uint64_t size, uint64_t position)
{
    struct producer it;
    struct tb_ring ring;
    int fd = make_file(&it, page, size, position);
    unsigned char *last, *first;

    check(tb_ring_map(&ring, fd, size, page) == 0, "tb_ring_map", size);
    check(ring.position == position, "position at the start", ring.position);
    close(fd);
    for (int i = 0; i < ROUNDS; i++) {
        produce(&it);
        check(tb_ring_fill(&ring) == it.position - ring.position, "fill", it.position);
        consume(&ring, &it);
    }
    first = ring.consumer_map;
    last = ring.producer_map + page + 2 * size - 1;
    last -= (uintptr_t)last % (uintptr_t)sysconf(_SC_PAGESIZE);
    check(is_mapped(first) && is_mapped(last), "mapped", size);
    tb_ring_close(&ring);
    check(!is_mapped(first) && !is_mapped(last), "still mapped", size);
    munmap(it.consumer, 2 * page + 2 * size);
}

/* A ring that is written over: the copy is what lies from the oldest record on. */
static void
check_copy(size_t page, uint64_t size, uint64_t position)
{
    struct producer it;
    struct tb_ring ring;
    int fd = make_file(&it, page, size, position);
    unsigned char *copy = malloc(size);
    uint64_t oldest = position - size + 64, copied, begin, end;

    check(copy != NULL && tb_ring_map(&ring, fd, size, page) == 0, "tb_ring_map", size);
    close(fd);
    memcpy(it.pages + OVERWRITTEN, &oldest, sizeof(oldest));
    for (uint64_t at = oldest; at < position; at++) {
        unsigned char byte = pattern(at);

        put(&it, at, &byte, sizeof(byte));
    }
    check(tb_ring_copy(&ring, copy, &copied, &begin, &end) == 0, "copy", size);
    check(copied == oldest && begin == oldest && end == position, "its ends", begin);
    for (uint64_t at = begin; at < end; at++) {
        check(copy[at - begin] == pattern(at), "a byte of the copy", at);
    }
    tb_ring_close(&ring);
    munmap(it.consumer, 2 * page + 2 * size);
    free(copy);
}

/* A record as perf_output_sample() writes it, which may wrap anywhere. */
static void
put_sample(unsigned char *data, uint64_t size, uint64_t at, uint32_t n)
{
    struct perf_event_header header = {
        .type = PERF_RECORD_SAMPLE,
        .size = (uint16_t)(sizeof(header) + sizeof(n) + n),
    };
    unsigned char head[sizeof(header) + sizeof(n)];

    memcpy(head, &header, sizeof(header));
    memcpy(head + sizeof(header), &n, sizeof(n));
    for (uint32_t i = 0; i < header.size; i++) {
        data[(at + i) & (size - 1)] = i < sizeof(head) ? head[i] : pattern(at + i);
    }
}

static void
check_perf_ring(size_t page, uint64_t size, uint64_t position)
{
    struct tb_perf_ring ring = {.fd = -1, .page = page, .size = size};
    struct perf_event_mmap_page *head = calloc(1, page + size);
    unsigned char *copy = malloc(size);

    check(head != NULL && copy != NULL, "memory", size);
    ring.map = (unsigned char *)head;
    ring.position = ring.stored = position;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t n = (uint32_t)(draw(draw(4) == 0 ? 2000 : 40) / 8 * 8 + 4);
        uint64_t begin = ring.position;
        struct tb_perf_ring_record record;

        put_sample(ring.map + page, size, begin, n);
        head->data_head = begin + HEADER + sizeof(n) + n;
        check(tb_perf_ring_fill(&ring) == head->data_head - begin, "fill", begin);
        check(tb_perf_ring_take(&ring, tb_perf_ring_begin(&ring), &record) == 1 &&
                  record.size == n && ring.position == head->data_head,
              "perf record", begin);
        tb_perf_ring_copy(&ring, &record, copy);
        for (uint32_t k = 0; k < n; k++) {
            check(copy[k] == pattern(begin + HEADER + sizeof(n) + k), "its data", k);
        }
        check(tb_perf_ring_take(&ring, head->data_head, &record) == 0, "none", begin);
        tb_perf_ring_store(&ring);
        check(head->data_tail == ring.position, "stored", ring.position);
    }
    free(head);
    free(copy);
}

int
main(void)
{
    static const size_t pages[] = {4096, 16384, 65536};
    static const uint64_t positions[] = {0, (1ull << 32) - 64, 1ull << 50};

    for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
        for (size_t k = 0; k < sizeof(positions) / sizeof(*positions); k++) {
            check_ring(pages[i], pages[i], positions[k]);
            check_ring(pages[i], 4 * pages[i], positions[k]);
            check_copy(pages[i], 2 * pages[i], positions[k] + (1u << 20));
            check_perf_ring(pages[i], 2 * pages[i], positions[k]);
        }
        printf("ok %zu\n", pages[i]);
    }
    return 0;
}
