/* SPDX-License-Identifier: MIT
 *
 * Attaching to what sections name (attach/section.h): one program, with options or
 * without, or all of an object.
 */
#include "attach/section.h"

#include "attach/attach.h"
#include "attach/binary.h"
#include "attach/cgroup.h"
#include "attach/event.h"
#include "attach/function.h"
#include "attach/interface.h"
#include "attach/iter.h"
#include "attach/links.h"
#include "attach/lirc.h"
#include "attach/netfilter.h"
#include "attach/netlink.h"
#include "attach/netns.h"
#include "attach/socket.h"
#include "attach/struct_ops.h"
#include "attach/tracepoint.h"
#include "attach/typed.h"
#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "map/describe.h"

#include <errno.h>
#include <string.h>

/* The method of a kind of hook. It is called without a tuple of arguments: the section
 * then says what keywords leave out (attach/method.h). */
struct method {
    const char *hook;
    const char *name;
    PyObject *(*attach)(PyObject *program, PyObject *args, PyObject *kwargs);
};

static const struct method methods[] = {
    {"kprobe", "attach_kprobe", tb_attach_kprobe},
    {"ksyscall", "attach_ksyscall", tb_attach_ksyscall},
    {"kprobe.multi", "attach_kprobe_multi", tb_attach_kprobe_multi},
    {"kprobe.session", "attach_kprobe_multi", tb_attach_kprobe_multi},
    {"fentry", "attach_trace", tb_attach_trace},
    {"fexit", "attach_trace", tb_attach_trace},
    {"fmod_ret", "attach_trace", tb_attach_trace},
    {"fsession", "attach_trace", tb_attach_trace},
    {"tp_btf", "attach_trace", tb_attach_trace},
    {"freplace", "attach_freplace", tb_attach_freplace},
    {"lsm", "attach_lsm", tb_attach_lsm},
    {"tracepoint", "attach_tracepoint", tb_attach_tracepoint},
    {"raw_tracepoint", "attach_raw_tracepoint", tb_attach_raw_tracepoint},
    {"uprobe", "attach_uprobe", tb_attach_uprobe},
    {"uprobe.multi", "attach_uprobe_multi", tb_attach_uprobe_multi},
    {"uprobe.session", "attach_uprobe_multi", tb_attach_uprobe_multi},
    {"usdt", "attach_usdt", tb_attach_usdt},
    {"perf_event", "attach_perf_event", tb_attach_perf_event},
    {"xdp", "attach_xdp", tb_attach_xdp},
    {"tc", "attach_tc", tb_attach_tc},
    {"tcx", "attach_tcx", tb_attach_tcx},
    {"netkit", "attach_netkit", tb_attach_netkit},
    {"netfilter", "attach_netfilter", tb_attach_netfilter},
    {"socket", "attach_socket_filter", tb_attach_socket_filter},
    {"sk_reuseport", "attach_reuseport", tb_attach_reuseport},
    {"sk_skb", "attach_sockmap", tb_attach_sockmap},
    {"sk_msg", "attach_sockmap", tb_attach_sockmap},
    {"sk_lookup", "attach_netns", tb_attach_netns},
    {"flow_dissector", "attach_netns", tb_attach_netns},
    {"cgroup", "attach_cgroup", tb_attach_cgroup},
    {"iter", "attach_iter", tb_attach_iter},
    {"lsm_cgroup", "attach_cgroup", tb_attach_cgroup},
    {"lirc_mode2", "attach_lirc", tb_attach_lirc},
};

/* What is done with programs of kinds that have no method. */
static const struct {
    const char *hook;
    const char *advice;
} unattached[] = {
    {"syscall", "run it by test_run()"},
    {"struct_ops", "attach its map, by attach_struct_ops()"},
    {"xdp/devmap", "put it into an entry of a devmap, behind the interface"},
    {"xdp/cpumap", "put it into an entry of a cpumap, behind the size of the queue"},
    {"action", "pin it, and give the pin to 'tc actions add bpf object-pinned'"},
    {"lwt", "pin it, and give the pin to 'ip route add ... encap bpf'"},
};

/* The one of a section; NULL if there is none. */
static const struct method *
method_of(const char *section)
{
    const char *rest;
    const struct tb_hook_kind *hook = tb_catalog_hook_of_section(section, &rest);

    for (size_t i = 0; hook != NULL && i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].hook, hook->name) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

static struct bpf_link *
by_section(const struct bpf_program *program, struct tb_attach *attach)
{
    (void)attach;
    return bpf_program__attach(program);
}

/* Whether it names a binary without a path: libbpf finds fewer of them than we do. */
static int
is_named_binary(const struct tb_target *target)
{
    return target->hook != NULL && target->name != NULL && target->path != NULL &&
           (target->hook->target == TB_TARGET_BINARY ||
            target->hook->target == TB_TARGET_USDT) &&
           strchr(target->path, '/') == NULL;
}

/* Attach to what the section names; NULL without an exception, and *unhooked, if that
 * is no hook. */
static PyObject *
attach_own(BpfProgram *self, int *unhooked)
{
    struct bpf_program *handle = tb_program_handle(self);
    PyObject *name = NULL, *link;
    const struct tb_attach_way way = {.link = by_section};
    struct tb_attach attach = {.n_fds = 0};
    char kept[512];

    *unhooked = 0;
    if (handle == NULL) {
        return NULL;
    }
    tb_target_parse(bpf_program__section_name(handle), &attach.target, kept,
                    sizeof(kept));
    if (is_named_binary(&attach.target)) {
        return method_of(bpf_program__section_name(handle))
            ->attach((PyObject *)self, NULL, NULL);
    }
    name = tb_args_text(bpf_program__section_name(handle));
    if (name == NULL) {
        return NULL;
    }
    if (tb_attach_iter_is_of_map(&attach.target)) {
        *unhooked = 1;
        Py_DECREF(name);
        return NULL;
    }
    link = tb_attach_by(self, &way, &attach, name, unhooked);
    Py_DECREF(name);
    return link;
}

/* With options: by the method of the kind that the section names. */
static PyObject *
attach_with(BpfProgram *self, PyObject *options)
{
    struct bpf_program *handle = tb_program_handle(self);
    const struct method *method;

    if (handle == NULL) {
        return NULL;
    }
    method = method_of(bpf_program__section_name(handle));
    if (method != NULL) {
        return method->attach((PyObject *)self, NULL, options);
    }
    PyErr_Format(PyExc_TypeError,
                 "attach() takes no options for program %R: its section '%s' names "
                 "nothing that a program is attached to by one",
                 self->name, bpf_program__section_name(handle));
    return NULL;
}

/* What to do in place of attaching; NULL for a section of no kind. */
static const char *
advice_of(const char *section)
{
    const char *rest;
    const struct tb_hook_kind *hook = tb_catalog_hook_of_section(section, &rest);
    size_t n = sizeof(unattached) / sizeof(unattached[0]);

    for (size_t i = 0; hook != NULL && i < n; i++) {
        if (strcmp(unattached[i].hook, hook->name) == 0) {
            return unattached[i].advice;
        }
    }
    return NULL;
}

/* Raise for a section that names no hook. */
static void
raise_unhooked(BpfProgram *self)
{
    const char *section = bpf_program__section_name(self->handle);
    const struct method *method = method_of(section);
    const char *advice = advice_of(section);

    if (advice != NULL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EOPNOTSUPP,
                       "attach of program %R failed: programs of SEC(\"%s\") are not "
                       "attached; %s",
                       self->name, section, advice);
        return;
    }
    tb_error_raise(tb_state_of(self), TB_ERROR, EOPNOTSUPP,
                   "attach of program %R failed: its section '%s' does not say where; "
                   "name the hook in SEC(), or use %s%s",
                   self->name, section, method ? method->name : "the attach_ method",
                   method ? "()" : " of the hook");
}

PyObject *
tb_attach_program(PyObject *op, PyObject *args, PyObject *kwargs)
{
    BpfProgram *self = (BpfProgram *)op;
    PyObject *link;
    int unhooked;

    if (PyTuple_Size(args) > 0) {
        PyErr_SetString(PyExc_TypeError, "attach() takes keywords only");
        return NULL;
    }
    if (kwargs != NULL && PyDict_Size(kwargs) > 0) {
        return attach_with(self, kwargs);
    }
    link = attach_own(self, &unhooked);
    if (unhooked && tb_program_handle(self) != NULL) {
        raise_unhooked(self);
    }
    return link;
}

/* Whether an object's attach() includes the program. */
static int
is_wanted(struct bpf_program *program)
{
    return bpf_program__autoload(program) && bpf_program__autoattach(program);
}

/* Attach program number i into list; 0, or -1 with an exception. */
static int
attach_member(BpfObject *object, size_t i, PyObject *list)
{
    BpfProgram *program;
    PyObject *link;
    int unhooked, rc = -1;

    if (tb_object_handle(object) == NULL) {
        return -1;
    }
    if (!is_wanted(object->programs.items[i].handle)) {
        return 0;
    }
    program = (BpfProgram *)tb_program_get(object, i);
    if (program == NULL) {
        return -1;
    }
    link = attach_own(program, &unhooked);
    if (unhooked || (link != NULL && PyList_Append(list, link) == 0)) {
        rc = 0;
    }
    Py_XDECREF(link);
    Py_DECREF(program);
    return rc;
}

/* The same for map number i. */
static int
attach_struct_ops(BpfObject *object, size_t i, PyObject *list)
{
    PyObject *map;
    int rc;

    if (tb_object_handle(object) == NULL) {
        return -1;
    }
    if (!tb_struct_ops_is_wanted(object, i)) {
        return 0;
    }
    map = tb_map_get(object, i);
    rc = map ? tb_args_append_steal(list, tb_struct_ops_attach(map, NULL)) : -1;
    Py_XDECREF(map);
    return rc;
}

/* Destroy what was attached before a failure. */
static void
undo(PyObject *list)
{
    for (Py_ssize_t i = PyList_Size(list) - 1; i >= 0; i--) {
        tb_attach_discard(PyList_GetItem(list, i));
    }
}

/* What was attached before a failure is taken back. */
PyObject *
tb_attach_object(PyObject *op, PyObject *unused)
{
    BpfObject *self = (BpfObject *)op;
    PyObject *list, *links = NULL;
    size_t n;
    int rc = 0;

    (void)unused;
    if (tb_object_reached(self, TB_LOADED) == NULL) {
        return NULL;
    }
    list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    n = self->programs.n;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = attach_member(self, i, list);
    }
    for (size_t i = 0; i < self->maps.n && rc == 0; i++) {
        rc = attach_struct_ops(self, i, list);
    }
    if (rc == 0) {
        rc = PyErr_CheckSignals();
    }
    if (rc == 0 && PyList_Size(list) == 0) {
        rc = -1;
        tb_error_raise(tb_state_of(self), TB_ERROR, ENOENT,
                       "attach of object %R failed: no program's section says where; "
                       "name the hook in SEC(), or attach programs by hand",
                       self->name);
    }
    if (rc == 0) {
        links = tb_links_new(tb_state_of(self), list);
    }
    if (links == NULL) {
        undo(list);
    }
    Py_DECREF(list);
    return links;
}
