/* SPDX-License-Identifier: MIT
 *
 * The steps of giving up privileges (host/drop.h), in the one order that works: each
 * takes capabilities that a later one gives up.
 *
 * What is left is the same in every set: permitted, effective and bounding have what
 * is kept, inheritable and ambient nothing, so that programs which are started have no
 * capabilities. Root's uid has none of its own any more (SECBIT_NOROOT, locked).
 */
#include "host/drop.h"

#include "host/capability.h"

#include <linux/capability.h>
#include <linux/securebits.h>

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { BITS = 64 };

static const unsigned long secure =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED;

static const uint64_t for_users = (uint64_t)1 << CAP_SETUID | (uint64_t)1 << CAP_SETGID;

static int
prctl1(int option, unsigned long arg)
{
    int rc = prctl(option, arg, 0L, 0L, 0L);

    return rc < 0 ? -errno : rc;
}

/* What is permitted becomes effective. */
static int
use_permitted(const struct tb_drop *drop)
{
    struct tb_capability_sets sets;
    int err = tb_capability_get(&sets);

    (void)drop;
    if (err == 0 && sets.effective != sets.permitted) {
        sets.effective = sets.permitted;
        err = tb_capability_set(&sets);
    }
    return err;
}

/* From here on a change of the user changes no capabilities. */
static int
set_secure_bits(const struct tb_drop *drop)
{
    int bits = prctl1(PR_GET_SECUREBITS, 0);

    if (bits < 0) {
        return bits;
    }
    if (drop->is_whole) {
        return prctl1(PR_SET_SECUREBITS, (unsigned long)bits | secure);
    }
    return bits & SECBIT_NO_SETUID_FIXUP ? 0 : prctl1(PR_SET_KEEPCAPS, 1);
}

/* Of the capabilities that the kernel knows, which has others than this file. */
static int
empty_bounding_set(const struct tb_drop *drop)
{
    int err = 0;

    for (unsigned long i = 0; drop->is_whole && i < BITS && err == 0; i++) {
        if ((drop->keep >> i & 1) == 0 && prctl1(PR_CAPBSET_READ, i) == 1) {
            err = prctl1(PR_CAPBSET_DROP, i);
        }
    }
    return err;
}

static int
has(const gid_t *groups, int n, gid_t wanted)
{
    int i = 0;

    while (i < n && groups[i] != wanted) {
        i++;
    }
    return i < n;
}

/* Whether the groups of this process are those of a user, in whatever order. */
static int
are_groups(const struct tb_user *user)
{
    int n = getgroups(0, NULL), same;
    gid_t *groups = n >= 0 ? calloc((size_t)n + 1, sizeof(*groups)) : NULL;

    n = groups != NULL ? getgroups(n, groups) : -1;
    same = n >= 0;
    for (int i = 0; same && i < n; i++) {
        same = has(user->groups, user->n_groups, groups[i]);
    }
    for (int i = 0; same && i < user->n_groups; i++) {
        same = has(groups, n, user->groups[i]);
    }
    free(groups);
    return same;
}

/* Whether the user is who is wanted already; true without one. */
static int
is_user(const struct tb_user *user)
{
    uid_t uid[3];
    gid_t gid[3];

    if (user == NULL) {
        return 1;
    }
    return getresuid(&uid[0], &uid[1], &uid[2]) == 0 &&
           getresgid(&gid[0], &gid[1], &gid[2]) == 0 && uid[0] == user->uid &&
           uid[1] == user->uid && uid[2] == user->uid && gid[0] == user->gid &&
           gid[1] == user->gid && gid[2] == user->gid && are_groups(user);
}

static int
change_groups(const struct tb_drop *drop)
{
    const struct tb_user *user = drop->user;

    if (is_user(user)) {
        return 0;
    }
    return setgroups((size_t)user->n_groups, user->groups) < 0 ||
                   setresgid(user->gid, user->gid, user->gid) < 0
               ? -errno
               : 0;
}

static int
change_user(const struct tb_drop *drop)
{
    const struct tb_user *user = drop->user;

    if (is_user(user)) {
        return 0;
    }
    return setresuid(user->uid, user->uid, user->uid) < 0 ? -errno : 0;
}

/* Ambient capabilities that are not inheritable are gone by that, too (the kernel's
 * cap_capset()). */
static int
keep_capabilities(const struct tb_drop *drop)
{
    struct tb_capability_sets sets = {drop->keep, drop->keep, 0};

    return tb_capability_set(&sets);
}

static int
refuse_new_ones(const struct tb_drop *drop)
{
    (void)drop;
    return prctl1(PR_SET_NO_NEW_PRIVS, 1);
}

/* Read it all back: a kernel, or what plays one, that only says yes is found out. */
static int
look(const struct tb_drop *drop)
{
    struct tb_capability_sets sets;
    int exact = tb_capability_get(&sets) == 0 && sets.permitted == drop->keep &&
                sets.effective == drop->keep && sets.inheritable == 0 &&
                is_user(drop->user) && prctl1(PR_GET_NO_NEW_PRIVS, 0) == 1;

    for (unsigned long i = 0; drop->is_whole && i < BITS; i++) {
        exact = exact && ((drop->keep >> i & 1) || prctl1(PR_CAPBSET_READ, i) != 1);
    }
    return exact ? 0 : -EPERM;
}

static const struct {
    int (*take)(const struct tb_drop *drop);
    const char *what;
} steps[] = {
    {use_permitted, "making capabilities effective"},
    {set_secure_bits, "setting the secure bits"},
    {empty_bounding_set, "emptying the bounding set"},
    {change_groups, "changing the groups"},
    {change_user, "changing the user"},
    {keep_capabilities, "giving up capabilities"},
    {refuse_new_ones, "setting no_new_privs"},
    {look, "looking whether all is given up"},
};

/* Say that capabilities are not there to be kept. */
static int
say_missing(uint64_t missing, char *text, size_t size)
{
    uint64_t unknown = 0;
    char names[256];

    for (uint64_t rest = missing; rest != 0; rest &= rest - 1) {
        uint64_t cap = rest & -rest;

        unknown |= tb_capability_exists(cap) ? 0 : cap;
    }
    tb_capability_write(unknown ? unknown : missing, names, sizeof(names));
    if (unknown != 0) {
        snprintf(text, size, "this kernel does not know %s", names);
    }
    else {
        snprintf(text, size, "this process does not have %s, and cannot keep it",
                 names);
    }
    return -EPERM;
}

int
tb_drop_check(const struct tb_drop *drop, char *text, size_t size)
{
    uint64_t needed = drop->is_whole ? (uint64_t)1 << CAP_SETPCAP : 0;
    struct tb_capability_sets sets;
    char names[256];
    int err = tb_capability_get(&sets);

    if (err != 0) {
        snprintf(text, size, "reading the capabilities failed: %s", strerror(-err));
        return err;
    }
    if (drop->keep & ~sets.permitted) {
        return say_missing(drop->keep & ~sets.permitted, text, size);
    }
    needed |= is_user(drop->user) ? 0 : for_users;
    if (needed & ~sets.permitted) {
        tb_capability_write(needed & ~sets.permitted, names, sizeof(names));
        snprintf(text, size, "this process lacks %s, which root has", names);
        return -EPERM;
    }
    return 0;
}

int
tb_drop_now(const struct tb_drop *drop, char *text, size_t size)
{
    int err = 0;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && err == 0; i++) {
        err = steps[i].take(drop);
        if (err != 0) {
            snprintf(text, size, "%s failed: %s", steps[i].what, strerror(-err));
        }
    }
    return err;
}
