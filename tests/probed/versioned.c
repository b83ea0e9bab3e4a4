/* SPDX-License-Identifier: MIT
 *
 * A library with two versions of the function work (versioned.map), which can be run as
 * it is: it calls that of V_1 once, and twice that of V_2, which is the default. No
 * library of C is in it.
 */
#if defined(__x86_64__)
#define EXIT "mov $60, %eax\n xor %edi, %edi\n syscall"
#else
#define EXIT "mov x8, #93\n mov x0, #0\n svc #0"
#endif
#define EXPORTED __attribute__((noinline, used, visibility("default"))) void

EXPORTED
work_old(void)
{
    __asm__ volatile("nop");
}

EXPORTED
work_new(void)
{
    __asm__ volatile("nop\n nop");
}

__asm__(".symver work_old, work@V_1\n .symver work_new, work@@V_2");

EXPORTED
_start(void)
{
    work_old();
    work_new();
    work_new();
    __asm__ volatile(EXIT);
}
