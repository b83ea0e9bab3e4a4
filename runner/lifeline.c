/* SPDX-License-Identifier: MIT
 *
 * The far end of --ssh (lib/library/_tbpy_bundling/remote.py is the near one).
 *
 * The executable lies alone in a private folder whose name has a random word in it; the
 * first argument has the same word. Once the kernel has mapped the file it is not
 * needed any more. Standard input is the lifeline: while it is open a byte on it is a
 * signal to send, and its end, by whatever way the connection has ended, is the end of
 * the program: SIGTERM, and SIGKILL five seconds later, to all of its process group.
 */
#include "lifeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char option[] = "--tbpy-lifeline=";
static const char folder_prefix[] = "/.tinybpf-";

enum { STATUS_FAILED = 255, SIGNALLED = 128, GRACE_S = 5 };

/* Whether somebody wants this process to end. */
static volatile sig_atomic_t is_over;

/* Remove the executable and its folder, if the folder's name ends in this word: 1, or 0
 * if it is another, and then nothing is done. */
static int
remove_self(const char *word)
{
    const char *path = (const char *)getauxval(AT_EXECFN);
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    char folder[4096];
    const char *name;

    if (slash == NULL || *word == '\0' || slash - path >= (long)sizeof(folder)) {
        return 0;
    }
    snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    name = strrchr(folder, '/');
    if (name == NULL || strncmp(name, folder_prefix, strlen(folder_prefix)) != 0 ||
        strcmp(name + strlen(folder_prefix), word) != 0) {
        return 0;
    }
    (void)unlink(path);
    (void)rmdir(folder);
    return 1;
}

static void
on_end(int number)
{
    (void)number;
    is_over = 1;
}

static void
on_child(int number)
{
    (void)number; /* only so that ppoll() returns */
}

/* Read what the near end says: 0 once it says nothing any more. */
static int
obey(pid_t child)
{
    unsigned char said[64];
    ssize_t n = read(STDIN_FILENO, said, sizeof(said));

    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return 1;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (said[i] == SIGINT || said[i] == SIGTERM || said[i] == SIGQUIT) {
            (void)kill(-child, said[i]);
        }
    }
    return n > 0;
}

/* Wait for the child's end, or the lifeline's, which ends the child: its status. */
static int
watch(pid_t child, const sigset_t *unblocked)
{
    static const struct timespec grace = {GRACE_S, 0};
    struct pollfd line = {STDIN_FILENO, POLLIN, 0};
    const struct timespec *patience = NULL;
    int status;

    while (waitpid(child, &status, WNOHANG) == 0) {
        int n = ppoll(&line, 1, patience, unblocked);

        if (n == 0) {
            (void)kill(-child, SIGKILL);
        }
        if (patience == NULL && (is_over || (n > 0 && !obey(child)))) {
            (void)kill(-child, SIGTERM);
            line.fd = -1;
            patience = &grace;
        }
    }
    return status;
}

/* Let signals come while ppoll() waits, and at no other time. */
static void
catch_signals(sigset_t *out_unblocked)
{
    static const int ends[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = on_child};
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    (void)sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = on_end;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        sigaddset(&blocked, ends[i]);
        (void)sigaction(ends[i], &action, NULL);
    }
    (void)sigprocmask(SIG_BLOCK, &blocked, out_unblocked);
}

/* In the child: be a program of its own, with nothing to read, that does not outlive
 * who watches it. */
static void
begin(const sigset_t *unblocked)
{
    static const int numbers[] = {SIGCHLD, SIGHUP, SIGINT, SIGTERM};
    int fd = open("/dev/null", O_RDWR);

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        (void)signal(numbers[i], SIG_DFL);
    }
    (void)sigprocmask(SIG_SETMASK, unblocked, NULL);
    if (fd < 0) {
        close(STDIN_FILENO);
        return;
    }
    (void)dup2(fd, STDIN_FILENO);
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

void
tbr_lifeline_hold(int *argc, char **argv)
{
    size_t n = strlen(option);
    sigset_t unblocked;
    pid_t child;
    int status;

    if (*argc < 2 || strncmp(argv[1], option, n) != 0 || getauxval(AT_SECURE) != 0 ||
        !remove_self(argv[1] + n)) {
        return;
    }
    --*argc;
    memmove(argv + 1, argv + 2, (size_t)*argc * sizeof(*argv));
    catch_signals(&unblocked);
    child = fork();
    if (child < 0) {
        perror("tinybpf-run: --ssh: fork");
        _exit(STATUS_FAILED);
    }
    if (child == 0) {
        begin(&unblocked);
        return;
    }
    (void)setpgid(child, child);
    status = watch(child, &unblocked);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status));
}
