/* SPDX-License-Identifier: MIT
 *
 * The arguments of BpfRingBuffer and its add() (stream/ring_options.h). Their order is
 * that of tinybpf 0.3.
 */
#include "stream/ring_options.h"

/* None is as if nothing had been said. */
static int
settle_none(struct tb_ring_source_request *request, struct tb_ring_options *options)
{
    PyObject **const can_be_none[] = {
        &request->callback,    &options->as_view,   &options->event_type,
        &options->btf_name,    &options->event_key, &options->partial,
        &options->check_names, &options->interval,
    };

    for (size_t i = 0; i < sizeof(can_be_none) / sizeof(can_be_none[0]); i++) {
        *can_be_none[i] = *can_be_none[i] == Py_None ? NULL : *can_be_none[i];
    }
    return 0;
}

int
tb_ring_options_read_class(PyObject *args, PyObject *kwargs,
                           struct tb_ring_source_request *request,
                           struct tb_ring_options *options)
{
    static const char *const names[] = {"map",
                                        "callback",
                                        "as_memoryview",
                                        "event_type",
                                        "validate_btf_struct",
                                        "validate_field_names",
                                        "event_key",
                                        "partial",
                                        "drain_interval",
                                        NULL};

    *request = (struct tb_ring_source_request){.map = NULL};
    *options = (struct tb_ring_options){.as_view = NULL};
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "|OOO$OOOOOO:BpfRingBuffer", (char **)names, &request->map,
            &request->callback, &options->as_view, &options->event_type,
            &options->btf_name, &options->check_names, &options->event_key,
            &options->partial, &options->interval)) {
        return -1;
    }
    if ((PyObject *)request->map == Py_None) {
        request->map = NULL;
    }
    return settle_none(request, options);
}

int
tb_ring_options_read_add(PyObject *args, PyObject *kwargs,
                         struct tb_ring_source_request *request,
                         struct tb_ring_options *options)
{
    static const char *const names[] = {"map",
                                        "callback",
                                        "as_memoryview",
                                        "event_type",
                                        "validate_btf_struct",
                                        "validate_field_names",
                                        "event_key",
                                        "partial",
                                        NULL};

    *request = (struct tb_ring_source_request){.map = NULL};
    *options = (struct tb_ring_options){.as_view = NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO$OOOOO:add", (char **)names,
                                     &request->map, &request->callback,
                                     &options->as_view, &options->event_type,
                                     &options->btf_name, &options->check_names,
                                     &options->event_key, &options->partial)) {
        return -1;
    }
    return settle_none(request, options);
}

/* The truth of an option that was given, or else of its default, or else this one; -1
 * with an exception. */
static int
flag(PyObject *given, PyObject *default_, int otherwise)
{
    PyObject *option = given ? given : default_;

    return option ? PyObject_IsTrue(option) : otherwise;
}

/* Records that are bytes are compared with no type by default. */
int
tb_ring_options_settle(const struct tb_ring_options *options,
                       const struct tb_ring_options *defaults,
                       struct tb_ring_source_request *request)
{
    struct tb_event_request *event = &request->event;
    PyObject *type = options->event_type ? options->event_type : defaults->event_type;
    PyObject *name = options->btf_name;

    event->type = options->event_type;
    event->otherwise = defaults->event_type;
    if (name == NULL && type != NULL && type != (PyObject *)&PyBytes_Type) {
        name = defaults->btf_name;
    }
    event->btf_name = name;
    event->key = options->event_key;
    if (event->key == NULL && type != NULL && PyDict_Check(type)) {
        event->key = defaults->event_key;
    }
    event->check_names = flag(options->check_names, defaults->check_names, 1);
    if (event->check_names >= 0) {
        event->is_partial = flag(options->partial, defaults->partial, 0);
    }
    if (event->check_names < 0 || event->is_partial < 0) {
        return -1;
    }
    request->as_view = flag(options->as_view, defaults->as_view, 0);
    return request->as_view < 0 ? -1 : 0;
}

void
tb_ring_options_keep(struct tb_ring_options *copy,
                     const struct tb_ring_options *options)
{
    *copy = *options;
    copy->interval = NULL;
    Py_XINCREF(copy->as_view);
    Py_XINCREF(copy->event_type);
    Py_XINCREF(copy->btf_name);
    Py_XINCREF(copy->check_names);
    Py_XINCREF(copy->event_key);
    Py_XINCREF(copy->partial);
}

void
tb_ring_options_drop(struct tb_ring_options *copy)
{
    Py_CLEAR(copy->as_view);
    Py_CLEAR(copy->event_type);
    Py_CLEAR(copy->btf_name);
    Py_CLEAR(copy->check_names);
    Py_CLEAR(copy->event_key);
    Py_CLEAR(copy->partial);
}

int
tb_ring_options_traverse(const struct tb_ring_options *copy, visitproc visit, void *arg)
{
    Py_VISIT(copy->as_view);
    Py_VISIT(copy->event_type);
    Py_VISIT(copy->btf_name);
    Py_VISIT(copy->check_names);
    Py_VISIT(copy->event_key);
    Py_VISIT(copy->partial);
    return 0;
}
