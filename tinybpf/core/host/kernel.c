/* SPDX-License-Identifier: MIT
 *
 * uname(2) and settings, read (host/kernel.h). Distributions carry features back into
 * old releases: an old number alone does not say that a kernel lacks something.
 */
#include "host/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

int
tb_kernel_is_before(const char *version, char *text, size_t size)
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

/* The first line of a file; "" if it cannot be read. */
static void
read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");

    line[0] = '\0';
    if (file != NULL) {
        if (fgets(line, (int)size, file) == NULL) {
            line[0] = '\0';
        }
        fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
}

/* The file marks one of its words: "none [integrity] confidentiality". */
void
tb_kernel_lockdown(char *text, size_t size)
{
    char line[128], *begin, *end;

    text[0] = '\0';
    read_line("/sys/kernel/security/lockdown", line, sizeof(line));
    begin = strchr(line, '[');
    end = begin ? strchr(begin, ']') : NULL;
    if (end != NULL && strncmp(begin, "[none]", 6) != 0) {
        snprintf(text, size, "%.*s", (int)(end - begin) - 1, begin + 1);
    }
}

int
tb_kernel_paranoid(void)
{
    char line[32];

    read_line("/proc/sys/kernel/perf_event_paranoid", line, sizeof(line));
    return line[0] != '\0' ? atoi(line) : -1;
}

void
tb_kernel_security_modules(char *text, size_t size)
{
    read_line("/sys/kernel/security/lsm", text, size);
}
