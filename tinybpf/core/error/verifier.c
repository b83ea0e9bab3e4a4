/* SPDX-License-Identifier: MIT
 *
 * Reads verifier logs (error/verifier.h). The cause is what the verifier says behind
 * the last instruction that it looked at. Linux 7.3 goes on with paragraphs under
 * headings (Reason, At, Causal path, Suggestion): the reason is told too. What to do
 * about a cause stands in one table, which the kernel's suggestion stands in for. It
 * knows text and nothing else.
 */
#include "error/verifier.h"

#include <stdio.h>
#include <string.h>

#define BEGIN_MARK "-- BEGIN PROG LOAD LOG --"
#define END_MARK "-- END PROG LOAD LOG --"

struct span {
    const char *at; /* borrowed from the log; NULL if there is none */
    int n;          /* characters */
};

struct verdict {
    struct span program;
    struct span cause;  /* the first line behind the last instruction */
    struct span more;   /* the last such line, if there are several */
    struct span first;  /* the first line of the log that says anything */
    struct span source; /* the last annotation: "text @ file.c:31" */
    struct span reason; /* since 7.3, these three: lines of one paragraph */
    struct span place;  /* "function @ file.c:31:9" */
    struct span advice;
    struct span *paragraph; /* of these, the one that this line goes on with */
    int headings;           /* whether "Verification failed" was said */
};

/* Of the helpers that bpf_base_func_proto (kernel/bpf/helpers.c) keeps for who may
 * watch the kernel: networking and cgroup programs load without that. */
#define NEEDS_PERFMON                                                               \
    "in a program of this type only a process with cap_perfmon may load a call of " \
    "that helper"

/* What to do, by what the verifier says; the first row that fits counts. */
static const struct {
    const char *words[3]; /* NULL behind the last */
    const char *advice;
} advices[] = {
    {{"access to packet", "outside of the packet"},
     "compare the end of what is read with data_end first: if (data + size > data_end) "
     "return ...;"},
    {{"_or_null", "ossibly NULL pointer"},
     "the pointer may be NULL: test it before it is used"},
    {{"invalid mem access 'scalar'", "invalid mem access 'inv'"},
     "to the verifier this is a number, no pointer: read kernel memory with "
     "BPF_CORE_READ() or bpf_probe_read_kernel(), a user's with bpf_probe_read_user()"},
    {{"infinite loop"},
     "the verifier sees no end of the loop: give it a constant bound, or use "
     "bpf_loop() or bpf_for()"},
    {{"back-edge"},
     "this kernel refuses the loop: give it a constant bound (since 5.3), or unroll it "
     "(#pragma unroll)"},
    {{"program is too large", "too complex"},
     "too many paths: use bpf_loop() for loops, and __noinline global functions, which "
     "are verified once"},
    {{"combined stack size"},
     "a program and the functions that it calls share 512 bytes of stack: keep big "
     "values in a per-CPU array"},
    {{"invalid write to stack"},
     "the stack has 512 bytes: keep big values in a per-CPU array, and write only "
     "inside of local variables"},
    {{"prohibited for !root", "prohibited for unprivileged"},
     "only a process with cap_perfmon may load a program that indexes its stack by a "
     "variable: keep the array in a per-CPU map"},
    /* Said in its place where the CPU's mitigations are off: bpf_bypass_spec_v1() of
     * 6.7 (include/linux/bpf.h) lets the index pass, check_stack_write_var_off() not */
    {{"spilled ptr in range of var-offset"},
     "only a process with cap_perfmon may load a program that indexes its stack by a "
     "variable where pointers are on it: keep the array in a per-CPU map"},
    {{"variable-offset", "variable stack access"},
     "the verifier sees no bound of the index: compare it with the size first, or mask "
     "it"},
    {{"read from stack"},
     "part of it was never written: initialise the variable, padding included (= {}, "
     "or __builtin_memset); a process with cap_perfmon needs not, since 6.3"},
    {{"!read_ok"},
     "it was not set on every way to here: initialise the variable, and return a value "
     "from every path"},
    {{"nreleased reference", "reference leak"},
     "give back what was acquired, on every path: bpf_ringbuf_submit() or _discard(), "
     "bpf_sk_release(), bpf_task_release() ..."},
    {{"GPL"},
     "the helper is for GPL-compatible programs: char LICENSE[] SEC(\"license\") = "
     "\"GPL\" or \"Dual MIT/GPL\""},
    {{"helper bpf_trace_printk#", "helper bpf_trace_vprintk#", "func bpf_trace_"},
     NEEDS_PERFMON},
    {{"helper bpf_probe_read", "func bpf_probe_read"}, NEEDS_PERFMON},
    {{"helper bpf_get_current_task", "func bpf_get_current_task"}, NEEDS_PERFMON},
    {{"helper bpf_snprintf", "func bpf_snprintf"}, NEEDS_PERFMON},
    {{"BPF_STX uses reserved fields"},
     "before 5.12 kernels have no atomic operation but addition, and it gives nothing "
     "back: __atomic_fetch_add(p, n, __ATOMIC_RELAXED) without use of its value, or "
     "-mcpu=v2"},
    {{"address for kernel symbol"},
     "the symbol is in BTF and not in /proc/kallsyms: this kernel was built without "
     "CONFIG_KALLSYMS_ALL, or the module is not loaded"},
    {{"wasn't resolved"},
     "this kernel has no such function: declare it __weak and ask bpf_ksym_exists() "
     "before the call"},
    {{"wasn't created"}, "the map is switched off, or this kernel cannot create it"},
    {{"calling kernel function"},
     "this kernel does not allow that function in a program of this type"},
    {{"unknown func", "invalid func"},
     "this kernel has no such helper, or does not allow it in a program of this type"},
    {{"cannot use helper"},
     "this kernel does not allow the helper in a program of this type"},
    {{"modified ctx ptr"},
     "read the context field by field, each at the constant offset that its struct "
     "says"},
    {{"bpf_context access"},
     "the context has no such field, or it may not be read or written at that size in "
     "a program of this type: copy it field by field, not by memcpy() or as a struct"},
    {{"access to map value"},
     "the verifier sees no bound of the offset: compare the index with the array's "
     "size first"},
    {{"unbounded min value", "unbounded minimum"},
     "the verifier sees no lower bound: make the offset unsigned, or mask it, before "
     "it "
     "is added to the pointer"},
    {{"only read is supported"},
     "programs do not write to the kernel's own memory: copy the value, or call the "
     "helper or kfunc that changes it"},
    {{"unbounded memory access"},
     "the verifier sees no upper bound: compare the size or index with a constant "
     "first, or mask it"},
    {{"min value is negative"},
     "the verifier sees no lower bound: make it unsigned, or compare it with 0 first"},
    {{"pointer -= pointer prohibited"},
     "only a process with cap_perfmon may load a program that subtracts pointers: "
     "compare data + N with data_end, or ask for the length (skb->len, "
     "bpf_xdp_get_buff_len())"},
    {{"32-bit pointer arithmetic"},
     "only numbers can be added to and subtracted from a pointer, at its whole width"},
    {{"leaks addr"},
     "only a process with cap_perfmon may load a program that reveals kernel "
     "addresses"},
    {{"pointer comparison prohibited"},
     "only a process with cap_perfmon may load a program that compares pointers"},
    {{"might sleep"},
     "only a sleepable program may call it: SEC(\"fentry.s/...\"), SEC(\"lsm.s/...\"), "
     "SEC(\"iter.s/...\"), SEC(\"uprobe.s/...\")"},
    {{"rogram exit the register R0"},
     "programs of this type may return only some values"},
    {{" expected="},
     "the function wants another kind of pointer: copy the value into a local variable "
     "and pass its address"},
};

/* Lines that accompany a verdict and are none. */
static const char *const noise[] = {
    "processed ",
    "max_states_per_insn ",
    "verification time ",
    "stack depth ",
    "insns processed ",
    "cur state:",
    "old state:",
    "mark_precise:",
    "last_idx ",
    "regs=",
    "parent ",
    "from ",
    "func#",
    "caller:",
    "callee:",
    "frame",
    "returning from callee",
    "to caller at",
    "propagating ",
    "R0=",
    "R1=",
    "R6=",
    "R10=",
    "arg#0 reference type('UNKNOWN ')",
    "Verification failed",
};

static int
starts(struct span line, const char *words)
{
    size_t n = strlen(words);

    return (size_t)line.n >= n && memcmp(line.at, words, n) == 0;
}

static struct span
trim(const char *from, const char *to)
{
    while (from < to && strchr(" \t\r", *from) != NULL) {
        from++;
    }
    while (to > from && strchr(" \t\r", to[-1]) != NULL) {
        to--;
    }
    return (struct span){from, (int)(to - from)};
}

static int
is_noise(struct span line)
{
    for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
        if (starts(line, noise[i])) {
            return 1;
        }
    }
    return line.n == 0;
}

/* "12: (bf) r1 = r2" */
static int
is_instruction(struct span line)
{
    int i = 0;

    while (i < line.n && line.at[i] >= '0' && line.at[i] <= '9') {
        i++;
    }
    return i > 0 && i < line.n && line.at[i] == ':';
}

/* A line below "Verification failed": a heading, or one of the paragraph below it. Of
 * a place only the first line is one; code follows. */
static void
read_new_line(struct verdict *verdict, struct span line)
{
    struct {
        const char *words;
        struct span *paragraph;
    } headings[] = {
        {"Reason:", &verdict->reason},
        {"At:", &verdict->place},
        {"Suggestion:", &verdict->advice},
    };
    struct span *paragraph = verdict->paragraph;

    for (size_t i = 0; i < sizeof(headings) / sizeof(headings[0]); i++) {
        if (starts(line, headings[i].words) && !headings[i].paragraph->at) {
            verdict->paragraph = headings[i].paragraph;
            return;
        }
    }
    if (line.n == 0 || (paragraph == &verdict->place && paragraph->at != NULL)) {
        verdict->paragraph = NULL;
    }
    else if (paragraph != NULL) {
        paragraph->at = paragraph->at ? paragraph->at : line.at;
        paragraph->n = (int)(line.at + line.n - paragraph->at);
    }
}

/* Take what one line of the log says; each instruction makes a new start, for the cause
 * stands behind the last one. */
static void
read_line(struct verdict *verdict, struct span line)
{
    if (starts(line, "Verification failed")) {
        verdict->headings = 1;
    }
    else if (verdict->headings) {
        read_new_line(verdict, line);
    }
    else if (starts(line, "; ") || is_instruction(line)) {
        verdict->cause = verdict->more = (struct span){NULL, 0};
        if (line.at[0] == ';') {
            verdict->source = trim(line.at + 1, line.at + line.n);
        }
    }
    else if (is_noise(line)) {
        return;
    }
    else if (verdict->cause.at == NULL) {
        verdict->cause = line;
        verdict->first = verdict->first.at ? verdict->first : line;
    }
    else {
        verdict->more = line;
    }
}

/* Read the last program's log; 0, or -1 if there is none. */
static int
read_log(struct verdict *verdict, const char *log)
{
    const char *begin = NULL, *end, *at, *name;

    for (at = strstr(log, BEGIN_MARK); at != NULL; at = strstr(at + 1, BEGIN_MARK)) {
        begin = at;
    }
    if (begin == NULL) {
        return -1;
    }
    name = begin;
    while (name > log && name[-1] != '\n') {
        name--;
    }
    if (strncmp(name, "prog '", 6) == 0 && begin - name > 9) {
        verdict->program = (struct span){name + 6, (int)(begin - name) - 9};
    }
    end = strstr(begin, END_MARK);
    end = end ? end : begin + strlen(begin);
    for (at = begin + strlen(BEGIN_MARK); at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        stop = stop ? stop : end;
        read_line(verdict, trim(at, stop));
        at = stop + 1;
    }
    return 0;
}

static const char *
find_advice(const char *cause)
{
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
        const char *const *words = advices[i].words;

        for (int j = 0; j < 3 && words[j] != NULL; j++) {
            if (strstr(cause, words[j]) != NULL) {
                return advices[i].advice;
            }
        }
    }
    return NULL;
}

/* Write a paragraph as one line below the others; nothing if there is none. */
static void
describe_paragraph(struct span paragraph, char *text, size_t size)
{
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < paragraph.n && n + 4 < size; i++) {
        int is_space = strchr(" \t\r\n", paragraph.at[i]) != NULL;

        if (i == 0) {
            n = (size_t)snprintf(text, size, "\n  ");
        }
        if (!is_space || text[n - 1] != ' ') {
            text[n++] = is_space ? ' ' : paragraph.at[i];
            text[n] = '\0';
        }
    }
}

/* "\n  at file.c:31  `text`"; the file is missing before Linux 6.9. Without any
 * annotation the place of 7.3 has the function's name for a text. */
static void
describe_source(const struct verdict *verdict, char *text, size_t size)
{
    struct span source = verdict->source.n ? verdict->source : verdict->place;
    const char *place = NULL;

    text[0] = '\0';
    for (int i = 0; i + 3 < source.n; i++) {
        if (memcmp(source.at + i, " @ ", 3) == 0) {
            place = source.at + i + 3;
        }
    }
    if (place != NULL) {
        struct span words = trim(source.at, place - 3);

        snprintf(text, size, "\n  at %.*s  `%.*s`", (int)(source.at + source.n - place),
                 place, words.n, words.at);
    }
    else if (source.n > 0) {
        snprintf(text, size, "\n  at `%.*s`", source.n, source.at);
    }
}

int
tb_verifier_explain(const char *log, char *text, size_t size)
{
    struct verdict verdict = {0};
    char cause[512], source[512], reason[512], advice[512];
    const char *ours;
    struct span more;

    if (read_log(&verdict, log) < 0) {
        return -1;
    }
    describe_source(&verdict, source, sizeof(source));
    describe_paragraph(verdict.reason, reason, sizeof(reason));
    describe_paragraph(verdict.advice, advice, sizeof(advice));
    if (verdict.cause.at == NULL && reason[0] == '\0') {
        verdict.cause = verdict.first;
    }
    if (verdict.cause.at != NULL) {
        more = verdict.more;
        snprintf(cause, sizeof(cause), "%.*s%s%.*s", verdict.cause.n, verdict.cause.at,
                 more.n ? "; " : "", more.n, more.n ? more.at : "");
    }
    else if (reason[0] != '\0') {
        snprintf(cause, sizeof(cause), "%s", reason + strlen("\n  "));
        reason[0] = '\0';
    }
    else {
        return -1;
    }
    ours = find_advice(cause);
    snprintf(text, size, "program '%.*s': %s%s%s%s%s", verdict.program.n,
             verdict.program.at ? verdict.program.at : "", cause, source, reason,
             ours ? "\n  " : advice, ours ? ours : "");
    return 0;
}
