/* SPDX-License-Identifier: MIT
 *
 * Load a BPF object by plain libbpf and end: the yardstick of tinybpf.load().
 */
#include <bpf/libbpf.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    struct bpf_object *obj = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;

    if (!obj || bpf_object__load(obj)) {
        fprintf(stderr, "%s: cannot load\n", argc == 2 ? argv[1] : "usage: load FILE");
        return 1;
    }
    bpf_object__close(obj);
    return 0;
}
