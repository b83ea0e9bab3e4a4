/* SPDX-License-Identifier: MIT
 *
 * Reads the target that SEC() names (host/target.h).
 */
#include "host/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* <path>:<name>; a colon may also be part of the path. The name, or NULL. */
static char *
cut_binary(struct tb_target *target, char *kept)
{
    char *cut = strrchr(kept, ':');

    target->path = kept;
    if (cut == NULL || strchr(cut, '/') != NULL) {
        return NULL;
    }
    *cut = '\0';
    return cut + 1;
}

/* <path>:<provider>:<name>; a colon may also be part of the path. The name, or NULL. */
static char *
cut_probe(struct tb_target *target, char *kept)
{
    char *colon = strrchr(kept, ':'), *cut = colon;

    target->path = kept;
    while (cut > kept && *--cut != ':') {
    }
    if (colon == NULL || cut == kept || strchr(cut, '/') != NULL) {
        return NULL;
    }
    *cut = *colon = '\0';
    target->category = cut + 1;
    return colon + 1;
}

/* <category>/<name>. The name, or NULL. */
static char *
cut_tracepoint(struct tb_target *target, char *kept)
{
    char *cut = strchr(kept, '/');

    target->category = kept;
    if (cut == NULL) {
        return NULL;
    }
    *cut = '\0';
    return cut + 1;
}

/* "<function>+<offset>": the offset, less which the rest is the name. */
static void
cut_offset(struct tb_target *target, char *name)
{
    char *cut = strrchr(name, '+');

    if (cut == NULL) {
        return;
    }
    target->offset = strtoul(cut + 1, NULL, 0);
    *cut = '\0';
}

/* The name is what its kind leaves of it. */
void
tb_target_parse(const char *section, struct tb_target *target, char *kept, size_t size)
{
    const char *rest;
    char *name = kept;

    *target = (struct tb_target){.pid = -1, .fd = -1};
    target->hook = tb_catalog_hook_of_section(section, &rest);
    if (rest == NULL) {
        return;
    }
    snprintf(kept, size, "%s", rest);
    if (target->hook->target == TB_TARGET_BINARY) {
        name = cut_binary(target, kept);
    }
    else if (target->hook->target == TB_TARGET_USDT) {
        name = cut_probe(target, kept);
    }
    else if (target->hook->target == TB_TARGET_TRACEPOINT) {
        name = cut_tracepoint(target, kept);
    }
    if (name != NULL) {
        cut_offset(target, name);
    }
    if (target->hook->at_return != NULL) {
        size_t n = strlen(target->hook->at_return);

        target->retprobe = strncmp(section, target->hook->at_return, n) == 0;
    }
    target->name = name;
}
