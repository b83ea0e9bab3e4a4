/* SPDX-License-Identifier: MIT
 *
 * Looks users and groups up (host/user.h), by the C library: glibc's asks whom
 * /etc/nsswitch.conf names, musl's reads /etc/passwd and /etc/group. A number needs
 * neither if the group is said, too.
 */
#include "host/user.h"

#include "base/nearest.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 16384 }; /* the longest line of /etc/passwd and /etc/group that is read */

/* What is known of a user. */
struct account {
    uid_t uid;
    gid_t gid;
    char name[TB_NEAREST_NAME]; /* "": only his number is known */
};

/* Read a number of a user or group: 1, 0 if the text is a name, or -1 if it is out of
 * range. The largest means "leave it as it is" to setresuid(2). */
static int
read_number(const char *text, uint32_t *out)
{
    char *end;
    unsigned long long number;

    if (text[strspn(text, "0123456789")] != '\0') {
        return 0;
    }
    errno = 0;
    number = strtoull(text, &end, 10);
    *out = (uint32_t)number;
    return errno == 0 && number < UINT32_MAX ? 1 : -1;
}

static int
say_range(const char *what, char *text, size_t size)
{
    snprintf(text, size, "'%.64s' is out of range: users and groups are below %u", what,
             UINT32_MAX);
    return -EINVAL;
}

/* Say that a look-up failed: errnum, or nothing was found. */
static int
say_failed(const char *kind, const char *name, int errnum, char *text, size_t size)
{
    snprintf(text, size, "look-up of the %s '%.64s' failed: %s", kind, name,
             strerror(errnum));
    return -errnum;
}

/* Say that there is no such name, and which of a file comes nearest; the name itself
 * is there if the look-up met with a passing failure. */
static int
say_unknown(const char *kind, const char *path, const char *name, char *text,
            size_t size)
{
    FILE *file = fopen(path, "re");
    int is_user = kind[0] == 'u', is_there = 0;
    struct tb_nearest nearest;
    const struct passwd *user;
    const struct group *group;

    if (file == NULL) {
        snprintf(text, size, "there is no %s '%.64s': no %s here; say numbers, UID:GID",
                 kind, name, path);
        return -ENOENT;
    }
    tb_nearest_start(&nearest, name);
    while (is_user && (user = fgetpwent(file)) != NULL) {
        is_there |= strcmp(user->pw_name, name) == 0;
        tb_nearest_offer(&nearest, user->pw_name);
    }
    while (!is_user && (group = fgetgrent(file)) != NULL) {
        is_there |= strcmp(group->gr_name, name) == 0;
        tb_nearest_offer(&nearest, group->gr_name);
    }
    fclose(file);
    if (is_there) {
        return say_failed(kind, name, EAGAIN, text, size);
    }
    snprintf(text, size, "there is no %s '%.64s'", kind, name);
    tb_nearest_append(&nearest, "", text, size);
    return -ENOENT;
}

/* Find who it is; a number that nobody has is an account without a name, and so is
 * every number of which no more is needed. Not found is told in several ways
 * (getpwnam(3)). */
static int
find_account(const char *name, int is_number_enough, struct account *out, char *text,
             size_t size)
{
    int is_number = read_number(name, &out->uid);
    struct passwd entry, *found = NULL;
    char line[LINE];
    int errnum;

    if (is_number < 0) {
        return say_range(name, text, size);
    }
    out->name[0] = '\0';
    if (is_number && is_number_enough) {
        return 0;
    }
    errnum = is_number ? getpwuid_r(out->uid, &entry, line, sizeof(line), &found)
                       : getpwnam_r(name, &entry, line, sizeof(line), &found);
    if (found != NULL) {
        out->uid = found->pw_uid;
        out->gid = found->pw_gid;
        snprintf(out->name, sizeof(out->name), "%s", found->pw_name);
        return 0;
    }
    if (errnum == ENOMEM || errnum == EMFILE || errnum == ENFILE || errnum == ERANGE) {
        return say_failed("user", name, errnum, text, size);
    }
    return is_number ? 0 : say_unknown("user", "/etc/passwd", name, text, size);
}

/* Find a group's number, which nobody need have. */
static int
find_group(const char *name, gid_t *out_gid, char *text, size_t size)
{
    int is_number = read_number(name, out_gid);
    struct group entry, *found = NULL;
    char line[LINE];
    int errnum;

    if (is_number != 0) {
        return is_number < 0 ? say_range(name, text, size) : 0;
    }
    errnum = getgrnam_r(name, &entry, line, sizeof(line), &found);
    if (found != NULL) {
        *out_gid = found->gr_gid;
        return 0;
    }
    if (errnum == ENOMEM || errnum == EMFILE || errnum == ENFILE || errnum == ERANGE) {
        return say_failed("group", name, errnum, text, size);
    }
    return say_unknown("group", "/etc/group", name, text, size);
}

/* The groups that the machine says a user has; who has just a number has the one that
 * was found for him. */
static int
list_groups(const char *name, struct tb_user *user, char *text, size_t size)
{
    int n = 32, found = -1;

    for (int tries = 0; found < 0 && tries < 12; tries++) {
        gid_t *grown = realloc(user->groups, (size_t)n * sizeof(*grown));

        if (grown == NULL) {
            return say_failed("user", name, ENOMEM, text, size);
        }
        user->groups = grown;
        user->groups[0] = user->gid;
        user->n_groups = n;
        if (name[0] == '\0') {
            user->n_groups = 1;
            return 0;
        }
        found = getgrouplist(name, user->gid, user->groups, &user->n_groups);
        n *= 2;
    }
    return found < 0 ? say_failed("user", name, ERANGE, text, size) : 0;
}

/* The two parts of a text are there, and the second only behind a colon. */
static int
split(const char *spec, char *user, const char **out_group, char *text, size_t size)
{
    size_t n = strcspn(spec, ":");

    *out_group = spec[n] == ':' ? spec + n + 1 : NULL;
    if (n == 0 || n >= TB_NEAREST_NAME || (*out_group && (*out_group)[0] == '\0')) {
        snprintf(text, size, "'%.64s' is no user: say NAME, UID or UID:GID", spec);
        return -EINVAL;
    }
    memcpy(user, spec, n);
    user[n] = '\0';
    return 0;
}

int
tb_user_find_nogil(const char *spec, struct tb_user *out_user, char *text, size_t size)
{
    char name[TB_NEAREST_NAME];
    const char *group;
    struct account account = {0};
    int err;

    memset(out_user, 0, sizeof(*out_user));
    err = split(spec, name, &group, text, size);
    if (err == 0) {
        err = find_account(name, group != NULL, &account, text, size);
    }
    if (err == 0 && group != NULL) {
        account.name[0] = '\0';
        err = find_group(group, &account.gid, text, size);
    }
    else if (err == 0 && account.name[0] == '\0') {
        snprintf(text, size,
                 "/etc/passwd has no user %s, so his group is not known: say it, too, "
                 "as in %s:%s",
                 name, name, name);
        err = -ENOENT;
    }
    if (err == 0) {
        out_user->uid = account.uid;
        out_user->gid = account.gid;
        err = list_groups(account.name, out_user, text, size);
    }
    if (err != 0) {
        tb_user_clear(out_user);
    }
    return err;
}

void
tb_user_clear(struct tb_user *user)
{
    free(user->groups);
    user->groups = NULL;
}
