/* SPDX-License-Identifier: MIT
 *
 * Asks the kernel which programs are attached to a place (attach/query.h), whoever
 * attached them. What a place is follows from the attach type, by the catalog.
 */
#include "attach/query.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "catalog/hook.h"
#include "error/raise.h"
#include "host/clsact.h"
#include "host/hint.h"
#include "host/interface.h"
#include "owner/map.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PROGRAMS 4096 /* more than hooks let be */

/* Where programs hang. */
struct place {
    int where; /* a descriptor, or the index of an interface */
    int fd;    /* owned; the same descriptor, or -1 */
};

/* The kernel's answer, with the arrays that it fills. */
struct answer {
    struct bpf_prog_query_opts opts;
    uint32_t ids[MAX_PROGRAMS];
    uint32_t links[MAX_PROGRAMS];
    uint32_t flags[MAX_PROGRAMS];
};

/* The row of the hook that has an attach type; NULL if there is none. */
static const struct tb_hook_kind *
hook_of(int attach_type)
{
    const struct tb_hook_kind *hook;

    for (size_t i = 0; (hook = tb_catalog_hook_at(i)) != NULL; i++) {
        for (const int *type = hook->attach_types; type && *type >= 0; type++) {
            if (*type == attach_type) {
                return hook;
            }
        }
    }
    return NULL;
}

/* An interface by name or index: its index, or 0 with an exception. */
static int
interface_of(PyObject *module, PyObject *interface)
{
    uint64_t index;

    if (PyUnicode_Check(interface)) {
        return (int)tb_interface_index(tb_state_of_module(module), interface, 1,
                                       "query of interface", interface);
    }
    if (!PyLong_Check(interface)) {
        PyErr_Format(PyExc_TypeError, "interface must be a name or an index, not %R",
                     Py_TYPE(interface));
        return 0;
    }
    if (tb_args_number(interface, "interface", INT_MAX, &index) < 0) {
        return 0;
    }
    if (index == 0) {
        PyErr_SetString(PyExc_ValueError, "no interface has the index 0");
    }
    return (int)index;
}

/* A descriptor of what is given: a BpfMap, an object with fileno(), a number, or a
 * path. It is a duplicate; -1 with an exception. */
static int
open_target(PyObject *module, PyObject *target)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *path = NULL;
    int fd;

    if (Py_TYPE(target) == state->types[TB_TYPE_MAP]) {
        fd = tb_map_fd((BpfMap *)target);
    }
    else if (PyLong_Check(target) || tb_args_has(target, "fileno") > 0) {
        fd = PyObject_AsFileDescriptor(target);
    }
    else if (PyUnicode_FSConverter(target, &path)) {
        fd = open(PyBytes_AsString(path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, target);
        }
        Py_DECREF(path);
        return fd;
    }
    else {
        return -1;
    }
    if (fd >= 0) {
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    return fd;
}

/* Find the place; 0, or -1 with an exception. */
static int
find_place(PyObject *module, PyObject *target, int attach_type, struct place *place)
{
    const struct tb_hook_kind *hook = hook_of(attach_type);
    enum tb_hook_target kind = hook ? hook->target : TB_TARGET_NONE;

    place->fd = -1;
    if (kind == TB_TARGET_INTERFACE && attach_type != BPF_XDP) {
        place->where = interface_of(module, target);
        return place->where > 0 ? 0 : -1;
    }
    if (kind == TB_TARGET_CGROUP || kind == TB_TARGET_NETNS || kind == TB_TARGET_MAP ||
        kind == TB_TARGET_DEVICE || attach_type == BPF_LSM_CGROUP) {
        place->fd = place->where = open_target(module, target);
        return place->fd >= 0 ? 0 : -1;
    }
    PyErr_Format(
        PyExc_ValueError,
        "the kernel lists no programs of attach_type %d: those of tcx, netkit, "
        "cgroups, network namespaces, maps of sockets and lirc it does%s",
        attach_type, attach_type == BPF_XDP ? "; for XDP ask xdp_query()" : "");
    return -1;
}

/* Whether programs of the type are kept in a list with links (kernel/bpf/mprog.c). */
static int
has_links(int attach_type)
{
    return attach_type == BPF_TCX_INGRESS || attach_type == BPF_TCX_EGRESS ||
           attach_type == BPF_NETKIT_PRIMARY || attach_type == BPF_NETKIT_PEER;
}

/* Ask; flags of each program are in Linux since 6.0, for cgroups, where a list is not
 * of all that is effective: without them if they are refused. 0 or -errno. */
static int
ask_nogil(int where, int attach_type, uint32_t query_flags, struct answer *answer)
{
    int err = 0;

    for (int with_flags = 1; with_flags >= 0; with_flags--) {
        answer->opts = (struct bpf_prog_query_opts){
            .sz = sizeof(answer->opts),
            .query_flags = query_flags,
            .prog_ids = answer->ids,
            .prog_cnt = MAX_PROGRAMS,
            .link_ids = has_links(attach_type) ? answer->links : NULL,
            .prog_attach_flags =
                with_flags && !has_links(attach_type) ? answer->flags : NULL,
        };
        err = bpf_prog_query_opts(where, (enum bpf_attach_type)attach_type,
                                  &answer->opts);
        if (err != -EINVAL && err != -E2BIG) {
            return err;
        }
    }
    return err;
}

/* A class of the package with fields in order; NULL with an exception. Steals args. */
static PyObject *
make_steal(const char *name, PyObject *args)
{
    PyObject *class = args ? tb_state_python_class(name) : NULL;
    PyObject *made = class ? PyObject_CallObject(class, args) : NULL;

    Py_XDECREF(class);
    Py_XDECREF(args);
    return made;
}

/* The answer as a ProgQuery; NULL with an exception. */
static PyObject *
make_answer(const struct answer *answer)
{
    PyObject *list = PyList_New(0), *programs = NULL, *args = NULL;

    for (uint32_t i = 0; list != NULL && i < answer->opts.prog_cnt; i++) {
        PyObject *one = make_steal(
            "AttachedProgram",
            Py_BuildValue("(III)", answer->ids[i], answer->links[i], answer->flags[i]));

        if (tb_args_append_steal(list, one) < 0) {
            Py_CLEAR(list);
        }
    }
    if (list != NULL) {
        programs = PyList_AsTuple(list);
        Py_DECREF(list);
    }
    if (programs != NULL) {
        args =
            Py_BuildValue("(OKI)", programs, (unsigned long long)answer->opts.revision,
                          answer->opts.attach_flags);
        Py_DECREF(programs);
    }
    return make_steal("ProgQuery", args);
}

/* Raise for a query that was refused; returns NULL. */
static PyObject *
refuse(PyObject *module, int err, const char *what)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    tb_hint_of_network("listing", "attached programs", &hint);
    return tb_error_refused(tb_state_of_module(module), &failure, "%s", what);
}

/* A number that stands for a hook; 0, or -1 with an exception. */
static int
take_type(PyObject *hook, int *out)
{
    uint64_t number;

    if (!PyLong_Check(hook)) {
        PyErr_Format(PyExc_TypeError,
                     "attach_type must be a BpfAttachType, such as "
                     "BpfAttachType.TCX_INGRESS, not %R",
                     Py_TYPE(hook));
        return -1;
    }
    if (tb_args_number(hook, "attach_type", INT32_MAX, &number) < 0) {
        return -1;
    }
    *out = (int)number;
    return 0;
}

/* prog_query(): the descriptor is held over the call, which runs without the GIL. */
PyObject *
tb_query_programs(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"target", "attach_type", "effective", NULL};
    int attach_type, effective = 0, err;
    struct answer *answer;
    PyObject *target, *hook, *result;
    struct place place;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$p:prog_query", (char **)names,
                                     &target, &hook, &effective) ||
        take_type(hook, &attach_type) < 0 ||
        find_place(module, target, attach_type, &place) < 0) {
        return NULL;
    }
    answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        err = -ENOMEM;
    }
    else {
        Py_BEGIN_ALLOW_THREADS
        err = ask_nogil(place.where, attach_type, effective ? BPF_F_QUERY_EFFECTIVE : 0,
                        answer);
        Py_END_ALLOW_THREADS
    }
    if (place.fd >= 0) {
        close(place.fd);
    }
    result = err < 0 ? refuse(module, err, "query of attached programs")
                     : make_answer(answer);
    free(answer);
    return result;
}

/* xdp_query(): modes as XDP_ATTACHED_*. */
PyObject *
tb_query_xdp(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"interface", NULL};
    LIBBPF_OPTS(bpf_xdp_query_opts, opts);
    static const char *const modes[] = {NULL, "driver", "skb", "hw", "multi"};
    PyObject *interface;
    int index, err;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:xdp_query", (char **)names,
                                     &interface)) {
        return NULL;
    }
    index = interface_of(module, interface);
    if (index <= 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_xdp_query(index, 0, &opts);
    Py_END_ALLOW_THREADS
    if (err < 0) {
        return refuse(module, err, "query of the XDP program of an interface");
    }
    return make_steal(
        "XdpQuery",
        Py_BuildValue("(zIIIIKI)",
                      opts.attach_mode < 5 ? modes[opts.attach_mode] : NULL,
                      opts.prog_id, opts.skb_prog_id, opts.drv_prog_id, opts.hw_prog_id,
                      (unsigned long long)opts.feature_flags, opts.xdp_zc_max_segs));
}

/* The filters as a list of TcFilter. */
static PyObject *
make_filters(const struct tb_clsact_filter *filters, int n)
{
    PyObject *list = PyList_New(0);

    for (int i = 0; list != NULL && i < n; i++) {
        PyObject *one = make_steal(
            "TcFilter", Py_BuildValue("(III)", filters[i].priority, filters[i].handle,
                                      filters[i].prog_id));

        if (tb_args_append_steal(list, one) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* tc_query(): all that are there, where bpf_tc_query() tells of one. */
PyObject *
tb_query_tc(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"interface", "direction", NULL};
    struct tb_clsact_filter *filters;
    const char *direction;
    PyObject *interface, *list;
    int index, n, is_egress;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Os:tc_query", (char **)names,
                                     &interface, &direction)) {
        return NULL;
    }
    is_egress = strcmp(direction, "egress") == 0;
    if (!is_egress && strcmp(direction, "ingress") != 0) {
        return PyErr_Format(PyExc_ValueError,
                            "direction must be 'ingress' or 'egress', not '%s'",
                            direction);
    }
    index = interface_of(module, interface);
    if (index <= 0) {
        return NULL;
    }
    filters = calloc(MAX_PROGRAMS, sizeof(*filters));
    if (filters == NULL) {
        return PyErr_NoMemory();
    }
    Py_BEGIN_ALLOW_THREADS
    n = tb_clsact_filters(index, is_egress, filters, MAX_PROGRAMS);
    Py_END_ALLOW_THREADS
    list = n < 0 ? refuse(module, n, "query of the filters of an interface")
                 : make_filters(filters, n < MAX_PROGRAMS ? n : MAX_PROGRAMS);
    free(filters);
    return list;
}
