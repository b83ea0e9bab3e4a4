/* SPDX-License-Identifier: MIT
 *
 * Information about links (attach/link_info.h). A kind of link is a row: its class and
 * its fields. Names and lists of them are fetched by a second call, when the first one
 * has told which kind it is and how long the lists are.
 */
#include "attach/link_info.h"

#include "base/args.h"
#include "base/enums.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "host/kernel.h"
#include "owner/attachment.h"
#include "owner/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) offsetof(struct bpf_link_info, field)
#define N_FIELDS 6
#define N_BUFFERS 3
#define TEXT_SIZE PATH_MAX

enum form { U32, I32, U64, HOOK, TEXT, WORDS };

/* One field: its name in Python, and where it is. Of a text and of a list that is where
 * the kernel reads the address of a buffer; its length stands at the row's count. */
struct field {
    const char *name; /* NULL behind the last */
    enum form form;   /* HOOK: an enum bpf_attach_type; WORDS: a list of u64 */
    size_t at;
};

struct kind {
    uint32_t type;    /* enum bpf_link_type */
    uint32_t subtype; /* of a perf event: enum bpf_perf_event_type */
    const char *class;
    struct field fields[N_FIELDS];
    size_t text_size; /* where the size of its text stands; 0: it has none */
    size_t count;     /* where the length of its lists stands; 0: it has none */
};

/* Of probes where functions begin and where they return. */
#define KPROBE_FIELDS                                                \
    .fields = {{"func_name", TEXT, AT(perf_event.kprobe.func_name)}, \
               {"offset", U32, AT(perf_event.kprobe.offset)},        \
               {"addr", U64, AT(perf_event.kprobe.addr)},            \
               {"missed", U64, AT(perf_event.kprobe.missed)},        \
               {"cookie", U64, AT(perf_event.kprobe.cookie)}},       \
    .text_size = AT(perf_event.kprobe.name_len)
#define UPROBE_FIELDS                                                          \
    .fields = {{"path", TEXT, AT(perf_event.uprobe.file_name)},                \
               {"offset", U32, AT(perf_event.uprobe.offset)},                  \
               {"cookie", U64, AT(perf_event.uprobe.cookie)},                  \
               {"ref_ctr_offset", U64, AT(perf_event.uprobe.ref_ctr_offset)}}, \
    .text_size = AT(perf_event.uprobe.name_len)

static const struct kind kinds[] = {
    {.type = BPF_LINK_TYPE_RAW_TRACEPOINT,
     .class = "RawTracepointLinkInfo",
     .fields = {{"name", TEXT, AT(raw_tracepoint.tp_name)},
                {"cookie", U64, AT(raw_tracepoint.cookie)}},
     .text_size = AT(raw_tracepoint.tp_name_len)},
    {.type = BPF_LINK_TYPE_TRACING,
     .class = "TracingLinkInfo",
     .fields = {{"attach_type", HOOK, AT(tracing.attach_type)},
                {"target_obj_id", U32, AT(tracing.target_obj_id)},
                {"target_btf_id", U32, AT(tracing.target_btf_id)},
                {"cookie", U64, AT(tracing.cookie)}}},
    {.type = BPF_LINK_TYPE_CGROUP,
     .class = "CgroupLinkInfo",
     .fields = {{"cgroup_id", U64, AT(cgroup.cgroup_id)},
                {"attach_type", HOOK, AT(cgroup.attach_type)}}},
    {.type = BPF_LINK_TYPE_ITER,
     .class = "IterLinkInfo",
     .fields = {{"target", TEXT, AT(iter.target_name)},
                {"map_id", U32, AT(iter.map.map_id)},
                {"cgroup_id", U64, AT(iter.cgroup.cgroup_id)},
                {"order", U32, AT(iter.cgroup.order)},
                {"tid", U32, AT(iter.task.tid)},
                {"pid", U32, AT(iter.task.pid)}},
     .text_size = AT(iter.target_name_len)},
    {.type = BPF_LINK_TYPE_NETNS,
     .class = "NetnsLinkInfo",
     .fields = {{"netns_ino", U32, AT(netns.netns_ino)},
                {"attach_type", HOOK, AT(netns.attach_type)}}},
    {.type = BPF_LINK_TYPE_XDP,
     .class = "XdpLinkInfo",
     .fields = {{"ifindex", U32, AT(xdp.ifindex)}}},
    {.type = BPF_LINK_TYPE_PERF_EVENT,
     .subtype = BPF_PERF_EVENT_UPROBE,
     .class = "UprobeLinkInfo",
     UPROBE_FIELDS},
    {.type = BPF_LINK_TYPE_PERF_EVENT,
     .subtype = BPF_PERF_EVENT_URETPROBE,
     .class = "UretprobeLinkInfo",
     UPROBE_FIELDS},
    {.type = BPF_LINK_TYPE_PERF_EVENT,
     .subtype = BPF_PERF_EVENT_KPROBE,
     .class = "KprobeLinkInfo",
     KPROBE_FIELDS},
    {.type = BPF_LINK_TYPE_PERF_EVENT,
     .subtype = BPF_PERF_EVENT_KRETPROBE,
     .class = "KretprobeLinkInfo",
     KPROBE_FIELDS},
    {.type = BPF_LINK_TYPE_PERF_EVENT,
     .subtype = BPF_PERF_EVENT_TRACEPOINT,
     .class = "TracepointLinkInfo",
     .fields = {{"name", TEXT, AT(perf_event.tracepoint.tp_name)},
                {"cookie", U64, AT(perf_event.tracepoint.cookie)}},
     .text_size = AT(perf_event.tracepoint.name_len)},
    {.type = BPF_LINK_TYPE_PERF_EVENT,
     .subtype = BPF_PERF_EVENT_EVENT,
     .class = "PerfEventLinkInfo",
     .fields = {{"event_type", U32, AT(perf_event.event.type)},
                {"config", U64, AT(perf_event.event.config)},
                {"cookie", U64, AT(perf_event.event.cookie)}}},
    {.type = BPF_LINK_TYPE_KPROBE_MULTI,
     .class = "KprobeMultiLinkInfo",
     .fields = {{"addrs", WORDS, AT(kprobe_multi.addrs)},
                {"cookies", WORDS, AT(kprobe_multi.cookies)},
                {"flags", U32, AT(kprobe_multi.flags)},
                {"missed", U64, AT(kprobe_multi.missed)}},
     .count = AT(kprobe_multi.count)},
    {.type = BPF_LINK_TYPE_STRUCT_OPS,
     .class = "StructOpsLinkInfo",
     .fields = {{"map_id", U32, AT(struct_ops.map_id)}}},
    {.type = BPF_LINK_TYPE_NETFILTER,
     .class = "NetfilterLinkInfo",
     .fields = {{"pf", U32, AT(netfilter.pf)},
                {"hooknum", U32, AT(netfilter.hooknum)},
                {"priority", I32, AT(netfilter.priority)},
                {"flags", U32, AT(netfilter.flags)}}},
    {.type = BPF_LINK_TYPE_TCX,
     .class = "TcxLinkInfo",
     .fields = {{"ifindex", U32, AT(tcx.ifindex)},
                {"attach_type", HOOK, AT(tcx.attach_type)}}},
    {.type = BPF_LINK_TYPE_UPROBE_MULTI,
     .class = "UprobeMultiLinkInfo",
     .fields = {{"path", TEXT, AT(uprobe_multi.path)},
                {"offsets", WORDS, AT(uprobe_multi.offsets)},
                {"ref_ctr_offsets", WORDS, AT(uprobe_multi.ref_ctr_offsets)},
                {"cookies", WORDS, AT(uprobe_multi.cookies)},
                {"flags", U32, AT(uprobe_multi.flags)},
                {"pid", U32, AT(uprobe_multi.pid)}},
     .text_size = AT(uprobe_multi.path_size),
     .count = AT(uprobe_multi.count)},
    {.type = BPF_LINK_TYPE_NETKIT,
     .class = "NetkitLinkInfo",
     .fields = {{"ifindex", U32, AT(netkit.ifindex)},
                {"attach_type", HOOK, AT(netkit.attach_type)}}},
    {.type = BPF_LINK_TYPE_SOCKMAP,
     .class = "SockmapLinkInfo",
     .fields = {{"map_id", U32, AT(sockmap.map_id)},
                {"attach_type", HOOK, AT(sockmap.attach_type)}}},
};

/* A kind that is not known, or of which the kernel says no more. */
static const struct kind other = {.class = "LinkInfo"};

/* What was asked, with the buffers that it points into. */
struct answer {
    struct bpf_link_info info;
    const struct kind *kind;
    char text[TEXT_SIZE];
    void *lists[N_BUFFERS]; /* owned */
    int n_lists;
    uint32_t count;    /* of words in each of them */
    char missing[128]; /* of several links: what could not be had */
};

static const struct kind *
find_kind(const struct bpf_link_info *info)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].type == info->type &&
            (kinds[i].subtype == 0 || kinds[i].subtype == info->perf_event.type)) {
            return &kinds[i];
        }
    }
    return &other;
}

static uint32_t
number_at(const struct bpf_link_info *info, size_t at)
{
    uint32_t number;

    memcpy(&number, (const char *)info + at, sizeof(number));
    return number;
}

static void
put(struct bpf_link_info *info, size_t at, const void *value, size_t size)
{
    memcpy((char *)info + at, value, size);
}

/* Ask for the texts and lists of the kind; 0 or -errno. */
static int
ask_more_nogil(int fd, struct answer *answer)
{
    const struct kind *kind = answer->kind;
    struct bpf_link_info *info = &answer->info;
    uint32_t size = sizeof(*info), text_size = TEXT_SIZE;

    answer->count = kind->count ? number_at(info, kind->count) : 0;
    memset(info, 0, sizeof(*info));
    for (int i = 0; i < N_FIELDS && kind->fields[i].name != NULL; i++) {
        const struct field *field = &kind->fields[i];
        uint64_t address = (uintptr_t)answer->text;

        if (field->form == WORDS && answer->count > 0) {
            void *list = calloc(answer->count, sizeof(uint64_t));

            if (list == NULL) {
                return -ENOMEM;
            }
            answer->lists[answer->n_lists++] = list;
            address = (uintptr_t)list;
        }
        if (field->form == TEXT || (field->form == WORDS && answer->count > 0)) {
            put(info, field->at, &address, sizeof(address));
        }
    }
    if (kind->text_size != 0) {
        put(info, kind->text_size, &text_size, sizeof(text_size));
    }
    if (kind->count != 0) {
        put(info, kind->count, &answer->count, sizeof(answer->count));
    }
    return bpf_link_get_info_by_fd(fd, info, &size);
}

/* A duplicate of the link's descriptor, or of the first of several, with what those
 * lack; -1 with an exception. */
static int
take_fd(BpfLink *self, struct answer *answer)
{
    const struct tb_attachment *several = self->attachment;
    int fd;

    if (several == NULL || several->n_fds == 0) {
        return tb_link_duplicate(self, "asked");
    }
    snprintf(answer->missing, sizeof(answer->missing), "%s",
             several->missing ? several->missing : "");
    fd = fcntl(several->fds[0], F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return fd;
}

/* Raise what the kernel's refusal means: always -1. */
static int
raise_refused(BpfLink *self, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};
    char release[64];

    if (err == -EINVAL && tb_kernel_is_before("5.15", release, sizeof(release))) {
        hint.lacking = 1;
        snprintf(
            hint.cause, sizeof(hint.cause),
            "what is attached to tracepoints, probes and perf events has a link of "
            "the kernel since Linux 5.15, and this is %s",
            release);
    }
    tb_hint_of_call("asking about", "a link", &hint);
    tb_error_refused(tb_state_of(self), &failure, "info of the link of program %R",
                     self->program);
    return -1;
}

/* Ask the kernel; 0, or -1 with an exception. The lists are to be freed either way. */
static int
ask(BpfLink *self, struct answer *answer)
{
    uint32_t size = sizeof(answer->info);
    int fd = take_fd(self, answer);
    int err;

    if (fd < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_link_get_info_by_fd(fd, &answer->info, &size);
    answer->kind = find_kind(&answer->info);
    if (err == 0 && (answer->kind->text_size != 0 || answer->kind->count != 0)) {
        err = ask_more_nogil(fd, answer);
    }
    close(fd);
    Py_END_ALLOW_THREADS
    return err < 0 ? raise_refused(self, err) : 0;
}

/* A tuple of the numbers in a list. */
static PyObject *
make_words(const uint64_t *words, uint32_t n)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)n);

    for (uint32_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *word = PyLong_FromUnsignedLongLong(words[i]);

        if (word == NULL) {
            Py_CLEAR(tuple);
        }
        else {
            PyTuple_SetItem(tuple, (Py_ssize_t)i, word);
        }
    }
    return tuple;
}

/* The value of a field; a list is number i_list of those that were fetched. */
static PyObject *
make_field(struct tb_state *state, const struct answer *answer,
           const struct field *field, int i_list)
{
    uint32_t number = number_at(&answer->info, field->at);
    uint64_t word;

    switch (field->form) {
    case U32:
        return PyLong_FromUnsignedLong(number);
    case I32:
        return PyLong_FromLong((int32_t)number);
    case U64:
        memcpy(&word, (const char *)&answer->info + field->at, sizeof(word));
        return PyLong_FromUnsignedLongLong(word);
    case HOOK:
        return tb_enums_member(state, TB_ENUM_ATTACH_TYPE, (long)number);
    case TEXT:
        return tb_args_text(answer->text);
    default:
        return make_words(answer->lists[i_list], answer->count);
    }
}

/* All fields of the kind as a dict, behind those that all kinds have. */
static PyObject *
make_fields(struct tb_state *state, const struct answer *answer)
{
    const struct kind *kind = answer->kind;
    PyObject *type = tb_enums_member(state, TB_ENUM_LINK_TYPE, (long)answer->info.type);
    PyObject *fields = NULL;
    int i_list = 0;

    if (type != NULL) {
        fields = Py_BuildValue("{sO sI sI}", "type", type, "id", answer->info.id,
                               "prog_id", answer->info.prog_id);
        Py_DECREF(type);
    }
    for (int i = 0; fields && i < N_FIELDS && kind->fields[i].name != NULL; i++) {
        const struct field *field = &kind->fields[i];
        PyObject *value = make_field(state, answer, field, i_list);

        i_list += field->form == WORDS && answer->count > 0;
        if (value == NULL || PyDict_SetItemString(fields, field->name, value) < 0) {
            Py_CLEAR(fields);
        }
        Py_XDECREF(value);
    }
    return fields;
}

/* Say in an info what is missing, by the attribute that its class has for all; it is
 * frozen against Python only. 0, or -1 with an exception. */
static int
put_missing(PyObject *info, const struct answer *answer)
{
    PyObject *name = PyUnicode_InternFromString("missing");
    PyObject *text = name ? tb_args_text(answer->missing) : NULL;
    int rc = text ? PyObject_GenericSetAttr(info, name, text) : -1;

    Py_XDECREF(name);
    Py_XDECREF(text);
    return rc;
}

PyObject *
tb_link_info(PyObject *op, void *unused)
{
    PyObject *class = NULL, *fields = NULL, *none = NULL, *info = NULL;
    struct answer answer = {.kind = &other};

    (void)unused;
    if (ask((BpfLink *)op, &answer) == 0) {
        fields = make_fields(tb_state_of(op), &answer);
    }
    if (fields != NULL) {
        class = tb_state_python_class(answer.kind->class);
    }
    if (class != NULL) {
        none = PyTuple_New(0);
    }
    if (none != NULL) {
        info = PyObject_Call(class, none, fields);
    }
    if (info != NULL && answer.missing[0] != '\0' && put_missing(info, &answer) < 0) {
        Py_CLEAR(info);
    }
    for (int i = 0; i < answer.n_lists; i++) {
        free(answer.lists[i]);
    }
    Py_XDECREF(class);
    Py_XDECREF(fields);
    Py_XDECREF(none);
    return info;
}

PyObject *
tb_link_info_id(PyObject *op, void *unused)
{
    struct bpf_link_info info = {0};
    uint32_t size = sizeof(info);
    BpfLink *self = (BpfLink *)op;
    int fd, err;

    (void)unused;
    if (self->found.id != 0) {
        return PyLong_FromUnsignedLong(self->found.id);
    }
    fd = tb_link_duplicate(self, "asked");
    if (fd < 0) {
        return NULL;
    }
    err = bpf_link_get_info_by_fd(fd, &info, &size);
    close(fd);
    if (err < 0) {
        raise_refused(self, err);
        return NULL;
    }
    return PyLong_FromUnsignedLong(info.id);
}
