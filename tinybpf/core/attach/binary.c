/* SPDX-License-Identifier: MIT
 *
 * Probes in executables and libraries (attach/binary.h): at one place, at many, at
 * those that were compiled in (USDT).
 */
#include "attach/binary.h"

#include "attach/file.h"
#include "attach/method.h"
#include "attach/write.h"
#include "base/libbpf.h"

#include <string.h>

/* What one is asked with. */
struct probe {
    struct tb_attach attach;
    size_t ref_ctr_offset;
};

/* What many are asked with. */
struct probes {
    struct tb_attach attach;
    const char *pattern;
    struct tb_argument_list symbols, offsets, ref_ctr_offsets, cookies;
    int session;
};

static struct bpf_link *
to_uprobe(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    LIBBPF_OPTS(bpf_uprobe_opts, opts,
                .ref_ctr_offset = ((struct probe *)attach)->ref_ctr_offset,
                .bpf_cookie = target->cookie, .retprobe = target->retprobe,
                .func_name = target->name,
                .attach_mode = (enum probe_attach_mode)target->attach_mode);

    return bpf_program__attach_uprobe_opts(program, target->pid, target->path,
                                           target->offset, &opts);
}

/* A list that must be as long as there are places; NULL, or what is wrong. */
static const char *
compare_lists(const struct probes *wanted)
{
    size_t n = wanted->symbols.n + wanted->offsets.n;

    if (wanted->attach.target.name != NULL) {
        return wanted->cookies.items != NULL || wanted->ref_ctr_offsets.items != NULL
                   ? "cookies and ref_ctr_offsets go with symbols or offsets: a "
                     "pattern has no order"
                   : NULL;
    }
    if (n == 0) {
        return "there must be a symbol or an offset";
    }
    if (wanted->cookies.items != NULL && wanted->cookies.n != n) {
        return "there must be as many cookies as symbols or offsets";
    }
    if (wanted->ref_ctr_offsets.items != NULL && wanted->ref_ctr_offsets.n != n) {
        return "there must be as many ref_ctr_offsets as symbols or offsets";
    }
    return NULL;
}

/* Either a pattern, or symbols, or offsets; the other lists are for each of those. */
static int
prepare_probes(BpfProgram *program, struct tb_attach *attach)
{
    struct probes *wanted = (struct probes *)attach;
    struct tb_target *target = &attach->target;
    int has_symbols = wanted->symbols.items != NULL;
    int has_offsets = wanted->offsets.items != NULL;
    const char *wrong;

    if (!has_symbols && !has_offsets && wanted->pattern == NULL) {
        wanted->pattern = target->name; /* of the section */
    }
    target->name = wanted->pattern;
    if (has_symbols + has_offsets + (target->name != NULL) != 1) {
        PyErr_SetString(PyExc_TypeError, "attach_uprobe_multi() takes a pattern, or "
                                         "symbols, or offsets: one of them");
        return -1;
    }
    wrong = compare_lists(wanted);
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return -1;
    }
    if (wanted->session) {
        target->hook = tb_catalog_hook("uprobe.session");
    }
    target->names = wanted->symbols.items;
    target->n_names = wanted->symbols.n;
    return tb_attach_find_file(program, attach);
}

/* uint64_t is what libbpf has as unsigned long: 64 bits on both architectures. */
static struct bpf_link *
to_uprobes(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct probes *wanted = (const struct probes *)attach;
    const struct tb_target *target = &attach->target;
    LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .retprobe = target->retprobe,
                .session = strcmp(target->hook->name, "uprobe.session") == 0);

    if (target->name == NULL) {
        opts.syms = (const char **)wanted->symbols.items;
        opts.offsets = wanted->offsets.items;
        opts.ref_ctr_offsets = wanted->ref_ctr_offsets.items;
        opts.cookies = wanted->cookies.items;
        opts.cnt = wanted->symbols.n + wanted->offsets.n;
    }
    return bpf_program__attach_uprobe_multi(program, target->pid, target->path,
                                            target->name, &opts);
}

/* uprobe.multi:/bin/sh:f_*, uprobe.multi:/bin/sh:3 places */
static PyObject *
write_probes(BpfProgram *program, const struct tb_attach *attach)
{
    const struct probes *wanted = (const struct probes *)attach;
    const struct tb_target *target = &attach->target;
    size_t n = wanted->symbols.n + wanted->offsets.n;

    (void)program;
    if (n == 0 || wanted->symbols.n == 1) {
        return PyUnicode_FromFormat("%s:%s:%s", tb_write_kind(target), target->path,
                                    n == 0 ? target->name : target->names[0]);
    }
    return PyUnicode_FromFormat("%s:%s:%zu place%s", tb_write_kind(target),
                                target->path, n, n == 1 ? "" : "s");
}

static struct bpf_link *
to_usdt(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = target->cookie);

    return bpf_program__attach_usdt(program, target->pid, target->path,
                                    target->category, target->name, &opts);
}

/* usdt:/usr/bin/python3:python:gc__start */
static PyObject *
write_usdt(BpfProgram *program, const struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;

    (void)program;
    return PyUnicode_FromFormat("usdt:%s:%s:%s", target->path, target->category,
                                target->name);
}

static const struct tb_attach_method uprobe_method = {
    .name = "attach_uprobe",
    .hooks = {"uprobe"},
    .n_needed = 1,
    .n_positional = 5,
    .arguments = {{"binary_path", tb_argument_path, TB_TARGET_AT(path)},
                  {"offset", tb_argument_size, TB_TARGET_AT(offset)},
                  {"pid", tb_argument_pid, TB_TARGET_AT(pid)},
                  {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)},
                  {"func_name", tb_argument_text, TB_TARGET_AT(name)},
                  {"ref_ctr_offset", tb_argument_size,
                   offsetof(struct probe, ref_ctr_offset)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)},
                  {"attach_mode", tb_argument_mode, TB_TARGET_AT(attach_mode)}},
    .size = sizeof(struct probe),
    .prepare = tb_attach_find_file,
    .way = {.link = to_uprobe},
    .write = tb_write_binary,
};

PyObject *
tb_attach_uprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &uprobe_method);
}

static const struct tb_attach_method uretprobe_method = {
    .name = "attach_uretprobe",
    .hooks = {"uprobe"},
    .n_needed = 1,
    .n_positional = 4,
    .arguments = {{"binary_path", tb_argument_path, TB_TARGET_AT(path)},
                  {"offset", tb_argument_size, TB_TARGET_AT(offset)},
                  {"pid", tb_argument_pid, TB_TARGET_AT(pid)},
                  {"func_name", tb_argument_text, TB_TARGET_AT(name)},
                  {"ref_ctr_offset", tb_argument_size,
                   offsetof(struct probe, ref_ctr_offset)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)},
                  {"attach_mode", tb_argument_mode, TB_TARGET_AT(attach_mode)}},
    .size = sizeof(struct probe),
    .retprobe = 1,
    .prepare = tb_attach_find_file,
    .way = {.link = to_uprobe},
    .write = tb_write_binary,
};

PyObject *
tb_attach_uretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &uretprobe_method);
}

static const struct tb_attach_method uprobe_multi_method = {
    .name = "attach_uprobe_multi",
    .hooks = {"uprobe.multi", "uprobe.session"},
    .n_needed = 1,
    .n_positional = 2,
    .arguments = {{"binary_path", tb_argument_path, TB_TARGET_AT(path)},
                  {"pattern", tb_argument_text, offsetof(struct probes, pattern)},
                  {"pid", tb_argument_pid, TB_TARGET_AT(pid)},
                  {"symbols", tb_argument_texts, offsetof(struct probes, symbols)},
                  {"offsets", tb_argument_numbers, offsetof(struct probes, offsets)},
                  {"ref_ctr_offsets", tb_argument_numbers,
                   offsetof(struct probes, ref_ctr_offsets)},
                  {"cookies", tb_argument_numbers, offsetof(struct probes, cookies)},
                  {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)},
                  {"session", tb_argument_flag, offsetof(struct probes, session)}},
    .size = sizeof(struct probes),
    .prepare = prepare_probes,
    .way = {.link = to_uprobes},
    .write = write_probes,
};

PyObject *
tb_attach_uprobe_multi(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &uprobe_multi_method);
}

static const struct tb_attach_method usdt_method = {
    .name = "attach_usdt",
    .hooks = {"usdt"},
    .n_needed = 3,
    .n_positional = 3,
    .arguments = {{"binary_path", tb_argument_path, TB_TARGET_AT(path)},
                  {"provider", tb_argument_text, TB_TARGET_AT(category)},
                  {"name", tb_argument_text, TB_TARGET_AT(name)},
                  {"pid", tb_argument_pid, TB_TARGET_AT(pid)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .prepare = tb_attach_find_file,
    .way = {.link = to_usdt},
    .write = write_usdt,
};

PyObject *
tb_attach_usdt(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &usdt_method);
}
