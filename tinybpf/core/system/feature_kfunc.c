/* SPDX-License-Identifier: MIT
 *
 * Looks a kfunc up (system/feature_kfunc.h). BTF marks kfuncs by the tag "bpf_kfunc"
 * where the kernel was built with pahole 1.26 and later; without it BTF has every
 * function, and only the verifier knows which of them may be called.
 */
#include "system/feature_kfunc.h"

#include "base/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>

#define TAG "bpf_kfunc"
#define BTF_FOLDER "/sys/kernel/btf"

/* What the types of one BTF say of a name. */
struct finding {
    int id;        /* of the function; 0: there is none */
    int is_tagged; /* it is a kfunc */
    int has_tags;  /* of this BTF, some function */
};

/* Look the name up among the types from the first one on, which a module's BTF has
 * behind those of the kernel; then whether it is among the marked ones. */
static struct finding
look(const struct btf *btf, unsigned int first, const char *name)
{
    struct finding found = {0, 0, 0};
    unsigned int n = btf__type_cnt(btf);

    for (unsigned int id = first; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_is_func(type) &&
            strcmp(btf__name_by_offset(btf, type->name_off), name) == 0) {
            found.id = (int)id;
        }
    }
    for (unsigned int id = first; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_is_decl_tag(type) &&
            strcmp(btf__name_by_offset(btf, type->name_off), TAG) == 0) {
            found.has_tags = 1;
            found.is_tagged = found.is_tagged || (int)type->type == found.id;
        }
    }
    return found;
}

/* Whether some type of program may call it: a call with wrong arguments is refused for
 * these (check_kfunc_call, kernel/bpf/verifier.c). */
static int
is_callable(int id)
{
    static const struct {
        enum bpf_prog_type type;
        int attach_type;
        uint32_t flags;
    } rows[] = {
        {BPF_PROG_TYPE_SCHED_CLS, 0, 0},
        {BPF_PROG_TYPE_XDP, BPF_XDP, 0},
        {BPF_PROG_TYPE_SYSCALL, 0, BPF_F_SLEEPABLE},
        {BPF_PROG_TYPE_KPROBE, 0, 0},
    };
    const struct bpf_insn insns[] = {
        {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = id},
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char log[4096] = "";
        LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = rows[i].flags,
                    .expected_attach_type = (enum bpf_attach_type)rows[i].attach_type,
                    .log_level = 1, .log_buf = log, .log_size = sizeof(log));
        int fd = bpf_prog_load(rows[i].type, NULL, "GPL", insns, 3, &opts);

        if (fd >= 0) {
            close(fd);
            return 1;
        }
        /* the instruction is shown, and what is wrong is said of its arguments */
        if (strstr(log, "call ") != NULL && strstr(log, "is not allowed") == NULL &&
            strstr(log, "not supported") == NULL) {
            return 1;
        }
    }
    return 0;
}

/* Look through the modules, which are in sysfs by name; 1 if one has it. */
static int
look_at_modules(struct btf *kernel, const char *name, struct tb_feature *out)
{
    DIR *dir = opendir(BTF_FOLDER);
    struct dirent *entry;
    int found = 0;

    while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
        struct finding in = {0, 0, 0};
        struct btf *btf = NULL;

        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "vmlinux") != 0) {
            btf = btf__load_module_btf(entry->d_name, kernel);
        }
        if (btf != NULL) {
            in = look(btf, btf__type_cnt(kernel), name);
        }
        if (in.id != 0 && (in.is_tagged || !in.has_tags)) {
            found = 1;
            out->supported = in.is_tagged ? 1 : -1;
            snprintf(out->reason, sizeof(out->reason),
                     in.is_tagged ? "it is in the module %s"
                                  : "the module %s has a function of that name, and "
                                    "does not say whether it is a kfunc",
                     entry->d_name);
        }
        btf__free(btf);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}

/* No function of the name is a kfunc: which is near, of those that are marked if some
 * are. */
static void
refuse(const struct btf *kernel, const char *name, int has_tags, struct tb_feature *out)
{
    struct tb_nearest nearest;

    out->supported = 0;
    snprintf(out->reason, sizeof(out->reason),
             "neither this kernel nor a loaded module has a kfunc '%s'", name);
    tb_nearest_start(&nearest, name);
    for (unsigned int id = 1; id < btf__type_cnt(kernel); id++) {
        const struct btf_type *type = btf__type_by_id(kernel, id);

        if (has_tags && btf_is_decl_tag(type) &&
            strcmp(btf__name_by_offset(kernel, type->name_off), TAG) == 0) {
            type = btf__type_by_id(kernel, type->type);
        }
        else if (has_tags) {
            continue;
        }
        if (type != NULL && btf_is_func(type)) {
            tb_nearest_offer(&nearest, btf__name_by_offset(kernel, type->name_off));
        }
    }
    tb_nearest_append(&nearest, "", out->reason, sizeof(out->reason));
}

void
tb_feature_kfunc_nogil(const char *name, struct tb_feature *out)
{
    struct btf *kernel = btf__load_vmlinux_btf();
    struct finding found;

    out->reason[0] = '\0';
    out->supported = -1;
    if (libbpf_get_error(kernel) != 0) {
        snprintf(
            out->reason, sizeof(out->reason),
            "the kernel's BTF, which has the names of kfuncs, is not at " BTF_FOLDER
            "/vmlinux: it was built without CONFIG_DEBUG_INFO_BTF, or sysfs is not "
            "mounted");
        return;
    }
    found = look(kernel, 1, name);
    if (found.is_tagged || (found.id != 0 && is_callable(found.id))) {
        out->supported = 1;
    }
    else if (found.id != 0 && !found.has_tags) {
        snprintf(out->reason, sizeof(out->reason),
                 "this kernel has a function '%s' and does not say which of its "
                 "functions are kfuncs",
                 name);
    }
    else if (!look_at_modules(kernel, name, out)) {
        refuse(kernel, name, found.has_tags, out);
    }
    btf__free(kernel);
}
