/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a BPF program says to tinybpf, and how it counts what its rings refuse.
 * `python -m tinybpf headers DIR` writes this file beside libbpf's.
 *
 *     struct event { __u32 pid; char comm[16]; };
 *     TINYBPF_RING(events, 256 * 1024) TINYBPF_EVENT(event);
 *     TINYBPF_COUNT_DROPS(events);
 *
 *     struct event *event = tinybpf_reserve(&events, sizeof(*event), events);
 *     if (event) {
 *         ...
 *         tinybpf_submit(event);
 *     }
 *
 * Then BpfRingBuffer gives Records of struct event, and stats().lost is what found no
 * room. Each of it stands for itself: nothing is meant by a mere name.
 */
#ifndef TINYBPF_BPF_H
#define TINYBPF_BPF_H

#include <bpf/bpf_helpers.h>

/* Behind a map's name: its records are of this struct. */
#define TINYBPF_EVENT(type) __attribute__((btf_decl_tag("tinybpf:event=" #type)))

/* The same of those of its records whose field is that number: one for each type. The
 * field is one that all of them have in one place; the number may be the name of a
 * member of an enum that a variable, map or event has. */
#define TINYBPF_EVENT_IF(type, field, value) \
    TINYBPF_EVENT_IS(type, field, value) /* so that macros in it are expanded */
#define TINYBPF_EVENT_IS(type, field, value) \
    __attribute__((btf_decl_tag("tinybpf:event=" #type ":" #field "==" #value)))

/* Behind a counter's name: it counts what that map refused. A global variable of 4 or 8
 * bytes, or entry 0 of an array or a per-CPU array. */
#define TINYBPF_DROPPED(map) __attribute__((btf_decl_tag("tinybpf:dropped=" #map)))

/* Behind the name of a constant, map or program: what it is for, in the --help of a
 * tool that is run without a script (`tinybpf-run x.bpf.o`). */
#define TINYBPF_HELP(text) __attribute__((btf_decl_tag("tinybpf:help=" text)))

/* Behind a member of a struct: how such a tool shows it, as its option --format has it.
 */
#define TINYBPF_FORMAT(name) __attribute__((btf_decl_tag("tinybpf:format=" #name)))

/* Behind an array's name: entry i counts values of i + 1 bits, of that unit. */
#define TINYBPF_LOG2(unit) __attribute__((btf_decl_tag("tinybpf:log2=" #unit)))

/* Behind the name of an array of maps whose values are rings: load() makes one for each
 * CPU, and BpfRingBuffer reads all of them as one. */
#define TINYBPF_SHARDED __attribute__((btf_decl_tag("tinybpf:sharded")))

/* A ring buffer of so many bytes: a power of 2, and of pages. */
#define TINYBPF_RING(name, bytes)           \
    struct {                                \
        __uint(type, BPF_MAP_TYPE_RINGBUF); \
        __uint(max_entries, bytes);         \
    } name SEC(".maps")

/* A ring buffer of so many bytes for each CPU; tinybpf_shard(name) is this CPU's. */
#define TINYBPF_SHARDED_RING(name, bytes)         \
    struct name##_shard {                         \
        __uint(type, BPF_MAP_TYPE_RINGBUF);       \
        __uint(max_entries, bytes);               \
    };                                            \
    struct {                                      \
        __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); \
        __uint(max_entries, 1);                   \
        __type(key, __u32);                       \
        __array(values, struct name##_shard);     \
    } name SEC(".maps") TINYBPF_SHARDED

/* The counter of what a map refused: a number on each CPU. */
#define TINYBPF_COUNT_DROPS(map)                 \
    struct {                                     \
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
        __uint(max_entries, 1);                  \
        __type(key, __u32);                      \
        __type(value, __u64);                    \
    } map##_dropped SEC(".maps") TINYBPF_DROPPED(map)

/* Count one. Another program may interrupt this one on the same CPU: it is atomic. */
static __always_inline void
tinybpf_count_drop(void *counter)
{
    __u32 zero = 0;
    __u64 *n = bpf_map_lookup_elem(counter, &zero);

    if (n) {
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
}

/* The ring of the CPU that this runs on; NULL if it has none. */
#define tinybpf_shard(name) \
    bpf_map_lookup_elem(&(name), &(__u32){bpf_get_smp_processor_id()})

/* Room for a record in a ring, which TINYBPF_COUNT_DROPS(map) counts for if there is
 * none (NULL). Each record is submitted, or discarded by bpf_ringbuf_discard(). */
#define tinybpf_reserve(ring, size, map)                        \
    ({                                                          \
        void *_record = bpf_ringbuf_reserve((ring), (size), 0); \
        if (!_record) {                                         \
            tinybpf_count_drop(&map##_dropped);                 \
        }                                                       \
        _record;                                                \
    })
#define tinybpf_submit(record) bpf_ringbuf_submit((record), 0)

/* Write a record that lies elsewhere, or count it; 0, or what the kernel said. */
#define tinybpf_output(ring, data, size, map)                              \
    ({                                                                     \
        long _err = bpf_ringbuf_output((ring), (void *)(data), (size), 0); \
        if (_err) {                                                        \
            tinybpf_count_drop(&map##_dropped);                            \
        }                                                                  \
        _err;                                                              \
    })

#endif
