/* SPDX-License-Identifier: MIT
 *
 * Probes on functions of the kernel (attach/function.h), one or many.
 */
#include "attach/function.h"

#include "attach/method.h"
#include "attach/write.h"
#include "base/args.h"
#include "base/libbpf.h"

#include <stdlib.h>
#include <string.h>

/* What one is asked with. */
struct probe {
    struct tb_attach attach;
    size_t offset; /* besides that of the name */
};

/* What many are asked with. */
struct probes {
    struct tb_attach attach;
    const char *pattern;
    struct tb_argument_list symbols, addresses, cookies;
    int session, unique_match;
};

/* "f", "f+0x10" or an address. */
static int
take_function(const struct tb_argument *argument)
{
    struct tb_target *target = &argument->attach->target;
    const char *plus;
    PyObject *bytes;
    char *end;

    target->name = NULL;
    target->offset = 0;
    if (PyLong_Check(argument->value)) {
        return tb_args_number(argument->value, argument->name, UINT64_MAX,
                              &target->offset);
    }
    if (tb_argument_text(argument) < 0) {
        return -1;
    }
    plus = strrchr(target->name, '+');
    if (plus == NULL) {
        return 0;
    }
    target->offset = strtoul(plus + 1, &end, 0);
    if (end == plus + 1 || *end != '\0' || plus[1] == '-') {
        PyErr_Format(PyExc_ValueError,
                     "%s is a function, FUNCTION+OFFSET or an address, not %R",
                     argument->name, argument->value);
        return -1;
    }
    bytes = PyBytes_FromStringAndSize(target->name, plus - target->name);
    target->name = bytes ? PyBytes_AsString(bytes) : NULL;
    return tb_args_append_steal(argument->attach->kept, bytes);
}

/* One offset, and no address where text is written. */
static int
prepare_probe(BpfProgram *program, struct tb_attach *attach)
{
    struct tb_target *target = &attach->target;
    size_t offset = ((struct probe *)attach)->offset;

    (void)program;
    if (offset != 0 && target->offset != 0) {
        PyErr_SetString(PyExc_ValueError,
                        target->name ? "func_name has an offset, and so has offset"
                                     : "an address takes no offset");
        return -1;
    }
    if (target->name == NULL && target->attach_mode == PROBE_ATTACH_MODE_LEGACY) {
        PyErr_SetString(
            PyExc_ValueError,
            "attach_mode='legacy' takes the name of a function, no address");
        return -1;
    }
    target->offset += offset;
    return 0;
}

/* The kernel takes an offset without a name as an address (perf_kprobe_init). */
static struct bpf_link *
to_kprobe(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    LIBBPF_OPTS(bpf_kprobe_opts, opts, .bpf_cookie = target->cookie,
                .offset = target->offset, .retprobe = target->retprobe,
                .attach_mode = (enum probe_attach_mode)target->attach_mode);

    return bpf_program__attach_kprobe_opts(program, target->name, &opts);
}

static struct bpf_link *
to_ksyscall(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct tb_target *target = &attach->target;
    LIBBPF_OPTS(bpf_ksyscall_opts, opts, .bpf_cookie = target->cookie,
                .retprobe = target->retprobe);

    return bpf_program__attach_ksyscall(program, target->name, &opts);
}

/* Either a pattern, or symbols, or addresses; cookies for each of those. */
static int
prepare_probes(BpfProgram *program, struct tb_attach *attach)
{
    struct probes *wanted = (struct probes *)attach;
    struct tb_target *target = &attach->target;
    int has_symbols = wanted->symbols.items != NULL;
    int has_addresses = wanted->addresses.items != NULL;
    const char *wrong = NULL;

    (void)program;
    if (!has_symbols && !has_addresses && wanted->pattern == NULL) {
        wanted->pattern = target->name; /* of the section */
    }
    target->name = wanted->pattern;
    if (has_symbols + has_addresses + (target->name != NULL) != 1) {
        PyErr_SetString(PyExc_TypeError, "attach_kprobe_multi() takes a pattern, or "
                                         "symbols, or addresses: one of them");
        return -1;
    }
    if (target->name != NULL && wanted->cookies.items != NULL) {
        wrong = "cookies go with symbols or addresses: a pattern has no order";
    }
    else if (target->name == NULL && wanted->unique_match) {
        wrong = "unique_match goes with a pattern";
    }
    else if (target->name == NULL && wanted->symbols.n + wanted->addresses.n == 0) {
        wrong = "there must be a symbol or an address";
    }
    else if (wanted->cookies.items != NULL &&
             wanted->cookies.n != wanted->symbols.n + wanted->addresses.n) {
        wrong = "there must be as many cookies as symbols or addresses";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return -1;
    }
    if (wanted->session) {
        target->hook = tb_catalog_hook("kprobe.session");
    }
    target->names = wanted->symbols.items;
    target->n_names = wanted->symbols.n;
    return 0;
}

/* uint64_t is what libbpf has as unsigned long: 64 bits on both architectures. */
static struct bpf_link *
to_kprobes(const struct bpf_program *program, struct tb_attach *attach)
{
    const struct probes *wanted = (const struct probes *)attach;
    const struct tb_target *target = &attach->target;
    int is_session = strcmp(target->hook->name, "kprobe.session") == 0;
    LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .retprobe = target->retprobe,
                .session = is_session, .unique_match = wanted->unique_match);

    if (target->name == NULL) {
        opts.syms = (const char **)wanted->symbols.items;
        opts.addrs = wanted->addresses.items;
        opts.cookies = wanted->cookies.items;
        opts.cnt = wanted->symbols.n + wanted->addresses.n;
    }
    return bpf_program__attach_kprobe_multi_opts(program, target->name, &opts);
}

/* kprobe.multi:vfs_*, kprobe.multi:vfs_read and 3 others, kprobe.multi:2 addresses */
static PyObject *
write_probes(BpfProgram *program, const struct tb_attach *attach)
{
    const struct probes *wanted = (const struct probes *)attach;

    if (wanted->addresses.items != NULL) {
        return PyUnicode_FromFormat("%s:%zu address%s", tb_write_kind(&attach->target),
                                    wanted->addresses.n,
                                    wanted->addresses.n == 1 ? "" : "es");
    }
    return tb_write_names(program, attach);
}

static const struct tb_attach_method kprobe_method = {
    .name = "attach_kprobe",
    .hooks = {"kprobe"},
    .n_needed = 1,
    .n_positional = 2,
    .arguments = {{"func_name", take_function, TB_TARGET_AT(name)},
                  {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)},
                  {"offset", tb_argument_size, offsetof(struct probe, offset)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)},
                  {"attach_mode", tb_argument_mode, TB_TARGET_AT(attach_mode)}},
    .size = sizeof(struct probe),
    .prepare = prepare_probe,
    .way = {.link = to_kprobe},
    .write = tb_write_name,
};

PyObject *
tb_attach_kprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &kprobe_method);
}

static const struct tb_attach_method kretprobe_method = {
    .name = "attach_kretprobe",
    .hooks = {"kprobe"},
    .n_needed = 1,
    .n_positional = 1,
    .arguments = {{"func_name", take_function, TB_TARGET_AT(name)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)},
                  {"attach_mode", tb_argument_mode, TB_TARGET_AT(attach_mode)}},
    .size = sizeof(struct probe),
    .retprobe = 1,
    .prepare = prepare_probe,
    .way = {.link = to_kprobe},
    .write = tb_write_name,
};

PyObject *
tb_attach_kretprobe(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &kretprobe_method);
}

static const struct tb_attach_method ksyscall_method = {
    .name = "attach_ksyscall",
    .hooks = {"ksyscall"},
    .n_needed = 1,
    .n_positional = 2,
    .arguments = {{"name", tb_argument_text, TB_TARGET_AT(name)},
                  {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .way = {.link = to_ksyscall},
    .write = tb_write_name,
};

PyObject *
tb_attach_ksyscall(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &ksyscall_method);
}

static const struct tb_attach_method kprobe_multi_method = {
    .name = "attach_kprobe_multi",
    .hooks = {"kprobe.multi", "kprobe.session"},
    .n_positional = 1,
    .arguments = {{"pattern", tb_argument_text, offsetof(struct probes, pattern)},
                  {"symbols", tb_argument_texts, offsetof(struct probes, symbols)},
                  {"addresses", tb_argument_numbers,
                   offsetof(struct probes, addresses)},
                  {"cookies", tb_argument_numbers, offsetof(struct probes, cookies)},
                  {"retprobe", tb_argument_flag, TB_TARGET_AT(retprobe)},
                  {"session", tb_argument_flag, offsetof(struct probes, session)},
                  {"unique_match", tb_argument_flag,
                   offsetof(struct probes, unique_match)}},
    .size = sizeof(struct probes),
    .prepare = prepare_probes,
    .way = {.link = to_kprobes},
    .write = write_probes,
};

PyObject *
tb_attach_kprobe_multi(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &kprobe_multi_method);
}
