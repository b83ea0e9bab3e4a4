/* SPDX-License-Identifier: MIT
 *
 * Texts that say what a ring's records are (stream/event_declared.h). Whether there are
 * such types, and such a field in them, is for those who use them.
 */
#include "stream/event_declared.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/member.h"
#include "btf/tag.h"
#include "error/raise.h"

#include <stdlib.h>
#include <string.h>

/* Blanks around it do not count: the preprocessor leaves some. */
static char *
trim(char *text)
{
    char *end = text + strlen(text);

    while (*text == ' ') {
        text++;
    }
    while (end > text && end[-1] == ' ') {
        *--end = '\0';
    }
    return text;
}

/* The number that a text says; NULL with ValueError. */
static PyObject *
number_of(const struct btf *btf, const char *text)
{
    PyObject *number = PyLong_FromString(text, NULL, 0);
    struct tb_enum_member member;

    if (number != NULL || !PyErr_ExceptionMatches(PyExc_ValueError)) {
        return number;
    }
    PyErr_Clear();
    if (tb_member_find(btf, text, &member)) {
        return tb_member_number(&member);
    }
    PyErr_Format(PyExc_ValueError,
                 "'%s' is no number, and no enum that the object has knows it", text);
    return NULL;
}

/* Keep the field that tells the types; 0, or -1 with an exception. */
static int
keep_field(const char *name, PyObject **field)
{
    const char *before = *field ? PyUnicode_AsUTF8AndSize(*field, NULL) : name;

    if (before == NULL) {
        return -1;
    }
    if (strcmp(before, name) != 0) {
        PyErr_Format(PyExc_ValueError,
                     "the fields '%s' and '%s' cannot both tell the types of one ring",
                     before, name);
        return -1;
    }
    if (*field == NULL) {
        *field = PyUnicode_FromString(name);
    }
    return *field ? 0 : -1;
}

/* What stands behind the colon, FIELD==VALUE, as a key of the dict; NULL with an
 * exception. It is changed. */
static PyObject *
key_of(const struct btf *btf, char *condition, PyObject **field)
{
    char *value = strstr(condition, "==");

    if (value == NULL) {
        PyErr_Format(PyExc_ValueError, "'%s' is not FIELD==VALUE", condition);
        return NULL;
    }
    *value = '\0';
    if (keep_field(trim(condition), field) < 0) {
        return NULL;
    }
    return number_of(btf, trim(value + 2));
}

/* Read one text, which is changed; 0, or -1 with an exception. */
static int
read_one(const struct btf *btf, char *text, PyObject *types, PyObject **field)
{
    char *colon = strchr(text, ':');
    PyObject *key, *type;
    int rc = -1;

    if (colon != NULL) {
        *colon = '\0';
    }
    key = colon ? key_of(btf, colon + 1, field) : tb_new_ref(Py_None);
    type = key ? tb_args_text(trim(text)) : NULL;
    if (type != NULL) {
        rc = PyDict_SetItem(types, key, type);
    }
    Py_XDECREF(key);
    Py_XDECREF(type);
    return rc;
}

int
tb_event_declared_read(const struct btf *btf, PyObject *texts, PyObject **out_types,
                       PyObject **out_field)
{
    PyObject *types = PyDict_New(), *field = NULL;
    Py_ssize_t n = PyList_Size(texts);
    int rc = types ? 0 : -1;

    for (Py_ssize_t i = 0; rc == 0 && i < n; i++) {
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, i), NULL);
        char *copy = text ? strdup(text) : NULL;

        if (text != NULL && copy == NULL) {
            PyErr_NoMemory();
        }
        rc = copy ? read_one(btf, copy, types, &field) : -1;
        free(copy);
    }
    if (rc < 0) {
        Py_CLEAR(types);
        Py_CLEAR(field);
    }
    *out_types = types;
    *out_field = field;
    return rc;
}

/* The texts of a map's tags: a new list, NULL with an exception. */
static PyObject *
texts_of(const struct btf *btf, const char *map)
{
    PyObject *list = PyList_New(0);
    const char *text;
    uint32_t id = 1;
    int rc = 0;

    while (list != NULL && rc == 0 &&
           (text = tb_tag_next(btf, map, TB_TAG_EVENT, &id)) != NULL) {
        rc = tb_args_append_steal(list, tb_args_text(text));
    }
    if (rc < 0) {
        Py_CLEAR(list);
    }
    return list;
}

/* Make a BtfValidationError, which names the map, of the ValueError. */
static void
raise_of_map(BpfMap *map)
{
    PyObject *type, *value, *trace;

    if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
        return;
    }
    PyErr_Fetch(&type, &value, &trace);
    tb_error_validation_steal(tb_state_of(map), PyList_New(0),
                              "what the source says of the records of map %R: %S",
                              map->name, value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

int
tb_event_declared_find(BpfMap *map, PyObject **out_types, PyObject **out_field)
{
    const char *name = PyUnicode_AsUTF8AndSize(map->name, NULL);
    PyObject *texts;
    Btf *btf = NULL;
    int rc;

    *out_types = *out_field = NULL;
    if (name == NULL || tb_map_btf(map, &btf) < 0) {
        return -1;
    }
    if (btf == NULL) {
        return 0;
    }
    texts = texts_of(btf->handle, name);
    if (texts == NULL) {
        return -1;
    }
    rc = tb_event_declared_read(btf->handle, texts, out_types, out_field);
    Py_DECREF(texts);
    if (rc < 0) {
        raise_of_map(map);
        return -1;
    }
    if (*out_field != NULL) {
        return 1;
    }
    Py_CLEAR(*out_types);
    return 0;
}

PyObject *
tb_event_declared_list(PyObject *module, PyObject *args)
{
    const struct tb_state *state = tb_state_of_module(module);
    PyObject *texts, *types, *field;
    Btf *btf;

    if (!PyArg_ParseTuple(args, "O!O!:_event_types", state->types[TB_TYPE_BTF], &btf,
                          &PyList_Type, &texts) ||
        tb_event_declared_read(btf->handle, texts, &types, &field) < 0) {
        return NULL;
    }
    return field ? Py_BuildValue("(NN)", types, field)
                 : Py_BuildValue("(NO)", types, Py_None);
}
