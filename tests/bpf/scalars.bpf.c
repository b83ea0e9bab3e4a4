// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One map for each scalar type that BTF knows, named after its value.
 * Maps:     v_<type> (hash, u32 -> type), k_<type> (hash, type -> u32),
 *           named (u32 -> typedef of const u16), pair and bytes (aggregates)
 * Programs: none
 * Users:    map/test_scalars, run/test_maps
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef _Bool boolean;
typedef const __u16 port_t;
typedef port_t service_t;
typedef void *pointer;
typedef __int128 s128;
typedef unsigned __int128 u128;
enum level { LEVEL_LOW = 1, LEVEL_HIGH = 7 };
enum sign { SIGN_MINUS = -1, SIGN_PLUS = 1 };
enum wide { WIDE_MAX = 0xffffffffffffffffULL };
struct pair {
    __u32 a;
    __u16 b;
};
struct twelve {
    __u8 bytes[12];
};

#define MAP(name, k, v)                  \
    struct {                             \
        __uint(type, BPF_MAP_TYPE_HASH); \
        __uint(max_entries, 8);          \
        __type(key, k);                  \
        __type(value, v);                \
    } name SEC(".maps")
#define BOTH(type, name)        \
    MAP(v_##name, __u32, type); \
    MAP(k_##name, type, __u32)

BOTH(__u8, u8);
BOTH(__s8, s8);
BOTH(__u16, u16);
BOTH(__s16, s16);
BOTH(__u32, u32);
BOTH(__s32, s32);
BOTH(__u64, u64);
BOTH(__s64, s64);
BOTH(u128, u128);
BOTH(s128, s128);
BOTH(boolean, bool);
BOTH(char, char);
BOTH(enum level, enum);
BOTH(enum sign, senum);
BOTH(enum wide, enum64);
BOTH(pointer, pointer);
MAP(v_float, __u32, float);
MAP(v_double, __u32, double);
MAP(named, __u32, service_t);
MAP(pair, struct pair, struct twelve);
