/* SPDX-License-Identifier: MIT
 *
 * The C yardstick of reader.py, by plain libbpf over pressure.bpf.o: what it prints is
 * the median of the nanoseconds from the write of a record to its callback (latency),
 * or those that a record took (rate), with records of so many bytes.
 *
 *     pressure OBJECT latency|rate BYTES
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define LATENCIES 1000
#define RATED 32768 /* records: 256 bytes each are half of the ring */

struct config {
    __u32 pid, count, size, zero;
};

static long long latencies[LATENCIES + 1];
static int n_latencies;

static long long
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
note(void *ctx, void *data, size_t size)
{
    const __u64 *words = data;

    (void)ctx;
    (void)size;
    latencies[n_latencies++] = now_ns() - (long long)words[1];
    return n_latencies < LATENCIES ? 0 : -1;
}

static int
handle(void *ctx, void *data, size_t size)
{
    (void)ctx;
    (void)data;
    (void)size;
    return 0;
}

static int
by_value(const void *one, const void *other)
{
    long long a = *(const long long *)one, b = *(const long long *)other;

    return (a > b) - (a < b);
}

/* A child of ours that makes a system call each millisecond. */
static pid_t
start_caller(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            usleep(1000);
        }
    }
    return pid;
}

static long long
latency(struct bpf_object *obj, int config, __u32 size)
{
    struct config cfg = {.pid = (__u32)start_caller(), .count = 1, .size = size};
    struct ring_buffer *ring = ring_buffer__new(
        bpf_object__find_map_fd_by_name(obj, "events"), note, NULL, NULL);
    __u32 zero = 0;

    if (!ring || bpf_map_update_elem(config, &zero, &cfg, BPF_ANY) != 0) {
        return -1;
    }
    while (n_latencies < LATENCIES && ring_buffer__poll(ring, 1000) != 0) {
    }
    kill((pid_t)cfg.pid, SIGKILL);
    qsort(latencies, n_latencies, sizeof(*latencies), by_value);
    return n_latencies == LATENCIES ? latencies[LATENCIES / 2] : -1;
}

/* In thousandths of a nanosecond, of the second pass. */
static long long
rate(struct bpf_object *obj, int config, __u32 size)
{
    struct config cfg = {.pid = (__u32)getpid(), .count = RATED, .size = size};
    struct config none = {0};
    struct ring_buffer *ring = ring_buffer__new(
        bpf_object__find_map_fd_by_name(obj, "events"), handle, NULL, NULL);
    __u32 zero = 0;
    long long took = -1;

    for (int pass = 0; ring && pass < 2; pass++) {
        long long start_ns;

        if (bpf_map_update_elem(config, &zero, &cfg, BPF_ANY) != 0 ||
            bpf_map_update_elem(config, &zero, &none, BPF_ANY) != 0) {
            return -1;
        }
        start_ns = now_ns();
        if (ring_buffer__consume(ring) != RATED) {
            return -1;
        }
        took = (now_ns() - start_ns) * 1000 / RATED;
    }
    return took;
}

int
main(int argc, char **argv)
{
    struct bpf_object *obj = argc == 4 ? bpf_object__open_file(argv[1], NULL) : NULL;
    long long result;
    __u32 size;
    int config;

    if (!obj || bpf_object__load(obj) != 0 ||
        !bpf_program__attach(bpf_object__find_program_by_name(obj, "write_records"))) {
        return 1;
    }
    size = (__u32)atoi(argv[3]);
    config = bpf_object__find_map_fd_by_name(obj, "config");
    result = strcmp(argv[2], "rate") == 0 ? rate(obj, config, size)
                                          : latency(obj, config, size);
    printf("%lld\n", result);
    return result < 0;
}
