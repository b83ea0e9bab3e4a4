/* SPDX-License-Identifier: MIT
 *
 * Writes targets (attach/write.h) in the form "<hook>:<where>".
 */
#include "attach/write.h"

#include "error/raise.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>

const char *
tb_write_kind(const struct tb_target *target)
{
    return target->retprobe && target->hook->at_return ? target->hook->at_return
                                                       : target->hook->name;
}

PyObject *
tb_write_name(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    char place[32] = "";

    (void)program;
    if (target->offset != 0) {
        snprintf(place, sizeof(place), "%s%#zx", target->name ? "+" : "",
                 target->offset);
    }
    return PyUnicode_FromFormat("%s:%s%s", tb_write_kind(target),
                                target->name ? target->name : "", place);
}

PyObject *
tb_write_names(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;

    (void)program;
    if (target->names == NULL || target->n_names == 1) {
        return PyUnicode_FromFormat("%s:%s", tb_write_kind(target),
                                    target->names ? target->names[0] : target->name);
    }
    return PyUnicode_FromFormat("%s:%s and %zu other%s", tb_write_kind(target),
                                target->names[0], target->n_names - 1,
                                target->n_names == 2 ? "" : "s");
}

PyObject *
tb_write_binary(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    char place[32];

    (void)program;
    snprintf(place, sizeof(place), "+%#zx", target->offset);
    return PyUnicode_FromFormat("%s:%s%s%s%s", tb_write_kind(target), target->path,
                                target->name ? ":" : "",
                                target->name ? target->name : "", place);
}

PyObject *
tb_write_interface(BpfProgram *program, const struct tb_attach *attach)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = -ENODEV, .hint = &hint, .is_outside = 1};
    char name[IF_NAMESIZE];
    int ifindex = attach->target.ifindex;

    if (if_indextoname((unsigned int)ifindex, name) == NULL) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "there is no interface of index %d in this network namespace",
                 ifindex);
        return tb_error_refused(tb_state_of(program), &failure, "attach of program %R",
                                program->name);
    }
    return PyUnicode_FromFormat("%s:%s", attach->target.hook->name, name);
}
