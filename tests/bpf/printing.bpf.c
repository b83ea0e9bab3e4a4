// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that prints, to its streams where the kernel has them.
 * Maps:     config
 * Programs: print (tracepoint), to its streams; trace (tracepoint), to the trace pipe
 * Users:    stream/test_lines
 */
#include "maps.h"
#include "trigger.h"

enum { OUT = 1, ERR = 2 }; /* BPF_STREAM_STDOUT, ... */

/* Since 6.19 the kernel fills in the last argument by itself. */
extern int bpf_stream_vprintk_impl(int stream, const char *format, const void *args,
                                   __u32 size, void *aux) __weak __ksym;
extern int bpf_stream_vprintk(int stream, const char *format, const void *args,
                              __u32 size) __weak __ksym;

ARRAY(config, 1, struct cookie);
int n_printed, error; /* of the last print */

#define PRINT(stream, format, number)                                                \
    do {                                                                             \
        static const char text[] = format;                                           \
        __u64 args[] = {number};                                                     \
        if (bpf_ksym_exists(bpf_stream_vprintk_impl)) {                              \
            error = bpf_stream_vprintk_impl(stream, text, args, sizeof(args), NULL); \
        }                                                                            \
        else if (bpf_ksym_exists(bpf_stream_vprintk)) {                              \
            error = bpf_stream_vprintk(stream, text, args, sizeof(args));            \
        }                                                                            \
    } while (0)

ON_TRIGGER
int
print(struct trigger *ctx)
{
    if (is_ours(ctx, AT(config, 0))) {
        n_printed++;
        PRINT(OUT, "line %d\n", n_printed);
        PRINT(OUT, "\nline # %d\nno ", n_printed);
        PRINT(OUT, "end %d", n_printed);
        PRINT(ERR, "error %d\n", n_printed);
    }
    return 0;
}

ON_TRIGGER
int
trace(struct trigger *ctx)
{
    if (is_ours(ctx, AT(config, 0))) {
        bpf_printk("traced %llu", (__u64)ctx->args[0]);
    }
    return 0;
}
