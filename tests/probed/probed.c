/* SPDX-License-Identifier: MIT
 *
 * What tests attach uprobes to: functions of its own, a static tracepoint and its
 * counter. It does what the letters on standard input say, and answers each with a
 * line: a, b and c call work_one, work_two and work_three (which return their argument
 * and 10, 20, 30); t passes the tracepoint demo:tick, with a number that rises, and
 * writes how many listen; r answers only. It ends at end of file.
 */
#include <stdio.h>

/* Like the _SDT_ macros of systemtap's sys/sdt.h (its format is public): a nop, and a
 * note with its address, that of .stapsdt.base and that of the counter, which the
 * kernel raises while somebody listens. */
#if defined(__x86_64__)
#define ARGUMENT "-4@%%edi"
#define PASS(n) __asm__ volatile(NOTE : : "D"(n))
#else
#define ARGUMENT "-4@x0"
#define PASS(n)                                   \
    do {                                          \
        register int argument __asm__("w0");      \
        argument = (n);                           \
        __asm__ volatile(NOTE : : "r"(argument)); \
    } while (0)
#endif
#define NOTE                                                      \
    "990: nop\n"                                                  \
    ".pushsection .note.stapsdt,\"\",\"note\"\n"                  \
    ".balign 4\n.4byte 992f-991f,994f-993f,3\n"                   \
    "991: .asciz \"stapsdt\"\n992: .balign 4\n"                   \
    "993: .8byte 990b,0,demo_tick_semaphore\n"                    \
    ".asciz \"demo\"\n.asciz \"tick\"\n.asciz \"" ARGUMENT "\"\n" \
    "994: .balign 4\n.popsection\n"

/* On a page of its own: the kernel takes the first writable mapping of the page in the
 * file, which with -z relro may be another one (valid_ref_ctr_vma). */
__attribute__((section(".probes"), used,
               aligned(4096))) volatile unsigned short demo_tick_semaphore;

__attribute__((noinline, used)) int
work_one(int n)
{
    __asm__ volatile("" : "+r"(n));
    return n + 10;
}

__attribute__((noinline, used)) int
work_two(int n)
{
    __asm__ volatile("" : "+r"(n));
    return n + 20;
}

__attribute__((noinline, used)) int
work_three(int n)
{
    __asm__ volatile("" : "+r"(n));
    return n + 30;
}

__attribute__((noinline)) static int
tick(int n)
{
    PASS(n);
    return demo_tick_semaphore;
}

int
main(void)
{
    int command, ticks = 0;

    while ((command = getchar()) != EOF) {
        switch (command) {
        case 'a':
            printf("%d\n", work_one(1));
            break;
        case 'b':
            printf("%d\n", work_two(2));
            break;
        case 'c':
            printf("%d\n", work_three(3));
            break;
        case 't':
            printf("%d\n", tick(++ticks));
            break;
        case 'r':
            printf("0\n");
            break;
        default:
            return 1;
        }
        fflush(stdout);
    }
    return 0;
}
