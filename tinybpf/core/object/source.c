/* SPDX-License-Identifier: MIT
 *
 * Reads what an object is opened from. `Path(__file__).with_name("x.bpf.o")` names no
 * file in a zip; the importer that the script itself came by has the bytes. Which
 * importers there are is Python's business: nothing here knows of zips.
 */
#include "object/source.h"

#include "base/args.h"

void
tb_source_free(struct tb_source *source)
{
    tb_file_free(&source->file);
    Py_CLEAR(source->bytes);
    Py_CLEAR(source->name);
    Py_CLEAR(source->path);
}

/* Keep what an importer or read_bytes() answered, which may be NULL with an exception.
 * 0 or -1. */
static int
keep_steal(struct tb_source *source, PyObject *answer)
{
    if (answer == NULL) {
        return -1;
    }
    source->bytes = PyBytes_FromObject(answer);
    Py_DECREF(answer);
    if (source->bytes == NULL) {
        return -1;
    }
    source->data = PyBytes_AsString(source->bytes);
    source->size = (size_t)PyBytes_Size(source->bytes);
    return 0;
}

/* The importer of a folder that Python knows already, or finds; None if there is none.
 * Importing pkgutil, which looks for one, takes longer than opening an object. */
static PyObject *
get_importer(PyObject *folder)
{
    PyObject *cache = PySys_GetObject("path_importer_cache"); /* borrowed */
    PyObject *known = NULL, *pkgutil, *importer;

    if (cache != NULL && PyDict_Check(cache)) {
        known = PyDict_GetItemWithError(cache, folder);
    }
    if (known != NULL) {
        return tb_new_ref(known);
    }
    pkgutil = PyErr_Occurred() ? NULL : PyImport_ImportModule("pkgutil");
    importer = pkgutil != NULL
                   ? PyObject_CallMethod(pkgutil, "get_importer", "O", folder)
                   : NULL;
    Py_XDECREF(pkgutil);
    return importer;
}

/* The importer of the folder of a path; None if there is none. */
static PyObject *
importer_of(PyObject *path)
{
    Py_ssize_t end = PyUnicode_GetLength(path);
    PyObject *folder, *importer;

    end = PyUnicode_FindChar(path, '/', 0, end, -1);
    if (end <= 0) {
        return end < -1 ? NULL : tb_new_ref(Py_None);
    }
    folder = PyUnicode_Substring(path, 0, end);
    importer = folder != NULL ? get_importer(folder) : NULL;
    Py_XDECREF(folder);
    return importer;
}

/* Take the bytes from the archive that the path leads into. 0 with source->bytes, NULL
 * if there is no such archive or it has no such member; -1 with an exception. */
static int
read_archived(struct tb_source *source)
{
    PyObject *importer = importer_of(source->path);
    int rc = importer ? tb_args_has(importer, "get_data") : tb_args_forgive_module();

    if (rc > 0) {
        rc = keep_steal(source,
                        PyObject_CallMethod(importer, "get_data", "O", source->path));
        if (rc < 0 && PyErr_ExceptionMatches(PyExc_OSError)) {
            PyErr_Clear();
            rc = 0;
        }
    }
    Py_XDECREF(importer);
    return rc;
}

/* Look into archives in place of a file that is not there. */
static int
recover(struct tb_source *source)
{
    PyObject *type, *value, *tb;

    if (!PyErr_ExceptionMatches(PyExc_FileNotFoundError) &&
        !PyErr_ExceptionMatches(PyExc_NotADirectoryError)) {
        return -1;
    }
    PyErr_Fetch(&type, &value, &tb);
    if (read_archived(source) < 0 || source->bytes != NULL) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(tb);
        return source->bytes == NULL ? -1 : 0;
    }
    PyErr_Restore(type, value, tb);
    return -1;
}

/* Whether it is no path, but can be read; -1 with an exception. */
static int
is_readable(PyObject *given)
{
    int is_path = PyUnicode_Check(given) || PyBytes_Check(given)
                      ? 1
                      : tb_args_has(given, "__fspath__");

    return is_path == 0 ? tb_args_has(given, "read_bytes") : is_path < 0 ? -1 : 0;
}

int
tb_source_read(struct tb_source *source, PyObject *given)
{
    int can_read = is_readable(given);

    if (can_read < 0) {
        return -1;
    }
    if (can_read > 0) {
        source->path = PyObject_Str(given);
        if (source->path == NULL ||
            !PyUnicode_FSConverter(source->path, &source->name)) {
            return -1;
        }
        return keep_steal(source, PyObject_CallMethod(given, "read_bytes", NULL));
    }
    if (!PyUnicode_FSConverter(given, &source->name) ||
        !PyUnicode_FSDecoder(given, &source->path)) {
        return -1;
    }
    if (tb_file_read(&source->file, source->path) < 0) {
        return recover(source);
    }
    source->data = source->file.data;
    source->size = source->file.size;
    return 0;
}
