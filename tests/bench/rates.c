/* SPDX-License-Identifier: MIT
 *
 * The C yardstick of worker.py: the same passes by plain libbpf. It loads
 * rates.bpf.o, then reads the names of passes from standard input, one a line, and
 * answers each with the nanoseconds that it took.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES 100000
#define RECORDS 65536
#define BATCH 65536

struct bench {
    struct bpf_object *obj;
    int counts_fd;
    int numbers_fd;
    int writer_fd;
    struct ring_buffer *ring; /* NULL until the first pass over it */
};

static long long
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Each pass returns the nanoseconds, or -1 if it did not do all of its work. */
static long long
look_up(int fd)
{
    long long start_ns = now_ns();
    __u64 value;

    for (__u32 key = 0; key < ENTRIES; key++) {
        if (bpf_map_lookup_elem(fd, &key, &value) != 0) {
            return -1;
        }
    }
    return now_ns() - start_ns;
}

static long long
lookup(struct bench *bench)
{
    return look_up(bench->counts_fd);
}

/* The same of an array, by the system call. */
static long long
number(struct bench *bench)
{
    return look_up(bench->numbers_fd);
}

static long long
update(struct bench *bench)
{
    long long start_ns = now_ns();
    __u64 value = 1;

    for (__u32 key = 0; key < ENTRIES; key++) {
        if (bpf_map_update_elem(bench->counts_fd, &key, &value, BPF_ANY) != 0) {
            return -1;
        }
    }
    return now_ns() - start_ns;
}

/* Copy all entries in batches. */
static long long
items(struct bench *bench)
{
    static __u32 keys[ENTRIES + BATCH];
    static __u64 values[ENTRIES + BATCH];
    long long start_ns = now_ns();
    __u32 token, taken = 0;
    void *from = NULL;
    int err = 0;

    while (err == 0 && taken <= ENTRIES) {
        __u32 n = BATCH;

        err = bpf_map_lookup_batch(bench->counts_fd, from, &token, keys + taken,
                                   values + taken, &n, NULL);
        taken += n;
        from = &token;
    }
    return taken == ENTRIES ? now_ns() - start_ns : -1;
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
open_ring(struct bench *bench)
{
    struct bpf_program *writer;

    writer = bpf_object__find_program_by_name(bench->obj, "write_records");
    bench->ring = ring_buffer__new(
        bpf_object__find_map_fd_by_name(bench->obj, "events"), handle, NULL, NULL);
    return bench->ring && bpf_program__attach(writer) ? 0 : -1;
}

static long long
ring(struct bench *bench)
{
    __u32 zero = 0, pid = getpid();
    long long start_ns;

    if (!bench->ring && open_ring(bench) != 0) {
        return -1;
    }
    if (bpf_map_update_elem(bench->writer_fd, &zero, &pid, BPF_ANY) != 0) {
        return -1;
    }
    start_ns = now_ns();
    if (ring_buffer__consume(bench->ring) != RECORDS) {
        return -1;
    }
    return now_ns() - start_ns;
}

static const struct {
    const char *name;
    long long (*run)(struct bench *bench);
} passes[] = {{"lookup\n", lookup},
              {"update\n", update},
              {"items\n", items},
              {"ring\n", ring},
              {"number\n", number}};

int
main(int argc, char **argv)
{
    struct bench bench = {0};
    char line[32];

    bench.obj = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;
    if (!bench.obj || bpf_object__load(bench.obj) != 0) {
        return 1;
    }
    bench.counts_fd = bpf_object__find_map_fd_by_name(bench.obj, "counts");
    bench.numbers_fd = bpf_object__find_map_fd_by_name(bench.obj, "numbers");
    bench.writer_fd = bpf_object__find_map_fd_by_name(bench.obj, "writer");
    if (update(&bench) < 0) {
        return 1;
    }
    while (fgets(line, sizeof(line), stdin)) {
        for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++) {
            if (strcmp(line, passes[i].name) == 0) {
                printf("%lld\n", passes[i].run(&bench));
            }
        }
        fflush(stdout);
    }
    return 0;
}
