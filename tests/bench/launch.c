/* SPDX-License-Identifier: MIT
 *
 * Start a program and print what that cost: nanoseconds from before its start to
 * after its end, and the most memory that it had (KiB). It exists because a child
 * of Python would count Python's own memory as its own until it has called exec.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int
main(int argc, char **argv)
{
    struct rusage usage;
    long long start_ns, end_ns;
    int status, quiet;
    pid_t pid;

    if (argc < 2) {
        return 2;
    }
    quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    start_ns = now_ns();
    pid = vfork();
    if (pid == 0) {
        dup2(quiet, 1);
        execve(argv[1], argv + 1, environ);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        return 1;
    }
    end_ns = now_ns();
    if (status != 0) {
        fprintf(stderr, "%s: status %#x\n", argv[1], status);
        return 1;
    }
    printf("%lld %ld\n", end_ns - start_ns, usage.ru_maxrss);
    return 0;
}
