/* SPDX-License-Identifier: MIT
 *
 * Comparison of classes of ctypes with BTF (ctype/check.h).
 */
#include "ctype/check.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/find.h"
#include "btf/query.h"
#include "ctype/declare.h"
#include "ctype/fields.h"
#include "error/raise.h"
#include "value/ctype.h"

/* One class against one struct or union. */
struct pair {
    Btf *btf;
    PyObject *class;  /* borrowed */
    PyObject *name;   /* borrowed; of the class */
    PyObject *c_name; /* borrowed; "struct event" */
    uint32_t btf_id;
    const struct tb_ctype_claim *claim;
};

/* Raise with the hint, which may be NULL, and the declaration as suggestions. */
static int
raise_steal(const struct pair *pair, PyObject *text, PyObject *hint)
{
    PyObject *list = text && !PyErr_Occurred() ? PyList_New(0) : NULL;
    PyObject *declaration =
        list ? tb_ctype_declare(pair->btf->handle, pair->btf_id) : NULL;
    int rc = declaration ? 0 : -1;

    if (rc == 0 && hint != NULL) {
        rc = PyList_Append(list, hint);
    }
    if (rc == 0) {
        rc = PyList_Append(list, declaration);
    }
    if (rc == 0) {
        tb_error_validation_steal(tb_state_of(pair->btf), tb_new_ref(list),
                                  hint ? "%U\n  %U" : "%U", text, hint);
    }
    Py_XDECREF(text);
    Py_XDECREF(hint);
    Py_XDECREF(list);
    Py_XDECREF(declaration);
    return -1;
}

static int compare(const struct pair *parent, PyObject *class, uint32_t btf_id);

/* The first name of a that is not in b; borrowed, NULL if there is none. */
static PyObject *
name_beyond(const struct tb_ctype_fields *a, const struct tb_ctype_fields *b)
{
    for (size_t i = 0; i < a->n; i++) {
        int found = 0;

        for (size_t j = 0; !found && j < b->n; j++) {
            found = PyUnicode_Compare(a->items[i].name, b->items[j].name) == 0;
        }
        if (!found) {
            return a->items[i].name;
        }
    }
    return NULL;
}

/* Raise for another number of fields; the first that is missing or too much is named.
 */
static int
raise_count(const struct pair *pair, const struct tb_ctype_fields *ours,
            const struct tb_ctype_fields *theirs)
{
    PyObject *lacking = name_beyond(theirs, ours);
    PyObject *extra = name_beyond(ours, theirs);
    PyObject *hint = NULL, *text;

    text = PyUnicode_FromFormat("Field count mismatch: class %R has %zu fields, %U %zu",
                                pair->name, ours->n, pair->c_name, theirs->n);
    if (text != NULL && lacking != NULL && ours->n < theirs->n) {
        hint = PyUnicode_FromFormat("add the field %R", lacking);
    }
    else if (text != NULL && extra != NULL && ours->n > theirs->n) {
        hint = PyUnicode_FromFormat("remove the field %R", extra);
    }
    return raise_steal(pair, text, hint);
}

/* Compare the names of as many fields; 0, or -1 with an exception. */
static int
check_names(const struct pair *pair, const struct tb_ctype_fields *ours,
            const struct tb_ctype_fields *theirs)
{
    PyObject *hint, *text;

    for (size_t i = 0; i < ours->n; i++) {
        PyObject *name = ours->items[i].name, *wanted = theirs->items[i].name;

        if (PyUnicode_Compare(name, wanted) != 0) {
            hint = PyUnicode_FromFormat("rename the field %R to %R", name, wanted);
            text = hint ? PyUnicode_FromFormat(
                              "Field name mismatch: field %zu of class %R is %R, "
                              "that of %U is %R",
                              i, pair->name, name, pair->c_name, wanted)
                        : NULL;
            return raise_steal(pair, text, hint);
        }
    }
    return 0;
}

/* "byte 8", "byte 8 bit 3" */
static PyObject *
offset_text(const struct tb_ctype_field *field)
{
    if (field->bit_offset % 8 == 0) {
        return PyUnicode_FromFormat("byte %llu",
                                    (unsigned long long)field->bit_offset / 8);
    }
    return PyUnicode_FromFormat("byte %llu bit %llu",
                                (unsigned long long)field->bit_offset / 8,
                                (unsigned long long)field->bit_offset % 8);
}

/* Raise for a field that lies elsewhere, or is of another size. */
static int
raise_offset(const struct pair *pair, const struct tb_ctype_field *ours,
             const struct tb_ctype_field *theirs)
{
    PyObject *here = offset_text(ours), *there = offset_text(theirs);
    PyObject *text = NULL;

    if (here != NULL && there != NULL && ours->bit_offset != theirs->bit_offset) {
        text = PyUnicode_FromFormat(
            "Field offset mismatch: field %R of class %R is at %U, that of %U at %U",
            ours->name, pair->name, here, pair->c_name, there);
    }
    else if (here != NULL && there != NULL) {
        text = PyUnicode_FromFormat(
            "Field size mismatch: field %R of class %R has %llu bits, that of %U %llu",
            ours->name, pair->name, (unsigned long long)ours->bits, pair->c_name,
            (unsigned long long)theirs->bits);
    }
    Py_XDECREF(here);
    Py_XDECREF(there);
    return raise_steal(pair, text, NULL);
}

static int
check_offsets(const struct pair *pair, const struct tb_ctype_fields *ours,
              const struct tb_ctype_fields *theirs)
{
    for (size_t i = 0; i < ours->n; i++) {
        const struct tb_ctype_field *our = &ours->items[i], *their = &theirs->items[i];

        if (our->bit_offset != their->bit_offset || our->bits != their->bits) {
            return raise_offset(pair, our, their);
        }
        if (compare(pair, our->class, their->btf_id) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Take out what a class names _pad... where C has no field: gaps, said aloud. 0, or -1
 * with an exception. */
static int
drop_padding(struct tb_ctype_fields *ours, const struct tb_ctype_fields *theirs)
{
    PyObject *prefix = PyUnicode_FromString("_pad");
    size_t n = 0;

    if (prefix == NULL) {
        return -1;
    }
    for (size_t i = 0; i < ours->n; i++) {
        struct tb_ctype_field *field = &ours->items[i];
        int is_field =
            PyUnicode_Tailmatch(field->name, prefix, 0, PY_SSIZE_T_MAX, -1) == 0;

        for (size_t j = 0; !is_field && j < theirs->n; j++) {
            is_field = theirs->items[j].bit_offset == field->bit_offset;
        }
        if (is_field) {
            struct tb_ctype_field kept = *field;

            *field = ours->items[n];
            ours->items[n++] = kept;
        }
    }
    while (ours->n > n) {
        ours->n--;
        Py_CLEAR(ours->items[ours->n].name);
        Py_CLEAR(ours->items[ours->n].class);
    }
    Py_DECREF(prefix);
    return 0;
}

/* Names and numbers count only if the program asks for it; where the numbers differ,
 * there is nothing else to compare. 0, also for a class that is no struct, or -1. */
static int
compare_fields(const struct pair *pair)
{
    struct tb_ctype_fields ours = {0}, theirs = {0};
    int rc = tb_ctype_fields_of_class(&ours, pair->class);

    if (rc > 0) {
        rc = tb_ctype_fields_of_btf(&theirs, pair->btf->handle, pair->btf_id);
        if (rc == 0) {
            rc = drop_padding(&ours, &theirs);
        }
        if (rc == 0 && pair->claim->check_names) {
            rc = ours.n != theirs.n ? raise_count(pair, &ours, &theirs)
                                    : check_names(pair, &ours, &theirs);
        }
        if (rc == 0 && ours.n == theirs.n) {
            rc = check_offsets(pair, &ours, &theirs);
        }
    }
    tb_ctype_fields_free(&ours);
    tb_ctype_fields_free(&theirs);
    return rc;
}

/* "struct event", "typedef flow_t", "an anonymous struct" */
static PyObject *
c_name(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
    const char *kind = "type";

    if (type != NULL && btf_is_composite(type)) {
        kind = btf_is_struct(type) ? "struct" : "union";
    }
    else if (type != NULL && btf_is_any_enum(type)) {
        kind = "enum";
    }
    return name != NULL && name[0] != '\0'
               ? PyUnicode_FromFormat("%s %s", kind, name)
               : PyUnicode_FromFormat("the %s of BTF's id %u", kind, id);
}

/* The element of an array, of ctypes and of BTF at once, until one is no array; NULL
 * with an exception. */
static PyObject *
strip_arrays(const struct btf *btf, PyObject *class, uint32_t *id)
{
    PyObject *inner = tb_new_ref(class);

    for (;;) {
        const struct btf_type *type = tb_btf_resolve(btf, id);
        PyObject *element;

        if (type == NULL || !btf_is_array(type)) {
            *id = type != NULL ? *id : 0;
            return inner;
        }
        *id = btf_array(type)->type;
        if (tb_args_find(inner, "_type_", &element) < 0) {
            Py_DECREF(inner);
            return NULL;
        }
        if (element == NULL || !PyType_Check(element)) {
            Py_XDECREF(element);
            *id = 0;
            return inner;
        }
        Py_DECREF(inner);
        inner = element;
    }
}

/* Compare a class with a type of the same size; what is no struct fits by its size. */
static int
compare(const struct pair *parent, PyObject *class, uint32_t btf_id)
{
    const struct btf *btf = parent->btf->handle;
    struct pair pair = *parent;
    const struct btf_type *type;
    int rc = 0;

    pair.btf_id = btf_id;
    pair.class = strip_arrays(btf, class, &pair.btf_id);
    if (pair.class == NULL) {
        return -1;
    }
    type = pair.btf_id != 0 ? btf__type_by_id(btf, pair.btf_id) : NULL;
    if (type != NULL && btf_is_composite(type)) {
        pair.name = tb_args_attr(pair.class, "__name__");
        pair.c_name = pair.name ? c_name(btf, pair.btf_id) : NULL;
        rc = pair.c_name ? compare_fields(&pair) : -1;
        Py_XDECREF(pair.name);
        Py_XDECREF(pair.c_name);
    }
    Py_DECREF(pair.class);
    return rc;
}

static int
raise_size(const struct pair *pair, Py_ssize_t size, int64_t wanted)
{
    PyObject *name = tb_args_attr(pair->class, "__name__");
    PyObject *their_name = name ? c_name(pair->btf->handle, pair->btf_id) : NULL;
    const char *what = pair->claim->what;
    PyObject *text = NULL;

    if (their_name != NULL) {
        text = PyUnicode_FromFormat(
            "Size mismatch: class %R has %zd bytes, %U %lld%s%s%s", name, size,
            their_name, (long long)wanted, what ? " (" : "", what ? what : "",
            what ? " size mismatch)" : "");
    }
    Py_XDECREF(name);
    Py_XDECREF(their_name);
    return raise_steal(pair, text, NULL);
}

int
tb_ctype_check(Btf *btf, const struct tb_ctype_claim *claim)
{
    struct pair pair = {
        .btf = btf,
        .class = claim->type,
        .btf_id = claim->btf_id,
        .claim = claim,
    };
    Py_ssize_t size = tb_ctype_size(claim->type);
    int64_t wanted;
    int resolved;

    if (size <= 0) {
        return size < 0 ? -1 : 0;
    }
    resolved = btf__resolve_type(btf->handle, claim->btf_id);
    wanted = resolved > 0 ? btf__resolve_size(btf->handle, (uint32_t)resolved) : -1;
    if (wanted < 0) {
        return 0; /* a forward declaration: nothing is known */
    }
    if (wanted != size) {
        return raise_size(&pair, size, wanted);
    }
    return compare(&pair, claim->type, claim->btf_id);
}

uint32_t
tb_ctype_find(Btf *btf, const char *name)
{
    struct tb_btf_filter filter = {.scope = TB_BTF_VALUES};
    PyObject *error = tb_state_of(btf)->errors[TB_ERROR_VALIDATION];
    uint32_t id = tb_btf_query_only(btf, name, filter, error);
    const char *near;

    if (id != 0 || PyErr_Occurred()) {
        return id;
    }
    near = tb_btf_find_nearest(btf->handle, name, filter);
    tb_error_validation_steal(
        tb_state_of(btf), near ? Py_BuildValue("[s]", near) : PyList_New(0),
        near ? "type '%s' not found in the BTF of %R; did you mean '%s'?"
             : "type '%s' not found in the BTF of %R",
        name, btf->name, near);
    return 0;
}

uint32_t
tb_ctype_find_given(Btf *btf, PyObject *wanted)
{
    const char *name;

    if (PyLong_Check(wanted)) {
        PyErr_SetString(PyExc_TypeError, "a type is a str or a BtfType, not an int");
        return 0;
    }
    if (!PyUnicode_Check(wanted)) {
        return tb_btf_query_id(btf, wanted);
    }
    name = PyUnicode_AsUTF8AndSize(wanted, NULL);
    return name ? tb_ctype_find(btf, name) : 0;
}
