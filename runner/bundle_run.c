/* SPDX-License-Identifier: MIT
 *
 * Run the program of a bundle: choose it, start Python, end as python does.
 *
 * Py_RunMain() takes its script from a file; here it is code that is there already.
 * What that does before and behind a script is done here, too.
 */
#include "bundle_run.h"

#include "bundle.h"
#include "bundle_child.h"
#include "bundle_module.h"
#include "bundle_open.h"
#include "collector.h"
#include "config.h"
#include "importers.h"
#include "prefault.h"
#include "python.h"
#include "stack.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The programs: "NAME\0FILE\0" for each, sorted by name. */
static const char programs_name[] = "/programs";
static const char object_suffix[] = ".bpf.o";
static const char package_suffix[] = "/__main__.py";

enum { STATUS_REFUSED = 2, STATUS_NOT_FLUSHED = 120 };

static int
ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), tail = strlen(suffix);

    return n >= tail && strcmp(text + n - tail, suffix) == 0;
}

/* Return a copy of the table of programs, "" at its end, wherever it was cut; NULL when
 * there is none. */
static char *
read_programs(void)
{
    const struct tbr_bundle_file *file =
        tbr_bundle_find(programs_name, strlen(programs_name));
    char *programs = file != NULL ? calloc(1, (size_t)file->full_size + 4) : NULL;

    if (programs != NULL && tbr_bundle_read(file, programs) < 0) {
        free(programs);
        return NULL;
    }
    return programs;
}

static const char *
next_string(const char *string)
{
    return string + strlen(string) + 1;
}

/* The file of the program that has this name, or NULL. */
static const char *
find_program(const char *programs, const char *name)
{
    for (const char *at = programs; *at != '\0'; at = next_string(next_string(at))) {
        if (strcmp(at, name) == 0) {
            return next_string(at);
        }
    }
    return NULL;
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Tell how programs are chosen: on standard output if that was asked for. */
static int
tell_programs(const char *programs, const char *self, const char *word)
{
    int is_asked =
        word != NULL && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
    FILE *out = is_asked ? stdout : stderr;

    if (word != NULL && !is_asked) {
        fprintf(out, "%s: there is no program %s in it\n", self, word);
    }
    fprintf(out, "usage: %s PROGRAM [arg]...\nprograms:", self);
    for (const char *at = programs; *at != '\0'; at = next_string(next_string(at))) {
        fprintf(out, " %s", at);
    }
    fprintf(out, "\nA link that has a program's name runs it, too.\n");
    return is_asked && fflush(out) == 0 ? 0 : STATUS_REFUSED;
}

/* Choose the program: the one that there is, the one of the name that this process was
 * started by, the one that the first word names. That word is then taken away. NULL
 * with a status when there is nothing to run. */
static const char *
choose(const char *programs, int *argc, char ***argv, int *out_status)
{
    const char *self = *argc > 0 ? (*argv)[0] : "";
    const char *word = *argc > 1 ? (*argv)[1] : NULL;
    const char *only = next_string(programs);
    const char *file;

    if (*next_string(only) == '\0') {
        return only;
    }
    file = find_program(programs, last_part(self));
    if (file != NULL) {
        return file;
    }
    file = word != NULL ? find_program(programs, word) : NULL;
    if (file == NULL) {
        *out_status = tell_programs(programs, self, word);
        return NULL;
    }
    ++*argv;
    --*argc;
    return file;
}

/* Set what Python sets in the module of a script: 0, or -1 with an exception. */
static int
describe_main(PyObject *globals, const char *name)
{
    PyObject *path = PyUnicode_FromFormat(TBR_BUNDLE_ROOT "/%s", name);
    PyObject *make = PyImport_ImportModuleAttrString("_tbpy_files", "BundleLoader");
    PyObject *loader =
        make != NULL ? PyObject_CallFunction(make, "ss", "__main__", name) : NULL;
    int rc = -1;

    if (path != NULL && loader != NULL &&
        PyDict_SetItemString(globals, "__file__", path) == 0 &&
        PyDict_SetItemString(globals, "__cached__", Py_None) == 0) {
        rc = PyDict_SetItemString(globals, "__loader__", loader);
    }
    Py_XDECREF(loader);
    Py_XDECREF(make);
    Py_XDECREF(path);
    return rc;
}

/* Run a script as __main__: its result, NULL with an exception. */
static PyObject *
run_script(const char *name)
{
    PyObject *main_module = PyImport_AddModuleRef("__main__");
    PyObject *globals = main_module != NULL ? PyModule_GetDict(main_module) : NULL;
    PyObject *code = globals != NULL ? tbr_bundle_code(name, strlen(name)) : NULL;
    PyObject *result = NULL;

    if (code != NULL && !PyCode_Check(code)) {
        PyErr_Format(PyExc_SystemError, "%s has no code", name);
    }
    else if (code != NULL && describe_main(globals, name) == 0) {
        result = PyEval_EvalCode(code, globals, globals);
    }
    Py_XDECREF(code);
    Py_XDECREF(main_module);
    return result;
}

/* Run a package by its __main__, as -m does. */
static PyObject *
run_package(const char *name)
{
    PyObject *run = PyImport_ImportModuleAttrString("runpy", "_run_module_as_main");
    PyObject *package = PyUnicode_FromStringAndSize(
        name, (Py_ssize_t)(strlen(name) - strlen(package_suffix)));
    PyObject *result = NULL;

    if (run != NULL && package != NULL) {
        result = PyObject_CallFunction(run, "Oi", package, 0);
    }
    Py_XDECREF(package);
    Py_XDECREF(run);
    return result;
}

/* Run an object: the command of tinybpf does it. */
static PyObject *
run_object(const char *name)
{
    PyObject *run = PyImport_ImportModuleAttrString("_tbpy_object", "run");
    PyObject *result = NULL;

    if (run != NULL) {
        result = PyObject_CallFunction(run, "s", name);
    }
    Py_XDECREF(run);
    return result;
}

static PyObject *
run_program(const char *name)
{
    if (ends_with(name, object_suffix)) {
        return run_object(name);
    }
    return ends_with(name, package_suffix) ? run_package(name) : run_script(name);
}

/* What was written comes before what the exception tells, as in python. */
static void
flush_output(void)
{
    PyObject *raised = PyErr_GetRaisedException();
    PyObject *out = PySys_GetObject("stdout"); /* borrowed */
    PyObject *none = NULL;

    if (out != NULL && out != Py_None) {
        none = PyObject_CallMethod(out, "flush", NULL);
    }
    PyErr_Clear();
    Py_XDECREF(none);
    PyErr_SetRaisedException(raised);
}

/* End Python: the status of the process. One that Ctrl-C has ended dies by the signal,
 * so that a shell sees it. */
static int
finish(PyObject *result)
{
    int is_interrupted = 0;
    int status = result == NULL;

    Py_XDECREF(result);
    flush_output();
    if (status != 0) {
        is_interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
        PyErr_Print(); /* ends the process after a SystemExit */
    }
    if (Py_FinalizeEx() < 0) {
        status = STATUS_NOT_FLUSHED;
    }
    if (is_interrupted) {
        PyOS_setsig(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
        return 128 + SIGINT;
    }
    return status;
}

/* Let tinybpf know of the types that the bundle has for kernels without BTF, where this
 * is one: 0, or -1 with an exception. */
static int
offer_types(void)
{
    static const char name[] = "/btf", kernels[] = "/sys/kernel/btf/vmlinux";
    const struct tbr_bundle_file *file = tbr_bundle_find(name, strlen(name));
    PyObject *module, *folder;
    char text[NAME_MAX + 1] = "";
    int rc;

    if (file == NULL || file->full_size > NAME_MAX || access(kernels, R_OK) == 0 ||
        tbr_bundle_read(file, text) < 0) {
        return 0;
    }
    module = PyImport_ImportModule("tinybpf._kernels");
    folder = PyUnicode_FromFormat(TBR_BUNDLE_ROOT "/%s", text);
    rc = module != NULL && folder != NULL
             ? PyObject_SetAttrString(module, "default_folder", folder)
             : -1;
    Py_XDECREF(folder);
    Py_XDECREF(module);
    return rc;
}

/* Start Python with this command line. */
static void
begin(int argc, char **argv, enum tbr_config_words words)
{
    tbr_prefault();
    tbr_importers_register();
    tbr_bundle_explain_open();
    tbr_config_start(argc, argv, words);
    tbr_stack_protect_main();
    if (offer_types() < 0) {
        PyErr_Print();
    }
    tbr_collector_freeze();
}

/* Choose a program and run it. */
static int
run_chosen(const char *programs, int argc, char **argv)
{
    int status = STATUS_REFUSED;
    const char *program = choose(programs, &argc, &argv, &status);

    if (program == NULL) {
        return status;
    }
    begin(argc, argv, TBR_WORDS_OF_TOOL);
    return finish(run_program(program));
}

int
tbr_bundle_run(int argc, char **argv)
{
    const char *wrong = tbr_bundle_open();
    char *programs = wrong == NULL ? read_programs() : NULL;
    int status;

    if (programs == NULL) {
        fprintf(stderr, "%s: %s: copy it here again\n", argc > 0 ? argv[0] : "bundle",
                wrong != NULL ? wrong : "it has no program");
        return STATUS_REFUSED;
    }
    if (tbr_bundle_child_is_python(&argc, argv)) {
        begin(argc, argv, TBR_WORDS_OF_PYTHON);
        status = Py_RunMain();
    }
    else {
        status = run_chosen(programs, argc, argv);
    }
    free(programs);
    return status;
}
