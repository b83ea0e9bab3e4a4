/* SPDX-License-Identifier: MIT
 *
 * Find the path of the running executable, for sys.executable: subprocess and
 * multiprocessing start it again.
 *
 * /proc/self/exe is exact, but an empty root has no /proc; then the name that the
 * kernel was given (AT_EXECFN) is taken, which exec resolved from this directory.
 */
#include "executable.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char self[] = "/proc/self/exe";

/* Copy a path if it fits: 0 or -1. */
static int
copy(char *out_path, size_t size, const char *path)
{
    size_t length = strlen(path);

    if (length >= size) {
        return -1;
    }
    memcpy(out_path, path, length + 1);
    return 0;
}

int
tbr_executable_find(char *out_path, size_t size)
{
    ssize_t n = readlink(self, out_path, size - 1);
    const char *name = (const char *)getauxval(AT_EXECFN);
    char resolved[PATH_MAX];

    if (n > 0) {
        out_path[n] = '\0';
        if (access(out_path, X_OK) == 0) {
            return 0;
        }
        /* Deleted, or never a file (memfd): a child can still exec the link itself. */
        return copy(out_path, size, self);
    }
    if (name == NULL || realpath(name, resolved) == NULL) {
        return -1;
    }
    return copy(out_path, size, resolved);
}
