// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Global variables of every section, and of types that have parts.
 * Maps:     only the sections .rodata .data .bss .kconfig .data.more .rodata.more
 * Programs: bump (raw_tp): seen += step; last = cfg.limit; hits[1] += 1; more[0] += 1;
 *           a verbose cfg sets last to 1
 * Users:    view/test_*, package/test_command
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum mode {
    OFF,
    SLOW = 3,
};

struct config {
    _Bool verbose;
    int limit;
    enum mode mode;
    unsigned int low : 3, high : 5;
    struct {
        unsigned short x, y;
    } at[2];
    char name[8];
    unsigned char class[4];
};

const volatile int target_pid;
const volatile long long min_ns = 5;
const volatile struct config start = {.limit = 9, .name = "start"};
const volatile int extra SEC(".rodata.more") = 4;
struct config cfg = {.limit = 7, .mode = SLOW, .name = "cfg"};
unsigned int step = 1;
__u64 seen, last;
__u64 hits[4];
float ratio = 0.5;
static int hidden_count = 1;
int count SEC(".data.more"), more[2] SEC(".data.more");
extern int CONFIG_HZ __kconfig;
extern _Bool CONFIG_NO_SUCH_SWITCH __kconfig __weak;

SEC("raw_tp")
int
bump(void *ctx)
{
    seen += step;
    last = cfg.verbose ? 1 : cfg.limit;
    hits[1]++;
    more[0]++;
    hidden_count++;
    return start.limit + target_pid + CONFIG_HZ + CONFIG_NO_SUCH_SWITCH;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
