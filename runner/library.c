/* SPDX-License-Identifier: MIT
 *
 * The library inside the executable, as Python sees it: the built-in module _tbpy.
 *
 * It gives code and sources out of the tables that freeze.py made, is a hook of
 * sys.path and a finder (importers.c puts it there), and says of a module that was left
 * out that it was. The importlib side is lib/_tbpy_import.py. Nothing here reads the
 * host, the look for a zip aside.
 */
#include "bundle.h"
#include "fold.h"
#include "licenses.h"
#include "packed.h"
#include "python.h"
#include "table.h"
#include "zippath.h"

#include <marshal.h>
#include <stdlib.h>
#include <string.h>

static int
compare_module(const void *name, const void *entry)
{
    return strcmp(name, ((const struct tbr_module *)entry)->name);
}

static int
compare_left_out(const void *name, const void *entry)
{
    return strcmp(name, ((const struct tbr_left_out *)entry)->name);
}

/* Set *out_utf8 to a name's text, NULL when no table can have it: it has a NUL or is no
 * Unicode. 0, or -1 with an exception when it is no string. */
static int
get_name(PyObject *name, const char **out_utf8)
{
    Py_ssize_t size;

    *out_utf8 = PyUnicode_AsUTF8AndSize(name, &size);
    if (*out_utf8 == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            return -1;
        }
        PyErr_Clear();
    }
    else if (strlen(*out_utf8) != (size_t)size) {
        *out_utf8 = NULL;
    }
    return 0;
}

/* Find the entry of a name; *out_module is NULL when it is not inside. 0, or -1 with an
 * exception when it is no string. */
static int
find_module(PyObject *name, const struct tbr_module **out_module)
{
    const char *utf8;

    *out_module = NULL;
    if (get_name(name, &utf8) < 0) {
        return -1;
    }
    if (utf8 != NULL) {
        *out_module = bsearch(utf8, tbr_modules, tbr_modules_count,
                              sizeof(*tbr_modules), compare_module);
    }
    return 0;
}

/* As find_module(), with an ImportError set when there is none. */
static const struct tbr_module *
get_module(PyObject *name)
{
    const struct tbr_module *module;
    PyObject *message;

    if (find_module(name, &module) < 0 || module != NULL) {
        return module;
    }
    message = PyUnicode_FromFormat("%U is not in the library", name);
    PyErr_SetImportError(message, name, NULL);
    Py_XDECREF(message);
    return NULL;
}

PyDoc_STRVAR(find_doc, "find(name) -> is it a package? None if it is not inside.");

static PyObject *
library_find(PyObject *self, PyObject *name)
{
    const struct tbr_module *module;

    (void)self;
    if (find_module(name, &module) < 0) {
        return NULL;
    }
    if (module == NULL) {
        Py_RETURN_NONE;
    }
    return PyBool_FromLong((long)module->is_package);
}

PyDoc_STRVAR(code_doc, "code(name) -> the module's code object.");

/* Made anew by each call: whoever imports keeps the module, not its code. */
static PyObject *
library_code(PyObject *self, PyObject *name)
{
    const struct tbr_module *module = get_module(name);
    const char *data;
    PyObject *code;
    char *copy;

    (void)self;
    if (module == NULL) {
        return NULL;
    }
    data = tbr_packed_open(&module->code, &tbr_code_words, &copy);
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    code = PyMarshal_ReadObjectFromString(data, (Py_ssize_t)module->code.full_size);
    tbr_packed_close(copy);
    return code;
}

PyDoc_STRVAR(source_doc, "source(name) -> the module's source, None if it has none.");

/* FrozenImporter.get_source, too (importers.c). */
static PyObject *
library_source(PyObject *self, PyObject *name)
{
    const struct tbr_module *module = get_module(name);
    PyObject *source;
    char *text;
    size_t n;

    (void)self;
    if (module == NULL) {
        return NULL;
    }
    if (module->source.full_size == 0) {
        Py_RETURN_NONE;
    }
    text = tbr_fold_open(&module->source, &module->code, &n);
    if (text == NULL) {
        return PyErr_NoMemory();
    }
    source = PyUnicode_DecodeUTF8(text, (Py_ssize_t)n, NULL);
    free(text);
    return source;
}

PyDoc_STRVAR(names_doc, "names() -> the names of all Python modules inside, sorted.");

static PyObject *
library_names(PyObject *self, PyObject *unused)
{
    PyObject *names = PyTuple_New((Py_ssize_t)tbr_modules_count);

    (void)self;
    (void)unused;
    for (size_t i = 0; names != NULL && i < tbr_modules_count; i++) {
        PyObject *name = PyUnicode_FromString(tbr_modules[i].name);

        if (name == NULL) {
            Py_CLEAR(names);
            break;
        }
        PyTuple_SET_ITEM(names, (Py_ssize_t)i, name);
    }
    return names;
}

PyDoc_STRVAR(licenses_doc, "licenses() -> the licences of all that is inside.");

static PyObject *
library_licenses(PyObject *self, PyObject *unused)
{
    char *copy;
    const char *text = tbr_packed_open(&tbr_licenses, NULL, &copy);
    PyObject *licenses;

    (void)self;
    (void)unused;
    if (text == NULL) {
        return PyErr_NoMemory();
    }
    licenses = PyUnicode_DecodeUTF8(text, (Py_ssize_t)tbr_licenses.full_size, NULL);
    tbr_packed_close(copy);
    return licenses;
}

PyDoc_STRVAR(path_hook_doc,
             "path_hook(path) -> a finder for the library, a bundle or a zip.");

/* Is this path the root of what is inside, or below it? */
static int
is_below(PyObject *path, const char *root)
{
    const char *utf8 = PyUnicode_Check(path) ? PyUnicode_AsUTF8(path) : NULL;
    size_t n = strlen(root);

    if (utf8 == NULL) {
        PyErr_Clear(); /* bytes, or not UTF-8: not ours */
        return 0;
    }
    return strncmp(utf8, root, n) == 0 && (utf8[n] == '\0' || utf8[n] == '/');
}

/* An entry of sys.path_hooks, the first. zipimport is imported only for what can be a
 * zip: at every start it would cost more than all the rest of this file. */
static PyObject *
library_path_hook(PyObject *self, PyObject *path)
{
    const char *module = "_tbpy_import", *finder = NULL;
    PyObject *make, *result;

    (void)self;
    if (is_below(path, TBR_ROOT)) {
        finder = "LibraryFinder";
    }
    else if (tbr_bundle_is_there() && is_below(path, TBR_BUNDLE_ROOT)) {
        module = "_tbpy_files";
        finder = "BundleFinder";
    }
    else if (tbr_zippath_is_candidate(path)) {
        finder = "zip_finder";
    }
    if (finder == NULL) {
        PyErr_SetString(PyExc_ImportError, "neither the library nor a zip");
        return NULL;
    }
    make = PyImport_ImportModuleAttrString(module, finder);
    if (make == NULL) {
        return NULL;
    }
    result = PyObject_CallOneArg(make, path);
    Py_DECREF(make);
    return result;
}

/* Is an import statement asking, and not importlib.util.find_spec(), which wants None
 * for what is not there? Both call importlib's _find_spec(), which calls us. */
static int
called_by_import(void)
{
    PyFrameObject *frame = PyEval_GetFrame();
    PyFrameObject *caller = frame != NULL ? PyFrame_GetBack(frame) : NULL;
    PyCodeObject *code;
    int answer;

    if (caller == NULL) {
        return 0;
    }
    code = PyFrame_GetCode(caller);
    answer = PyUnicode_EqualToUTF8(code->co_name, "_find_and_load_unlocked");
    Py_DECREF(code);
    Py_DECREF(caller);
    return answer;
}

PyDoc_STRVAR(left_out_doc,
             "left_out(name) -> what to do without a module, None if it is not one.");

static PyObject *
library_left_out(PyObject *self, PyObject *name)
{
    const struct tbr_left_out *entry = NULL;
    const char *utf8;

    (void)self;
    if (get_name(name, &utf8) < 0) {
        return NULL;
    }
    if (utf8 != NULL) {
        entry = bsearch(utf8, tbr_left_out, tbr_left_out_count, sizeof(*tbr_left_out),
                        compare_left_out);
    }
    if (entry == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(entry->advice);
}

/* Set the error that says more, if there is more to say: lib/_tbpy_missing.py knows the
 * class, the message and the file. It is raised here and not there, so that its
 * traceback ends where the import stands. */
static void
explain_missing(PyObject *name, PyObject *path)
{
    PyObject *explain = PyImport_ImportModuleAttrString("_tbpy_missing", "explain");
    PyObject *told = explain == NULL
                         ? NULL
                         : PyObject_CallFunctionObjArgs(explain, name, path, NULL);
    PyObject *error, *message, *file;

    if (told != NULL && told != Py_None &&
        PyArg_ParseTuple(told, "OOO", &error, &message, &file)) {
        PyErr_SetImportErrorSubclass(error, message, name, file);
    }
    Py_XDECREF(told);
    Py_XDECREF(explain);
}

PyDoc_STRVAR(find_spec_doc, "find_spec(name, path=None, target=None) -> None.\n\n\
Raise an ImportError that says more, where there is more to say of an import.");

/* The module itself is the last entry of sys.meta_path: this runs only for an import
 * that fails. */
static PyObject *
library_find_spec(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *names)
{
    (void)self;
    (void)names;
    if (nargs < 1 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "find_spec() needs a name");
        return NULL;
    }
    if (called_by_import()) {
        explain_missing(args[0], nargs > 1 ? args[1] : Py_None);
    }
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef library_methods[] = {
    {"find", library_find, METH_O, find_doc},
    {"code", library_code, METH_O, code_doc},
    {"source", library_source, METH_O, source_doc},
    {"names", library_names, METH_NOARGS, names_doc},
    {"left_out", library_left_out, METH_O, left_out_doc},
    {"licenses", library_licenses, METH_NOARGS, licenses_doc},
    {"path_hook", library_path_hook, METH_O, path_hook_doc},
    {"find_spec", _PyCFunction_CAST(library_find_spec), METH_FASTCALL | METH_KEYWORDS,
     find_spec_doc},
    {0},
};

static int
library_exec(PyObject *module)
{
    /* Finders are classes; who lists them asks for this. */
    if (PyModule_AddStringConstant(module, "__module__", "_tbpy") < 0) {
        return -1;
    }
    if (PyModule_AddIntConstant(module, "IS_BUNDLE", tbr_bundle_is_there()) < 0 ||
        PyModule_AddStringConstant(module, "ROOT", TBR_ROOT) < 0 ||
        PyModule_AddStringConstant(module, "SIZES", tbr_sizes) < 0 ||
        PyModule_AddStringConstant(module, "VERSIONS", TBR_VERSIONS) < 0) {
        return -1;
    }
    return PyModule_AddStringConstant(module, "VERSION", TINYBPF_VERSION);
}

static PyModuleDef_Slot library_slots[] = {
    {Py_mod_exec, library_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0},
};

static struct PyModuleDef library_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tbpy",
    .m_doc = "The library inside tinybpf-run.",
    .m_methods = library_methods,
    .m_slots = library_slots,
};

PyMODINIT_FUNC
PyInit__tbpy(void)
{
    return PyModuleDef_Init(&library_def);
}
