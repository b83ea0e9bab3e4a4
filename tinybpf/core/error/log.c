/* SPDX-License-Identifier: MIT
 *
 * Capture of libbpf's messages (error/log.h). The library prints nothing: lines go into
 * the log of the call that caused them, and to Python's logging if it is in use.
 */
#include "error/log.h"

#include "base/args.h"
#include "base/libbpf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "libbpf: "

/* The callback has no context: the log that this thread captures into. */
static _Thread_local struct tb_log *current;

/* What libbpf says when the kernel did not take an object's types, and goes on without
 * them (bpf_object__sanitize_and_load_btf, 1.7). For want of memory is no reason:
 * whoever opens the maps of such an object by a pin would get bytes. */
#define NO_TYPES "Error loading .BTF into kernel: -ENOMEM"

/* Called by libbpf, in any thread, with or without the GIL. A line that finds no memory
 * is dropped, with those behind it: the error that they explain is raised all the same.
 */
static int
capture(enum libbpf_print_level level, const char *format, va_list args)
{
    struct tb_log *log = current;
    const char mark = (char)('0' + level);
    size_t start;

    if (log == NULL || (int)level > log->level) {
        return 0;
    }
    if (strncmp(format, PREFIX, strlen(PREFIX)) == 0) {
        format += strlen(PREFIX);
    }
    start = log->text.len;
    tb_text_add(&log->text, &mark, 1);
    tb_text_add_format(&log->text, format, args);
    if (tb_text_add(&log->text, "", 1) < 0) {
        log->text.len = start;
    }
    else if (strncmp(log->text.data + start + 1, NO_TYPES, strlen(NO_TYPES)) == 0) {
        log->is_starved = 1;
    }
    return (int)(log->text.len - start);
}

void
tb_log_no_memory(void)
{
    if (current != NULL) {
        current->is_starved = 1;
    }
}

int
tb_log_outcome(const struct tb_log *log, int err)
{
    return err >= 0 && log->is_starved ? -ENOMEM : err;
}

void
tb_log_init(void)
{
    libbpf_set_print(capture);
}

/* The logger, borrowed nowhere: a new reference, or NULL without an exception if
 * nobody can be listening. An application that listens has imported logging. */
static PyObject *
find_logger(void)
{
    PyObject *modules = PySys_GetObject("modules"); /* borrowed */
    PyObject *logging = NULL, *name = NULL, *logger = NULL, *heard = NULL;

    if (modules != NULL && PyDict_Check(modules)) {
        logging = PyDict_GetItemString(modules, "logging"); /* borrowed */
    }
    if (logging == NULL) {
        return NULL;
    }
    name = PyUnicode_FromString("tinybpf.libbpf");
    if (name != NULL) {
        logger = tb_args_call(logging, "getLogger", name);
    }
    if (logger != NULL) {
        heard = tb_args_call(logger, "hasHandlers", NULL);
    }
    Py_XDECREF(name);
    if (heard != Py_True) {
        PyErr_Clear();
        Py_CLEAR(logger);
    }
    Py_XDECREF(heard);
    return logger;
}

static int
python_level(int level)
{
    static const int levels[] = {30, 20, 10}; /* warning, info, debug */

    return levels[level <= LIBBPF_DEBUG ? level : LIBBPF_DEBUG];
}

/* The most talkative libbpf level that the logger wants. */
static int
wanted_level(PyObject *logger)
{
    PyObject *debug = PyLong_FromLong(python_level(LIBBPF_DEBUG));
    PyObject *enabled = debug ? tb_args_call(logger, "isEnabledFor", debug) : NULL;
    int level = enabled == Py_True ? LIBBPF_DEBUG : LIBBPF_INFO;

    if (enabled == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(debug);
    Py_XDECREF(enabled);
    return level;
}

void
tb_log_start(struct tb_log *log)
{
    PyObject *type, *value, *tb, *logger;

    PyErr_Fetch(&type, &value, &tb);
    logger = find_logger();
    *log = (struct tb_log){.level = logger ? wanted_level(logger) : LIBBPF_INFO};
    Py_XDECREF(logger);
    PyErr_Restore(type, value, tb);
    log->outer = current;
    current = log;
}

/* The record behind this one; NULL at the end. */
static const char *
next_record(const struct tb_log *log, const char *record)
{
    const char *text = log->text.data;
    const char *next = record ? record + strlen(record) + 1 : text;

    return text != NULL && next < text + log->text.len ? next : NULL;
}

static PyObject *
decode_line(const char *text)
{
    size_t n = strlen(text);

    while (n > 0 && text[n - 1] == '\n') {
        n--;
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)n, "replace");
}

/* Pass the lines on, one by one; what a handler raises is reported and dropped. */
static void
forward(const struct tb_log *log, PyObject *logger)
{
    PyObject *method = tb_args_attr(logger, "log");
    const char *record = NULL;

    while ((record = next_record(log, record)) != NULL) {
        PyObject *line = decode_line(record + 1);
        PyObject *done = NULL;

        if (line != NULL && method != NULL) {
            done = PyObject_CallFunction(method, "isO", python_level(record[0] - '0'),
                                         "%s", line);
        }
        if (done == NULL) {
            PyErr_WriteUnraisable(logger);
        }
        Py_XDECREF(done);
        Py_XDECREF(line);
    }
    Py_XDECREF(method);
}

void
tb_log_stop(struct tb_log *log)
{
    PyObject *type, *value, *tb, *logger;

    current = log->outer;
    if (log->text.len == 0) {
        return;
    }
    PyErr_Fetch(&type, &value, &tb);
    logger = find_logger();
    if (logger != NULL) {
        forward(log, logger);
    }
    Py_XDECREF(logger);
    PyErr_Restore(type, value, tb);
}

void
tb_log_free(struct tb_log *log)
{
    tb_text_free(&log->text);
}

/* The next record that a person should see: debug lines go to logging only. */
static const char *
next_notice(const struct tb_log *log, const char *record)
{
    do {
        record = next_record(log, record);
    } while (record != NULL && record[0] - '0' > LIBBPF_INFO);
    return record;
}

int
tb_log_contains(const struct tb_log *log, const char *words)
{
    const char *record = NULL;

    while ((record = next_notice(log, record)) != NULL) {
        if (strstr(record + 1, words) != NULL) {
            return 1;
        }
    }
    return 0;
}

int
tb_log_is_empty(const struct tb_log *log)
{
    return next_notice(log, NULL) == NULL;
}

char *
tb_log_join(const struct tb_log *log)
{
    char *text = malloc(log->text.len + 1);
    const char *record = NULL;
    char *end = text;

    if (text == NULL) {
        return NULL;
    }
    while ((record = next_notice(log, record)) != NULL) {
        size_t n = strlen(record + 1);

        memcpy(end, record + 1, n);
        end += n;
    }
    while (end > text && end[-1] == '\n') {
        end--;
    }
    *end = '\0';
    return text;
}

PyObject *
tb_log_text(const struct tb_log *log)
{
    return tb_log_tail(log, 0, NULL);
}

/* Take the lines that have these words out of a text. */
static void
drop_lines(char *text, const char *words)
{
    char *found;

    while ((found = strstr(text, words)) != NULL) {
        char *line = (char *)tb_text_line(text, found);
        char *rest = strchr(found, '\n');

        rest = rest ? rest + 1 : found + strlen(found);
        memmove(line, rest, strlen(rest) + 1);
    }
}

/* n = 0: all lines. */
PyObject *
tb_log_tail(const struct tb_log *log, int n, const char *without)
{
    char *text = tb_log_join(log);
    const char *from;
    PyObject *result;

    if (text == NULL) {
        return PyErr_NoMemory();
    }
    if (without != NULL) {
        drop_lines(text, without);
    }
    from = n > 0 ? text + strlen(text) : text;
    while (from > text && !(from[-1] == '\n' && --n == 0)) {
        from--;
    }
    result = decode_line(from);
    free(text);
    return result;
}
