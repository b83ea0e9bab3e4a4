/* SPDX-License-Identifier: MIT
 *
 * uname(2), read (host/kernel.h). Distributions carry features back into old releases:
 * an old number alone does not say that a kernel lacks something.
 */
#include "host/kernel.h"

#include <stdio.h>
#include <sys/utsname.h>

int
tb_release_is_before(const char *version, char *text, size_t size)
{
    unsigned int major = 0, minor = 0, than_major = 0, than_minor = 0;
    struct utsname name;

    if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2 ||
        sscanf(version, "%u.%u", &than_major, &than_minor) != 2) {
        return 0;
    }
    if (text != NULL) {
        snprintf(text, size, "%s", name.release);
    }
    return major < than_major || (major == than_major && minor < than_minor);
}
