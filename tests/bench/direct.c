/* SPDX-License-Identifier: MIT
 *
 * Load and attach direct.bpf.o by plain libbpf, print its first event and end: the
 * yardstick of an object that is run without a script.
 */
#include <bpf/libbpf.h>
#include <stdio.h>

struct event {
    unsigned long long ts;
    unsigned int pid, n;
    char comm[16];
};

static int
print(void *ctx, void *data, size_t size)
{
    const struct event *event = data;

    (void)ctx;
    if (size >= sizeof(*event)) {
        printf("%llu %u %u %.16s\n", event->ts, event->pid, event->n, event->comm);
    }
    return -1; /* it is enough */
}

int
main(int argc, char **argv)
{
    struct bpf_object *obj = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;
    struct bpf_program *program = obj ? bpf_object__next_program(obj, NULL) : NULL;
    struct bpf_link *link;
    struct ring_buffer *ring;

    if (!program || bpf_object__load(obj)) {
        fprintf(stderr, "%s: cannot load\n",
                argc == 2 ? argv[1] : "usage: direct FILE");
        return 1;
    }
    ring = ring_buffer__new(bpf_object__find_map_fd_by_name(obj, "events"), print, NULL,
                            NULL);
    link = bpf_program__attach(program);
    if (!ring || !link) {
        return 1;
    }
    ring_buffer__poll(ring, -1);
    bpf_link__destroy(link);
    ring_buffer__free(ring);
    bpf_object__close(obj);
    return 0;
}
