/* SPDX-License-Identifier: MIT
 *
 * Be no privilege boundary, but where nothing of the caller's can matter.
 *
 * A caller controls the environment, the working directory and the script of a
 * Python: with AT_SECURE set, any of them would run with privilege that the caller
 * does not have. A bundle has its own script, and can do without the rest
 * (isolate.c); all others refuse, and so does whatever changes the user: files and
 * processes of that one would be the caller's, too. It is decided before anything of
 * the caller's is looked at: mimalloc reads its variables before main().
 */
#include "privilege.h"

#include "bundle.h"
#include "isolate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char for_bundles[] =
    "tinybpf-run: refusing to start with privilege that the caller lacks (setuid,\n"
    "setgid or file capabilities): the script and the environment are the caller's.\n"
    "Give capabilities to the process instead, for example:\n"
    "  setpriv --reuid=1000 --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon \\\n"
    "      tinybpf-run script.py\n"
    "or to a bundle, which runs its own script alone:\n"
    "  tinybpf-run --bundle -o TOOL script.py && setcap cap_bpf,cap_perfmon+ep TOOL\n";

static const char for_files[] =
    "refusing to start setuid or setgid: give the file capabilities instead, for\n"
    "example setcap cap_bpf,cap_perfmon+ep TOOL; with them it runs as its caller\n";

/* Leave with status 2; the status says it, too, should stderr be closed. */
_Noreturn static void
refuse(const char *reason)
{
    (void)!write(STDERR_FILENO, reason, strlen(reason));
    _exit(2);
}

static int
is_other_user(void)
{
    return getauxval(AT_UID) != getauxval(AT_EUID) ||
           getauxval(AT_GID) != getauxval(AT_EGID);
}

int
tbr_privilege_is_isolated(void)
{
    return getauxval(AT_SECURE) != 0;
}

/* The first constructor of all: 101 is the lowest priority that is not the compiler's
 * own. */
__attribute__((constructor(101))) static void
decide(void)
{
    if (getauxval(AT_SECURE) == 0) {
        return;
    }
    if (!tbr_bundle_is_there()) {
        refuse(for_bundles);
    }
    if (is_other_user()) {
        refuse(for_files);
    }
    tbr_isolate();
}
