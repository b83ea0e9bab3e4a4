/* SPDX-License-Identifier: MIT
 *
 * Asks the kernel what it has (system/feature.h), mostly by libbpf's probes. These take
 * every refusal for a missing type, and every refusal before the verifier for a helper
 * that is there: what they say is looked at twice.
 */
#include "system/feature.h"

#include "catalog/map.h"
#include "catalog/program.h"
#include "host/confinement.h"
#include "host/privilege.h"
#include "host/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>

/* What a helper is told to be by verifiers of all ages (check_helper_call,
 * kernel/bpf/verifier.c). */
static const char *const unknown_helper[] = {
    "invalid func ",
    "unknown func ",
    "program of this type cannot use helper ",
};

/* Whether the kernel makes what every kernel has, and CAP_BPF is needed for: a map of
 * type LRU_HASH, since 4.10. Capabilities of a user namespace do not count there. 0 or
 * -errno. */
static int
try_control(void)
{
    int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, NULL, 4, 4, 1, NULL);

    if (fd >= 0) {
        close(fd);
    }
    return fd < 0 ? fd : 0;
}

static void
set(struct tb_feature *out, int supported, const char *reason)
{
    out->supported = supported;
    snprintf(out->reason, sizeof(out->reason), "%s", reason);
}

void
tb_feature_refuse(const struct tb_needs *needs, uint64_t caps, int refusal,
                  struct tb_feature *out)
{
    uint64_t lacking = tb_privilege_lacking(TB_NEEDS_BPF | caps);
    char text[640], reason[128];
    int err;

    out->supported = -1;
    if (lacking != 0) {
        tb_privilege_write(lacking, text, sizeof(text));
        snprintf(out->reason, sizeof(out->reason),
                 "this process lacks %s, without which the kernel does not say", text);
        return;
    }
    err = try_control();
    if (err == -EPERM) {
        tb_confinement_list(text, sizeof(text));
        snprintf(out->reason, sizeof(out->reason),
                 "the kernel refuses bpf(2) to this process%s", text);
    }
    else if (err < 0) {
        libbpf_strerror(err, reason, sizeof(reason));
        snprintf(out->reason, sizeof(out->reason), "bpf(2) fails here: %s%s", reason,
                 err == -ENOSYS
                     ? "\n  the kernel was built without CONFIG_BPF_SYSCALL, "
                       "or a seccomp filter hides it"
                     : "");
    }
    else if (refusal == -EPERM || refusal == -EACCES) {
        set(out, 0,
            "this kernel refuses it, by its build or by a security module, to a "
            "process that has every capability it takes");
    }
    else {
        out->supported = 0;
        tb_support_write_since(needs, out->reason, sizeof(out->reason));
    }
}

/* A "no" is asked for twice: memory that is short for a moment is no missing type. */
void
tb_feature_map_nogil(enum bpf_map_type type, struct tb_feature *out)
{
    const struct tb_needs *needs = &tb_catalog_map(type)->needs;
    int rc = tb_support_knows_map(type);

    set(out, 1, "");
    if (rc <= 0) {
        rc = tb_support_knows_map(type);
    }
    if (rc < 0) {
        set(out, -1, "the types of a value for it could not be loaded");
    }
    if (rc <= 0) {
        tb_feature_refuse(needs, needs->caps, -EINVAL, out);
    }
    if (rc < 0 && out->supported == 0) { /* BTF that old kernels do not know */
        out->supported = tb_support_is_old(needs) ? 0 : -1;
    }
}

/* Twice as well. Types that are bound to the kernel's BTF need that, too. */
void
tb_feature_program_nogil(enum bpf_prog_type type, struct tb_feature *out)
{
    const struct tb_program_kind *kind = tb_catalog_program(type);
    int knows;

    set(out, 1, "");
    knows = tb_support_knows_program(type);
    if (knows < 1) {
        knows = tb_support_knows_program(type);
    }
    if (knows == 1) {
        return;
    }
    tb_feature_refuse(&kind->needs, kind->needs.caps, knows < 0 ? -EPERM : -EINVAL,
                      out);
    if (out->supported == 0 && kind->is_bound && !tb_support_is_old(&kind->needs) &&
        access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
        set(out, -1,
            "the kernel's BTF, which it needs, is not at /sys/kernel/btf/vmlinux: it "
            "was built without CONFIG_DEBUG_INFO_BTF, or sysfs is not mounted");
    }
}

/* Load the instructions; descriptor or -errno. */
static int
load(enum bpf_prog_type type, const struct bpf_insn *insns, size_t n,
     struct bpf_prog_load_opts *opts)
{
    return bpf_prog_load(type, NULL, "GPL", insns, n, opts);
}

int
tb_feature_load(enum bpf_prog_type type, int attach_type, int btf_id, uint32_t flags)
{
    const struct bpf_insn insns[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, opts, .attach_btf_id = (uint32_t)btf_id,
                .expected_attach_type = (enum bpf_attach_type)attach_type,
                .prog_flags = flags);

    return load(type, insns, 2, &opts);
}

/* Where programs of a type can be bound, by which they may call more or less. */
struct binding {
    enum bpf_prog_type type;
    enum bpf_attach_type attach_type;
    const char *name;
};

/* Call a helper from a program that is bound so: 1, 0, or -1 if the verifier did not
 * come to look at the call. */
static int
try_bound_helper(const struct binding *binding, uint32_t helper)
{
    const struct bpf_insn insns[] = {
        {.code = BPF_JMP | BPF_CALL, .imm = (int32_t)helper},
        {.code = BPF_JMP | BPF_EXIT},
    };
    int id = libbpf_find_vmlinux_btf_id(binding->name, binding->attach_type);
    char log[4096] = "";
    LIBBPF_OPTS(bpf_prog_load_opts, opts, .attach_btf_id = (uint32_t)id,
                .expected_attach_type = binding->attach_type, .log_level = 1,
                .log_buf = log, .log_size = sizeof(log));
    int fd;

    if (id <= 0) {
        return -1;
    }
    fd = load(binding->type, insns, 2, &opts);
    if (fd >= 0) {
        close(fd);
        return 1;
    }
    for (size_t i = 0; i < sizeof(unknown_helper) / sizeof(unknown_helper[0]); i++) {
        if (strstr(log, unknown_helper[i]) != NULL) {
            return 0;
        }
    }
    return strstr(log, "call bpf_") != NULL ? 1 : -1; /* the instruction is shown */
}

/* The same for all bindings of a type: 1 if one may call it, 0 if none may, -1 if some
 * did not say. */
static int
try_bindings(enum bpf_prog_type type, uint32_t helper)
{
    static const struct binding bindings[] = {
        {BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "vfs_read"},
        {BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "sched_switch"},
        {BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "task"},
        {BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "file_open"},
    };
    int said = 0;

    for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
        int one = bindings[i].type == type ? try_bound_helper(&bindings[i], helper) : 0;

        if (one > 0) {
            return 1;
        }
        said = one < 0 ? -1 : said;
    }
    return said;
}

/* Without CAP_PERFMON the verifier hides what could watch the kernel
 * (bpf_base_func_proto, kernel/bpf/helpers.c), and locked down it hides more. */
void
tb_feature_helper_nogil(enum bpf_prog_type type, uint32_t helper,
                        struct tb_feature *out)
{
    static const struct tb_needs none = {.since = NULL};
    int is_bound = tb_catalog_program(type)->is_bound, found;

    tb_feature_program_nogil(type, out);
    if (out->supported <= 0) {
        return;
    }
    if (type == BPF_PROG_TYPE_EXT || type == BPF_PROG_TYPE_STRUCT_OPS) {
        set(out, -1, "it depends on what such a program replaces or is part of");
        return;
    }
    if (tb_privilege_lacking(tb_catalog_program(type)->needs.caps) != 0) {
        tb_feature_refuse(&none, tb_catalog_program(type)->needs.caps, -EPERM, out);
        return;
    }
    found = is_bound ? try_bindings(type, helper)
                     : libbpf_probe_bpf_helper(type, (enum bpf_func_id)helper, NULL);
    if (found == 0) {
        tb_feature_refuse(&none, TB_NEEDS_PERFMON, -EINVAL, out);
    }
    else if (found < 0) {
        set(out, -1, "the verifier did not come to look at the call");
    }
    if (out->supported == 0) {
        set(out, 0, "programs of this type cannot call it on this kernel");
    }
}

/* A descriptor that is none is EBADF where the command is known, else EINVAL. */
void
tb_feature_token_nogil(struct tb_feature *out)
{
    static const struct tb_needs needs = {.since = "6.9"};
    int fd = bpf_token_create(-1, NULL);

    set(out, 1, "");
    if (fd >= 0) {
        close(fd);
    }
    else if (fd != -EBADF) {
        tb_feature_refuse(&needs, 0, fd, out);
    }
}
