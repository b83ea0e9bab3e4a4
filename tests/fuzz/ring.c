/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: the consumers of ring and perf buffers over pages in which
 * everything is hostile, the producer's words as well as those that neighbours may
 * write. Between two batches an input writes again. The data ends where the process may
 * not read on.
 */
#include "stream/perf_ring.h"
#include "stream/ring.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define BATCHES 4
#define STEPS 4096 /* more than there are records in a ring */

static volatile uint64_t sum;

/* What is left of an input. */
struct bytes {
    const uint8_t *at;
    size_t n;
};

static void
take(struct bytes *bytes, void *out, size_t n)
{
    size_t k = n < bytes->n ? n : bytes->n;

    memset(out, 0, n);
    memcpy(out, bytes->at, k);
    bytes->at += k;
    bytes->n -= k;
}

/* Pages between two that may not be touched; never unmapped. */
static unsigned char *
guarded(size_t n)
{
    unsigned char *all =
        mmap(NULL, (n + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (all == MAP_FAILED ||
        mprotect(all + PAGE, n * PAGE, PROT_READ | PROT_WRITE) < 0) {
        abort();
    }
    return all + PAGE;
}

/* Read all of it. */
static void
look(const unsigned char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum += data[i];
    }
}

/* Write words anywhere in a ring's data: those with flags and lengths. */
static void
scatter(struct bytes *bytes, unsigned char *data, size_t size)
{
    uint8_t n;

    take(bytes, &n, sizeof(n));
    for (; n > 0 && bytes->n > 0; n--) {
        uint16_t at;
        uint64_t word;

        take(bytes, &at, sizeof(at));
        take(bytes, &word, sizeof(word));
        memcpy(data + at / 8 * 8 % size, &word, sizeof(word));
    }
}

/* The data twice in a row, as the kernel maps it. */
static void
run_ring(struct bytes *bytes)
{
    static unsigned char *consumer, *producer;
    struct tb_ring ring = {.fd = -1, .size = PAGE, .page = PAGE};
    struct tb_ring_record record;

    if (consumer == NULL) {
        consumer = guarded(1);
        producer = guarded(3);
    }
    ring.consumer_map = consumer;
    ring.producer_map = producer;
    ring.data = producer + PAGE;
    memset(producer + PAGE, 0, PAGE);
    take(bytes, &ring.position, sizeof(ring.position));
    ring.stored = ring.position;
    for (int batch = 0; batch < BATCHES && bytes->n > 0; batch++) {
        uint64_t end, steps = 0;
        int rc;

        take(bytes, consumer, sizeof(uint64_t));
        take(bytes, producer, sizeof(uint64_t));
        scatter(bytes, producer + PAGE, PAGE);
        memcpy(producer + 2 * PAGE, producer + PAGE, PAGE);
        end = tb_ring_begin(&ring);
        while ((rc = tb_ring_take(&ring, end, &record)) == 1) {
            look(record.data, record.size);
            if (tb_ring_should_store(&ring)) {
                tb_ring_store(&ring);
            }
            if (++steps > STEPS) {
                abort(); /* records are taken twice */
            }
        }
        if (rc == -EBADMSG && ring.position != end) {
            abort(); /* the batch would never end */
        }
        tb_ring_store(&ring);
    }
}

static void
run_perf_ring(struct bytes *bytes)
{
    static unsigned char *pages;
    struct tb_perf_ring ring = {.fd = -1, .page = PAGE, .size = PAGE};
    struct tb_perf_ring_record record;

    if (pages == NULL) {
        pages = guarded(2);
    }
    ring.map = pages;
    memset(pages + PAGE, 0, PAGE);
    take(bytes, &ring.position, sizeof(ring.position));
    ring.position = ring.position / 8 * 8; /* as it always is */
    for (int batch = 0; batch < BATCHES && bytes->n > 0; batch++) {
        uint64_t end, steps = 0;
        int rc;

        take(bytes, pages + 1024, 2 * sizeof(uint64_t)); /* data_head, data_tail */
        scatter(bytes, pages + PAGE, PAGE);
        end = tb_perf_ring_begin(&ring);
        while ((rc = tb_perf_ring_take(&ring, end, &record)) == 1) {
            if (record.n_lost == 0) {
                unsigned char *copy = malloc(record.size);

                tb_perf_ring_copy(&ring, &record, copy);
                look(copy, record.size);
                free(copy);
            }
            if (++steps > STEPS) {
                abort();
            }
        }
        tb_perf_ring_store(&ring);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    uint8_t which;

    watch_begin();
    take(&bytes, &which, sizeof(which));
    if (which % 2 == 0) {
        run_ring(&bytes);
    }
    else {
        run_perf_ring(&bytes);
    }
    watch_end();
    return 0;
}
