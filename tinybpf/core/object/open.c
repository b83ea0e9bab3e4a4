/* SPDX-License-Identifier: MIT
 *
 * open() and open_bytes(): reads the options and the file, looks at its headers, and
 * lets libbpf open it. Nothing reaches the kernel before it is prepared or loaded.
 */
#include "object/open.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/gate.h"
#include "btf/table.h"
#include "elf/image.h"
#include "error/raise.h"
#include "object/custom_btf.h"
#include "object/source.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME, KCONFIG, PIN_ROOT, TOKEN, N_TEXTS };

/* The options as libbpf takes them, and what keeps their texts. */
struct options {
    struct bpf_object_open_opts opts;
    PyObject *texts[N_TEXTS]; /* owned; bytes; NULL: not given */
    int btf_fd;               /* owned; -1: none */
    char btf_path[32];        /* of that file */
};

/* What is opened. */
struct source {
    const void *data;
    size_t size;
    const char *verb; /* what the caller asked for */
    const char *file; /* for the exception */
    PyObject *path;   /* borrowed; str */
    PyObject *image;  /* borrowed; bytes of all of it; NULL: they are a file's */
};

static void
options_free(struct options *options)
{
    for (int i = 0; i < N_TEXTS; i++) {
        Py_CLEAR(options->texts[i]);
    }
    if (options->btf_fd >= 0) {
        close(options->btf_fd);
    }
}

/* A path as the system takes it; NULL if it was not given, *rc = -1 if it is none. */
static const char *
take_path(PyObject *arg, PyObject **bytes, int *rc)
{
    if (!tb_args_is_given(arg) || *rc < 0) {
        return NULL;
    }
    if (!PyUnicode_FSConverter(arg, bytes)) {
        *rc = -1;
        return NULL;
    }
    return PyBytes_AsString(*bytes);
}

/* The same for a text without NUL. */
static const char *
take_text(PyObject *arg, const char *what, PyObject **bytes, int *rc)
{
    char *text = NULL;

    if (!tb_args_is_given(arg) || *rc < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "%s is a str, not %R", what, Py_TYPE(arg));
        *rc = -1;
        return NULL;
    }
    *bytes = PyUnicode_AsEncodedString(arg, "utf-8", "surrogateescape");
    if (*bytes == NULL || PyBytes_AsStringAndSize(*bytes, &text, NULL) < 0) {
        *rc = -1;
    }
    return text;
}

/* Let libbpf find the checked file, which stays until the object is prepared. */
static int
take_btf(struct tb_state *state, PyObject *arg, struct options *options)
{
    options->btf_fd = tb_args_is_given(arg) ? tb_custom_btf_open(state, arg)
                                            : tb_custom_btf_default(state);
    if (options->btf_fd < 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    snprintf(options->btf_path, sizeof(options->btf_path), "/proc/self/fd/%d",
             options->btf_fd);
    options->opts.btf_custom_path = options->btf_path;
    return 0;
}

/* 0, or -1 with an exception. */
static int
take_options(struct tb_state *state, const struct tb_open_args *args,
             struct options *options)
{
    struct bpf_object_open_opts *opts = &options->opts;
    PyObject **texts = options->texts;
    int rc = 0;

    if (args->log_level < 0) {
        PyErr_SetString(PyExc_ValueError, "log_level is negative");
        return -1;
    }
    opts->sz = sizeof(*opts);
    opts->object_name = take_text(args->name, "name", &texts[NAME], &rc);
    opts->kconfig = take_text(args->kconfig, "kconfig", &texts[KCONFIG], &rc);
    opts->pin_root_path = take_path(args->pin_root, &texts[PIN_ROOT], &rc);
    opts->bpf_token_path = take_path(args->token, &texts[TOKEN], &rc);
    opts->kernel_log_level = (uint32_t)args->log_level;
    return rc < 0 ? rc : take_btf(state, args->btf, options);
}

/* The object's name: the file's, less ".bpf.o" or ".o". */
static void
object_name(const char *path, char *name, size_t size)
{
    static const char *const endings[] = {".o", ".bpf"};
    const char *slash = strrchr(path, '/');

    snprintf(name, size, "%s", slash ? slash + 1 : path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t n = strlen(name), k = strlen(endings[i]);

        if (n > k && strcmp(name + n - k, endings[i]) == 0) {
            name[n - k] = '\0';
        }
    }
}

/* Let libbpf open it; NULL with *err = -errno. libbpf 1.7 goes on when there was no
 * memory for .BTF.ext or its index (bpf_object__init_btf), without relocations or into
 * NULL. */
static struct bpf_object *
open_nogil(const struct source *source, const struct bpf_object_open_opts *opts,
           const struct tb_log *log, int *err)
{
    struct bpf_object *handle = bpf_object__open_mem(source->data, source->size, opts);

    *err = handle == NULL ? -errno : tb_log_outcome(log, 0);
    if (handle != NULL && *err < 0) {
        bpf_object__close(handle);
        handle = NULL;
    }
    return handle;
}

/* The object with its bytes, to be opened by again: a file may be another one then. One
 * that there is no memory for is closed. */
static BpfObject *
keep_image_steal(BpfObject *object, const struct source *source)
{
    object->image = source->image ? tb_new_ref(source->image)
                                  : PyBytes_FromStringAndSize(source->data,
                                                              (Py_ssize_t)source->size);
    if (object->image == NULL) {
        tb_object_close(object);
        Py_CLEAR(object);
    }
    return object;
}

/* What is wrong with the file, or with it and the BTF that it is to be relocated for.
 */
static const char *
gate_problem(const struct source *source, int btf_fd, char *text, size_t max)
{
    const char *problem = tb_gate_object(source->data, source->size, text, max);

    return problem == NULL && btf_fd >= 0
               ? tb_custom_btf_problem(btf_fd, source->data, source->size, text, max)
               : problem;
}

/* Pass the file through the gate, then open; a new BpfObject, which takes the options'
 * BTF. */
static BpfObject *
open_source(struct tb_state *state, const struct source *source,
            struct options *options)
{
    struct bpf_object *handle;
    BpfObject *object = NULL;
    struct tb_log log;
    char problem[320];
    int err = 0;

    if (gate_problem(source, options->btf_fd, problem, sizeof(problem)) != NULL) {
        return tb_error_raise(state, TB_ERROR, tb_btf_table_errno(problem, ENOEXEC),
                              "%s '%s' failed: %s", source->verb, source->file,
                              problem);
    }
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    handle = open_nogil(source, &options->opts, &log, &err);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (handle == NULL) {
        tb_error_libbpf(state, err, &log, "%s '%s'", source->verb, source->file);
    }
    else {
        object = (BpfObject *)tb_object_new_steal(
            state, handle, options->opts.object_name, source->path);
    }
    tb_log_free(&log);
    if (object != NULL) {
        object->btf_fd = options->btf_fd;
        options->btf_fd = -1;
        return keep_image_steal(object, source);
    }
    return NULL;
}

/* Whether bytes are an object, and no path; -1 with TypeError. */
static int
check_path(const char *verb, PyObject *source)
{
    const char *data = PyBytes_Check(source) ? PyBytes_AsString(source) : NULL;

    if (!PyObject_CheckBuffer(source) ||
        (data != NULL && !tb_elf_is_elf(data, (size_t)PyBytes_Size(source)))) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError,
                 "%s() takes the path of a file: an object in memory is opened by "
                 "tinybpf.open_bytes(data), and loaded by its load()",
                 verb);
    return -1;
}

/* The opened object with what was chosen for it; NULL stands for a failure before. One
 * that cannot be given it is closed. */
static BpfObject *
choose_steal(BpfObject *object, const struct tb_choice *choice)
{
    if (object != NULL && tb_choice_apply(object, choice) < 0) {
        tb_object_close(object);
        Py_CLEAR(object);
    }
    return object;
}

BpfObject *
tb_open_path(struct tb_state *state, const struct tb_open_args *args, const char *verb)
{
    struct options options = {.btf_fd = -1};
    struct tb_source from = {.file = {.fd = -1}};
    struct source source = {.verb = verb};
    BpfObject *object = NULL;
    char name[NAME_MAX + 1];

    if (check_path(verb, args->source) < 0 || take_options(state, args, &options) < 0 ||
        tb_source_read(&from, args->source) < 0) {
        goto done;
    }
    source.file = PyBytes_AsString(from.name);
    source.path = from.path;
    source.data = from.data;
    source.size = from.size;
    source.image = from.bytes;
    if (options.opts.object_name == NULL) {
        object_name(source.file, name, sizeof(name));
        options.opts.object_name = name;
    }
    object = choose_steal(open_source(state, &source, &options), &args->choice);
done:
    tb_source_free(&from);
    options_free(&options);
    return object;
}

BpfObject *
tb_open_image(struct tb_state *state, const struct tb_open_args *args, PyObject *path,
              const char *verb)
{
    struct options options = {.btf_fd = -1};
    struct source source = {.verb = verb, .path = path, .image = args->source};
    BpfObject *object = NULL;

    source.data = PyBytes_AsString(source.image);
    source.size = (size_t)PyBytes_Size(source.image);
    source.file = "<bytes>";
    if (take_options(state, args, &options) == 0) {
        if (options.opts.object_name == NULL) {
            options.opts.object_name = "bytes";
        }
        object = choose_steal(open_source(state, &source, &options), &args->choice);
    }
    options_free(&options);
    return object;
}

/* The same for bytes-like data; its .path is no path. */
static BpfObject *
open_data(struct tb_state *state, const struct tb_open_args *args)
{
    struct tb_open_args copied = *args;
    BpfObject *object = NULL;
    PyObject *path;

    if (!PyObject_CheckBuffer(args->source)) {
        return (void *)PyErr_Format(PyExc_TypeError, "data is bytes-like, not %R",
                                    Py_TYPE(args->source));
    }
    copied.source = PyBytes_FromObject(args->source); /* a copy, if it could change */
    path = copied.source ? PyUnicode_FromString("<bytes>") : NULL;
    if (path != NULL) {
        object = tb_open_image(state, &copied, path, "open");
    }
    Py_XDECREF(copied.source);
    Py_XDECREF(path);
    return object;
}

int
tb_open_parse(PyObject *args, PyObject *kwargs, const char *name,
              struct tb_open_args *out)
{
    const char *source = strcmp(name, "open_bytes") == 0 ? "data" : "path";
    const char *const names[] = {source,  "rodata",    "maps",    "autoload",
                                 "name",  "btf",       "kconfig", "pin_root",
                                 "token", "log_level", NULL};
    char format[32];

    snprintf(format, sizeof(format), "O|$OOOOOOOOi:%s", name);
    *out = (struct tb_open_args){0};
    return PyArg_ParseTupleAndKeywords(
               args, kwargs, format, (char **)names, &out->source, &out->choice.rodata,
               &out->choice.maps, &out->choice.autoload, &out->name, &out->btf,
               &out->kconfig, &out->pin_root, &out->token, &out->log_level)
               ? 0
               : -1;
}

PyObject *
tb_open_file(PyObject *module, PyObject *args, PyObject *kwargs)
{
    struct tb_open_args given;

    if (tb_open_parse(args, kwargs, "open", &given) < 0) {
        return NULL;
    }
    return (PyObject *)tb_open_path(tb_state_of_module(module), &given, "open");
}

PyObject *
tb_open_bytes(PyObject *module, PyObject *args, PyObject *kwargs)
{
    struct tb_open_args given;

    if (tb_open_parse(args, kwargs, "open_bytes", &given) < 0) {
        return NULL;
    }
    return (PyObject *)open_data(tb_state_of_module(module), &given);
}
