/* SPDX-License-Identifier: MIT
 *
 * C source from BTF (btf/dump.h), by libbpf's btf_dump. All of it makes the header that
 * `bpftool btf dump ... format c` makes: the same guards, the kfuncs at the end.
 */
#include "btf/dump.h"

#include "base/libbpf.h"
#include "base/text.h"
#include "btf/query.h"
#include "error/raise.h"

#include <errno.h>
#include <string.h>

#define TEXT_MAX (64u << 20) /* a kernel's is some 5 MB */

static const char preamble[] =
    "#ifndef __VMLINUX_H__\n"
    "#define __VMLINUX_H__\n"
    "\n"
    "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
    "#pragma clang attribute push (__attribute__((preserve_access_index)), "
    "apply_to = record)\n"
    "#endif\n"
    "\n"
    "#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
    "#ifndef __ksym\n"
    "#define __ksym __attribute__((section(\".ksyms\")))\n"
    "#endif\n"
    "\n"
    "#ifndef __weak\n"
    "#define __weak __attribute__((weak))\n"
    "#endif\n"
    "\n"
    "#ifndef __bpf_fastcall\n"
    "#if __has_attribute(bpf_fastcall)\n"
    "#define __bpf_fastcall __attribute__((bpf_fastcall))\n"
    "#else\n"
    "#define __bpf_fastcall\n"
    "#endif\n"
    "#endif\n"
    "#endif\n"
    "\n";

static const char ending[] = "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
                             "#pragma clang attribute pop\n"
                             "#endif\n"
                             "\n"
                             "#endif /* __VMLINUX_H__ */\n";

/* What libbpf calls with each piece, to the end whatever happens. */
static void
append(void *ctx, const char *format, va_list args)
{
    struct tb_text *text = ctx;

    if (text->err == 0) {
        tb_text_add_format(text, format, args);
    }
}

static void
append_text(struct tb_text *text, const char *more)
{
    tb_text_add(text, more, strlen(more));
}

/* A declaration of something of that type, behind a word and with an end. */
static int
declare(struct btf_dump *dump, struct tb_text *text, uint32_t id,
        const char *const words[3])
{
    LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = words[1]);
    int err;

    append_text(text, words[0]);
    err = btf_dump__emit_type_decl(dump, id, &opts);
    append_text(text, words[2]);
    return err;
}

/* The function that a tag marks as one for BPF programs; NULL for other types. */
static const struct btf_type *
tagged_kfunc(const struct btf *btf, const struct btf_type *type)
{
    const struct btf_type *function;

    if (!btf_is_decl_tag(type) || btf_decl_tag(type)->component_idx != -1 ||
        strcmp(btf__name_by_offset(btf, type->name_off), "bpf_kfunc") != 0) {
        return NULL;
    }
    function = btf__type_by_id(btf, type->type);
    return function != NULL && btf_is_func(function) ? function : NULL;
}

/* Declare the functions that BPF programs may call; 0 or -errno. */
static int
dump_kfuncs(struct btf_dump *dump, const struct btf *btf, struct tb_text *text)
{
    uint32_t n = btf__type_cnt(btf);
    int err = 0;

    append_text(text, "\n/* BPF kfuncs */\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n");
    for (uint32_t id = 1; id < n && err == 0; id++) {
        const struct btf_type *function = tagged_kfunc(btf, btf__type_by_id(btf, id));

        if (function != NULL) {
            const char *name = btf__name_by_offset(btf, function->name_off);
            const char *const words[3] = {"extern ", name, " __weak __ksym;\n"};

            err = declare(dump, text, function->type, words);
        }
    }
    append_text(text, "#endif\n\n");
    return err;
}

static int
dump_all(struct btf_dump *dump, const struct btf *btf, struct tb_text *text)
{
    uint32_t n = btf__type_cnt(btf);
    int err = 0;

    append_text(text, preamble);
    for (uint32_t id = 1; id < n && err == 0 && text->err == 0; id++) {
        err = btf_dump__dump_type(dump, id);
    }
    if (err == 0) {
        err = dump_kfuncs(dump, btf, text);
    }
    append_text(text, ending);
    return err;
}

/* Drop what stands before the last definition. */
static void
keep_last(struct tb_text *text)
{
    size_t end = text->len, start;

    while (end > 0 && text->data[end - 1] == '\n') {
        end--;
    }
    start = end;
    while (start > 1 &&
           !(text->data[start - 1] == '\n' && text->data[start - 2] == '\n')) {
        start--;
    }
    if (start == 1) {
        start = 0;
    }
    memmove(text->data, text->data + start, end - start);
    text->len = end - start;
    append_text(text, "\n");
}

/* One type: its definition, after those that it needs if it is to be complete; for what
 * has no definition a declaration. */
static int
dump_one(struct btf_dump *dump, const struct btf *btf, struct tb_text *text,
         uint32_t id, int complete)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    int is_defined =
        type->name_off != 0 && (btf_is_composite(type) || btf_is_any_enum(type) ||
                                btf_is_typedef(type) || btf_is_fwd(type));
    int has_name = btf_is_func(type) || btf_is_var(type);
    const char *name = btf__name_by_offset(btf, type->name_off);
    const char *const words[3] = {"", has_name ? name : "", ";\n"};
    int err = 0;

    if (is_defined || complete) {
        err = btf_dump__dump_type(dump, has_name ? type->type : id);
    }
    if (err == 0 && !is_defined) {
        return declare(dump, text, has_name ? type->type : id, words);
    }
    if (err == 0 && !complete && text->len > 0) {
        keep_last(text);
    }
    return err;
}

/* Write the C; 0 or -errno. */
static int
dump_nogil(const struct btf *btf, struct tb_text *text, uint32_t id, int complete)
{
    struct btf_dump *dump = btf_dump__new(btf, append, text, NULL);
    int err;

    if (dump == NULL) {
        return -errno;
    }
    err = id == 0 ? dump_all(dump, btf, text) : dump_one(dump, btf, text, id, complete);
    btf_dump__free(dump);
    return text->err < 0 ? text->err : err;
}

PyObject *
tb_btf_dump(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "complete", NULL};
    Btf *self = (Btf *)op;
    struct tb_text text = {.max = TEXT_MAX};
    PyObject *name = Py_None, *result = NULL;
    uint32_t id = 0;
    struct tb_log log;
    int complete = 0, err;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$p:dump", (char **)names, &name,
                                     &complete)) {
        return NULL;
    }
    if (name != Py_None) {
        id = tb_btf_query_id(self, name);
        if (id == 0) {
            return NULL;
        }
    }
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    err = dump_nogil(self->handle, &text, id, complete);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    err = tb_log_outcome(&log, err);
    tb_log_free(&log);
    if (err == -E2BIG) {
        tb_error_raise(tb_state_of(self), TB_ERROR, E2BIG,
                       "dump of the BTF %R: its C is longer than 64 MiB; name a type",
                       self->name);
    }
    else if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "dump of the BTF %R", self->name);
    }
    else {
        result = PyUnicode_DecodeUTF8(text.data ? text.data : "", (Py_ssize_t)text.len,
                                      "backslashreplace");
    }
    tb_text_free(&text);
    return result;
}
