/* SPDX-License-Identifier: MIT
 *
 * What libFuzzer calls for the next input (mutate.h), and the numbers and names that
 * changes are made of. Some inputs are still changed blindly.
 */
#include "mutate.h"

#include "input.h"

#include <string.h>

#define CHANGES_MAX 6

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

uint32_t
roll(struct dice *dice, uint32_t n)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((dice->state >> 32) % n);
}

uint32_t
other_number(struct dice *dice, uint32_t old)
{
    static const uint32_t edges[] = {0,          1,          2,          0x7fffffff,
                                     0x80000000, 0xffffffff, 0xfffffff8, 0x7ffffff8,
                                     0x7fff,     0xffff,     0x10000,    0x8000000,
                                     0x1000,     0xfffffffe, 0x40000000, 0x20000000};

    switch (roll(dice, 6)) {
    case 0:
        return edges[roll(dice, sizeof(edges) / sizeof(edges[0]))];
    case 1:
        return old + 1 + roll(dice, 16);
    case 2:
        return old - 1 - roll(dice, 16);
    case 3:
        return old ^ 1u << roll(dice, 32);
    case 4:
        return roll(dice, 256);
    default:
        return old * 8;
    }
}

static const char *const names[] = {".maps",
                                    ".struct_ops",
                                    ".struct_ops.link",
                                    "?.struct_ops",
                                    ".kconfig",
                                    ".ksyms",
                                    ".data",
                                    ".bss",
                                    ".rodata",
                                    ".text",
                                    ".data.x",
                                    ".addr_space.1",
                                    ".jumptables",
                                    "license",
                                    "version",
                                    "LINUX_KERNEL_VERSION",
                                    "CONFIG_HZ",
                                    "CONFIG_TEXT",
                                    "CONFIG_M",
                                    "LINUX_HAS_BPF_COOKIE",
                                    "bpf_prog_active",
                                    "_text",
                                    "bpf_testmod_test_read",
                                    "bpf_struct_ops_ops",
                                    "bpf_struct_ops_common",
                                    "ops",
                                    "ops___x",
                                    "task_struct___y",
                                    "task_struct",
                                    "event___2",
                                    "event",
                                    "value",
                                    "values",
                                    "key",
                                    "type",
                                    "max_entries",
                                    "map_flags",
                                    "map_extra",
                                    "numa_node",
                                    "inner",
                                    "pinning",
                                    "key_size",
                                    "value_size",
                                    "a/b",
                                    "arg:ctx",
                                    "arg:trusted",
                                    "arg:arena",
                                    "exception_callback:x",
                                    "kprobe/x",
                                    "kprobe.multi/x*",
                                    "uprobe",
                                    "uprobe/a:b",
                                    "usdt/a:b:c",
                                    "fentry/_text",
                                    "fexit/x",
                                    "freplace/x",
                                    "lsm/x",
                                    "iter/task",
                                    "tp_btf/x",
                                    "raw_tp/x",
                                    "tp/a/b",
                                    "xdp",
                                    "tc",
                                    "syscall",
                                    "struct_ops/x",
                                    "sk_lookup",
                                    "cgroup/dev",
                                    "ksyscall/x",
                                    "profile",
                                    ".rel.maps",
                                    ".relxdp",
                                    ".rel.text",
                                    ".BTF",
                                    ".BTF.ext",
                                    "0:1:2",
                                    "0:99999",
                                    "0:4294967295",
                                    "\x1b[2J",
                                    "\xff\xfe",
                                    "%s%s%n",
                                    "0",
                                    "__arg_x",
                                    "int",
                                    "a",
                                    "___",
                                    "x___"};

const char *
other_name(struct dice *dice)
{
    return names[roll(dice, sizeof(names) / sizeof(names[0]))];
}

/* Change what is neither BTF nor object. */
static void
mutate_head(struct dice *dice, struct input_head *head)
{
    switch (roll(dice, 4)) {
    case 0:
        head->flags ^= (uint16_t)(1u << roll(dice, 6));
        break;
    case 1:
        head->missing ^= 1u << roll(dice, 32);
        break;
    default:
        head->answers[roll(dice, INPUT_ANSWERS)] = (uint8_t)roll(dice, 256);
    }
}

/* The kernel's BTF may grow: what lies behind it makes room. */
static size_t
mutate_kernel(struct dice *dice, const struct input *input, uint8_t *data, size_t size,
              size_t max)
{
    static _Alignas(8) uint8_t copy[1 << 20];
    size_t n = input->n_btf, room = max - size;

    if (n + room > sizeof(copy)) {
        room = n < sizeof(copy) ? sizeof(copy) - n : 0;
    }
    if (n > sizeof(copy)) {
        return size;
    }
    memcpy(copy, input->btf, n);
    n = mutate_btf(dice, copy, n, n + room);
    data += sizeof(input->head);
    memmove(data + n, data + input->n_btf, input->n_object);
    memcpy(data, copy, n);
    return sizeof(input->head) + n + input->n_object;
}

/* The same for the object, which lies where words may be read. */
static size_t
mutate_rest(struct dice *dice, const struct input *input, uint8_t *data, size_t max)
{
    static _Alignas(8) uint8_t copy[1 << 20];
    size_t front = (size_t)(input->object - data), n = input->n_object;

    if (n > sizeof(copy)) {
        return front + n;
    }
    memcpy(copy, input->object, n);
    n = mutate_object(dice, copy, n,
                      max - front < sizeof(copy) ? max - front : sizeof(copy));
    memcpy(data + front, copy, n);
    return front + n;
}

static size_t
change(struct dice *dice, uint8_t *data, size_t size, size_t max)
{
    struct input input;
    uint32_t part = roll(dice, 20);

    if (input_read(&input, data, size) < 0) {
        return LLVMFuzzerMutate(data, size, max);
    }
    if (part == 0) {
        mutate_head(dice, &input.head);
    }
    else if (part < 7 || input.n_object == 0) {
        size = mutate_kernel(dice, &input, data, size, max);
        input.head.btf_size = (uint32_t)(size - input.n_object - sizeof(input.head));
    }
    else {
        size = mutate_rest(dice, &input, data, max);
    }
    memcpy(data, &input.head, sizeof(input.head));
    return size;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    struct dice dice = {.state = seed * 0x9e3779b97f4a7c15u + 1};

    if (roll(&dice, 16) == 0) {
        return LLVMFuzzerMutate(data, size, max);
    }
    for (uint32_t n = 1 + roll(&dice, CHANGES_MAX); n > 0; n--) {
        size = change(&dice, data, size, max);
    }
    return size;
}
