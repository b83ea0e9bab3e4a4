/* SPDX-License-Identifier: MIT
 *
 * What exec leaves of a caller, and what is done about it (isolate.h).
 *
 * With AT_SECURE set the kernel itself has cleared the personality, the signal of a
 * parent's death and the size of the stack, keeps tracers away and writes no core; what
 * is named here it leaves as it was. Nothing is allocated, for the allocator reads the
 * environment.
 */
#include "isolate.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436 /* Linux 5.9 */
#endif

enum { MOST_DESCRIPTORS = 1 << 20 /* fs.nr_open, as kernels have it */ };

extern char **environ;

static char path[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static char *environment[] = {path, NULL};

/* Those whose soft limit may be raised to the hard one, which takes no privilege. */
static const int limits[] = {
    RLIMIT_AS,     RLIMIT_CPU,   RLIMIT_DATA,  RLIMIT_FSIZE,      RLIMIT_MEMLOCK,
    RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_STACK, RLIMIT_SIGPENDING, RLIMIT_LOCKS,
};

/* What a terminal and nohup say by ignoring a signal is no more than how to end. */
static const int kept_signals[] = {SIGHUP, SIGINT, SIGQUIT};

/* A file that is opened later must not become standard output. musl does the same for
 * whoever has AT_SECURE set; this does not rely on it. */
static void
open_standard(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) {
            _exit(2);
        }
    }
}

static void
close_others(void)
{
    if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0) {
        return;
    }
    for (int fd = STDERR_FILENO + 1; fd < MOST_DESCRIPTORS; fd++) {
        close(fd);
    }
}

/* Where a limit is reached is where a program fails, and the caller would choose it. */
static void
raise_limits(void)
{
    static const struct rlimit none = {0, 0};
    struct rlimit limit;

    (void)setrlimit(RLIMIT_CORE, &none);
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (getrlimit(limits[i], &limit) == 0) {
            limit.rlim_cur = limit.rlim_max;
            (void)setrlimit(limits[i], &limit);
        }
    }
}

static int
is_kept(int number)
{
    size_t i = 0;

    while (i < sizeof(kept_signals) / sizeof(kept_signals[0]) &&
           kept_signals[i] != number) {
        i++;
    }
    return i < sizeof(kept_signals) / sizeof(kept_signals[0]);
}

static void
reset_signals(void)
{
    static const struct itimerval never = {{0, 0}, {0, 0}};
    static const int timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    sigset_t none;

    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        (void)setitimer(timers[i], &never, NULL);
    }
    for (int number = 1; number < _NSIG; number++) {
        if (!is_kept(number)) {
            (void)signal(number, SIG_IGN); /* forgets those that wait, too */
            (void)signal(number, SIG_DFL);
        }
    }
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void
tbr_isolate(void)
{
    environ = environment;
    open_standard();
    close_others();
    raise_limits();
    reset_signals();
    umask(S_IRWXG | S_IRWXO);
}
