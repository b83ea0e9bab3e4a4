/* SPDX-License-Identifier: MIT
 *
 * Give up root's privileges as the command line says (drop.h). How that is done is the
 * core's: drop_privileges() of a script does the same by the same code.
 */
#include "drop.h"

#include "host/capability.h"
#include "host/drop.h"
#include "host/user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_REFUSED = 2, TEXT = 512 };

static const char user_option[] = "--user";
static const char caps_option[] = "--caps";

/* Arguments; NULL: not given. */
static const char *user;
static const char *caps;

_Noreturn static void
refuse(const char *option, const char *why)
{
    fprintf(stderr, "tinybpf-run: %s: %s\n", option, why);
    exit(STATUS_REFUSED);
}

/* Take an option as `take` does, into where its argument belongs. The last one holds,
 * as of python's options. */
static int
take(const char *option, const char **place, const char *word, const char *next)
{
    size_t n = strlen(option);

    if (strncmp(word, option, n) != 0 || (word[n] != '\0' && word[n] != '=')) {
        return 0;
    }
    if (word[n] == '=') {
        *place = word + n + 1;
        return 1;
    }
    if (next == NULL) {
        refuse(option, option == caps_option
                           ? "which capabilities? bpf,perfmon is a list, none an empty "
                             "one"
                           : "who? NAME, UID or UID:GID");
    }
    *place = next;
    return 2;
}

int
tbr_drop_take(const char *word, const char *next)
{
    int n = take(user_option, &user, word, next);

    return n > 0 ? n : take(caps_option, &caps, word, next);
}

void
tbr_drop_apply(void)
{
    const char *options = user == NULL   ? caps_option
                          : caps == NULL ? user_option
                                         : "--user, --caps";
    struct tb_drop drop = {.is_whole = 1};
    struct tb_user who = {0};
    char why[TEXT];

    if (user == NULL && caps == NULL) {
        return;
    }
    if (caps != NULL && tb_capability_list(caps, &drop.keep, why, sizeof(why)) < 0) {
        refuse(caps_option, why);
    }
    if (user != NULL && tb_user_find_nogil(user, &who, why, sizeof(why)) < 0) {
        refuse(user_option, why);
    }
    drop.user = user != NULL ? &who : NULL;
    if (tb_drop_check(&drop, why, sizeof(why)) < 0 ||
        tb_drop_now(&drop, why, sizeof(why)) < 0) {
        refuse(options, why);
    }
    tb_user_clear(&who);
}
