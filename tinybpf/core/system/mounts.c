/* SPDX-License-Identifier: MIT
 *
 * Reader of /proc/self/mountinfo (system/mounts.h): proc_pid_mountinfo(5).
 */
#include "system/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* Put characters in the place of escapes of three octal digits. */
static void
unescape(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; at++) {
        unsigned int code;

        if (*at == '\\' && strspn(at + 1, "01234567") >= 3 &&
            sscanf(at + 1, "%3o", &code) == 1) {
            *to++ = (char)code;
            at += 3;
        }
        else {
            *to++ = *at;
        }
    }
    *to = '\0';
}

/* Take a line apart, which is written to; whether it is a mount of that type. */
static int
parse(char *line, const char *type, struct tb_mount *out)
{
    char *rest = strstr(line, " - "), *path = line, *end = NULL;
    unsigned int major, minor;
    size_t n = strlen(type);

    if (rest == NULL || sscanf(line, "%*s %*s %u:%u", &major, &minor) != 2) {
        return 0;
    }
    rest += strlen(" - ");
    if (strncmp(rest, type, n) != 0 || rest[n] != ' ') {
        return 0;
    }
    for (int i = 0; i < 4 && path != NULL; i++) {
        path = strchr(path, ' ');
        path = path ? path + 1 : NULL;
    }
    end = path ? strchr(path, ' ') : NULL;
    rest = strchr(rest + n + 1, ' ');
    if (end == NULL || rest == NULL) {
        return 0;
    }
    *end = '\0';
    unescape(path);
    rest[strcspn(rest, "\n")] = '\0';
    *out = (struct tb_mount){path, rest + 1, makedev(major, minor)};
    return 1;
}

int
tb_mounts_each_nogil(const char *type,
                     int (*visit)(const struct tb_mount *mount, void *ctx), void *ctx)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    struct tb_mount mount;
    char *line = NULL;
    size_t size = 0;
    int rc = 0;

    if (file == NULL) {
        return -errno;
    }
    while (rc == 0 && (errno = 0, getline(&line, &size, file)) > 0) {
        if (parse(line, type, &mount)) {
            rc = visit(&mount, ctx);
        }
    }
    rc = rc == 0 ? -errno : rc; /* the line found no memory */
    free(line);
    fclose(file);
    return rc;
}
