/* SPDX-License-Identifier: MIT
 *
 * Refuse to be a privilege boundary.
 *
 * A caller controls the environment, the working directory and the script of a
 * Python: with AT_SECURE set, any of them would run with privilege that the caller
 * does not have. Until there is an isolated mode, the answer is no, before anything of
 * the caller's is looked at: mimalloc reads its variables before main().
 */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char reason[] =
    "tinybpf-run: refusing to start with privilege that the caller lacks (setuid,\n"
    "setgid or file capabilities): the script and the environment are the caller's.\n"
    "Give capabilities to the process instead, for example:\n"
    "  setpriv --reuid=1000 --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon \\\n"
    "      tinybpf-run script.py\n";

/* Leave with status 2 and the reason when the kernel says that this process runs with
 * privilege its caller lacks. The first constructor of all: 101 is the lowest priority
 * that is not the compiler's own. */
__attribute__((constructor(101))) static void
refuse_secure(void)
{
    if (getauxval(AT_SECURE) == 0) {
        return;
    }
    /* The status says it, too, should stderr be closed. */
    (void)!write(STDERR_FILENO, reason, strlen(reason));
    _exit(2);
}
