/* SPDX-License-Identifier: MIT
 *
 * The files of a bundle as Python sees them: the built-in module _tbpy_bundle.
 *
 * Names are those of files below its ROOT. lib/_tbpy_files.py imports from them; what
 * is kept about the program (bundle.h) has no name here.
 */
#include "bundle_module.h"

#include "bundle.h"
#include "python.h"

#include <marshal.h>
#include <string.h>
#include <sys/auxv.h>

/* The file of a name, NULL without an exception if there is none or it can be no name.
 */
static const struct tbr_bundle_file *
find(PyObject *name)
{
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(name, &n);

    if (text == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
    }
    return text == NULL || text[0] == '/' ? NULL : tbr_bundle_find(text, (size_t)n);
}

PyDoc_STRVAR(is_file_doc, "is_file(name) -> is there a file of this name?");

static PyObject *
bundle_is_file(PyObject *self, PyObject *name)
{
    const struct tbr_bundle_file *file = find(name);

    (void)self;
    return PyErr_Occurred() ? NULL : PyBool_FromLong(file != NULL);
}

PyDoc_STRVAR(data_doc, "data(name) -> a file's contents, None if there is none.");

static PyObject *
bundle_data(PyObject *self, PyObject *name)
{
    const struct tbr_bundle_file *file = find(name);
    PyObject *data;

    (void)self;
    if (file == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    data = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)file->full_size);
    if (data != NULL && tbr_bundle_read(file, PyBytes_AS_STRING(data)) < 0) {
        Py_DECREF(data);
        return PyErr_NoMemory();
    }
    return data;
}

PyObject *
tbr_bundle_code(const char *name, size_t size)
{
    const struct tbr_bundle_file *file = tbr_bundle_find(name, size);

    if (file == NULL || file->code_size == 0) {
        Py_RETURN_NONE;
    }
    return PyMarshal_ReadObjectFromString(tbr_bundle_at(file->code),
                                          (Py_ssize_t)file->code_size);
}

PyDoc_STRVAR(code_doc, "code(name) -> a file's code object, None if it has none.");

static PyObject *
bundle_code(PyObject *self, PyObject *name)
{
    const struct tbr_bundle_file *file = find(name);

    (void)self;
    if (file == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    return tbr_bundle_code(tbr_bundle_at(file->name), file->name_size);
}

/* Does a file's name begin so? */
static int
begins(const struct tbr_bundle_file *file, const char *text, size_t n)
{
    return file->name_size >= n && memcmp(tbr_bundle_at(file->name), text, n) == 0;
}

PyDoc_STRVAR(
    names_doc,
    "names(start) -> the names that begin so, without that part, in their order.");

/* A list of strings; what is kept about the program is not among them. */
static PyObject *
bundle_names(PyObject *self, PyObject *prefix)
{
    size_t count;
    const struct tbr_bundle_file *files = tbr_bundle_files(&count), *file;
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(prefix, &n);
    PyObject *names = text != NULL ? PyList_New(0) : NULL;

    (void)self;
    for (file = text != NULL ? tbr_bundle_from(text, (size_t)n) : NULL;
         names != NULL && file < files + count && begins(file, text, (size_t)n);
         file++) {
        const char *name = tbr_bundle_at(file->name);
        PyObject *tail;

        if (name[0] == '/') {
            continue;
        }
        tail = PyUnicode_DecodeUTF8(name + n, (Py_ssize_t)file->name_size - n, NULL);
        if (tail == NULL || PyList_Append(names, tail) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(tail);
    }
    return names;
}

PyDoc_STRVAR(is_folder_doc, "is_folder(name) -> is there a file below this name?");

static PyObject *
bundle_is_folder(PyObject *self, PyObject *name)
{
    Py_ssize_t n;
    const char *text = PyUnicode_AsUTF8AndSize(name, &n);

    (void)self;
    if (text == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
        Py_RETURN_FALSE;
    }
    return text == NULL ? NULL : PyBool_FromLong(tbr_bundle_is_folder(text, (size_t)n));
}

static PyMethodDef bundle_methods[] = {
    {"is_file", bundle_is_file, METH_O, is_file_doc},
    {"is_folder", bundle_is_folder, METH_O, is_folder_doc},
    {"data", bundle_data, METH_O, data_doc},
    {"code", bundle_code, METH_O, code_doc},
    {"names", bundle_names, METH_O, names_doc},
    {0},
};

static int
bundle_exec(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "IS_SECURE", getauxval(AT_SECURE) != 0) < 0) {
        return -1;
    }
    return PyModule_AddStringConstant(module, "ROOT", TBR_BUNDLE_ROOT);
}

static PyModuleDef_Slot bundle_slots[] = {
    {Py_mod_exec, bundle_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0},
};

static struct PyModuleDef bundle_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tbpy_bundle",
    .m_doc = "The files of the bundle that is running.",
    .m_methods = bundle_methods,
    .m_slots = bundle_slots,
};

PyMODINIT_FUNC
PyInit__tbpy_bundle(void)
{
    return PyModuleDef_Init(&bundle_def);
}
