/* SPDX-License-Identifier: MIT
 *
 * The clock of fuzzers (watch.h): a signal after so much time of the processor.
 */
#include "watch.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#define HANG_S 10

static void
hang(int number)
{
    static const char text[] = "an input takes more than 10 seconds\n";

    (void)number;
    if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0) {
        abort(); /* libFuzzer keeps the input */
    }
}

static void
set_timer(int seconds)
{
    struct itimerval timer = {.it_value = {.tv_sec = seconds}};

    signal(SIGPROF, hang);
    setitimer(ITIMER_PROF, &timer, NULL);
}

void
watch_begin(void)
{
    set_timer(HANG_S);
}

void
watch_end(void)
{
    set_timer(0);
}
