/* SPDX-License-Identifier: MIT
 *
 * Perf events (attach/event.h). A program runs each time that one has counted so far;
 * there is one for each CPU, or for each thread of a process, and one link of the
 * kernel for each. We open them, and the links own them; a BpfLink is all of them.
 */
#include "attach/event.h"

#include "attach/method.h"
#include "base/args.h"
#include "base/libbpf.h"
#include "host/event.h"
#include "owner/attachment.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

/* What is asked for. */
struct event {
    struct tb_attach attach;
    struct perf_event_attr attr;
    uint64_t freq, period;
    int cpu; /* and one: 0 is every one */
};

/* What was made. */
struct events {
    struct tb_attachment attachment;
    size_t n;
    struct bpf_link **links; /* owned, as each of them */
    int *fds;                /* owned; theirs */
    char missing[128];
};

/* A name: what it stands for. */
static int
take_name(const struct tb_argument *argument, struct perf_event_attr *attr)
{
    char text[256];

    if (tb_argument_text(argument) < 0) {
        return -1;
    }
    if (tb_event_parse(*(const char **)argument->field, attr, text, sizeof(text)) < 0) {
        PyErr_Format(PyExc_ValueError, "%s %R: %s", argument->name, argument->value,
                     text);
        return -1;
    }
    return 0;
}

/* A name, or a pair (type, config), which is written as "(1, 0)". */
static int
take_event(const struct tb_argument *argument)
{
    struct perf_event_attr *attr = &((struct event *)argument->attach)->attr;
    uint64_t type, config;
    PyObject *text;

    if (PyUnicode_Check(argument->value)) {
        return take_name(argument, attr);
    }
    if (!PyTuple_Check(argument->value) || PyTuple_Size(argument->value) != 2) {
        PyErr_Format(PyExc_TypeError, "%s is a name or a pair (type, config), not %R",
                     argument->name, argument->value);
        return -1;
    }
    if (tb_args_number(PyTuple_GetItem(argument->value, 0), "the event's type",
                       UINT32_MAX, &type) < 0 ||
        tb_args_number(PyTuple_GetItem(argument->value, 1), "the event's config",
                       UINT64_MAX, &config) < 0) {
        return -1;
    }
    attr->type = (uint32_t)type;
    attr->config = config;
    text = PyUnicode_FromFormat("(%llu, %llu)", (unsigned long long)type,
                                (unsigned long long)config);
    if (text != NULL) {
        *(const char **)argument->field = PyUnicode_AsUTF8AndSize(text, NULL);
    }
    return tb_args_append_steal(argument->attach->kept, text);
}

static int
take_cpu(const struct tb_argument *argument)
{
    uint64_t number;

    if (tb_args_number(argument->value, argument->name, INT_MAX - 1, &number) < 0) {
        return -1;
    }
    *(int *)argument->field = (int)number + 1;
    return 0;
}

/* Either how often a second, or after how many; a breakpoint tells each time. */
static int
prepare(BpfProgram *program, struct tb_attach *attach)
{
    struct event *event = (struct event *)attach;
    struct perf_event_attr *attr = &event->attr;

    (void)program;
    if (event->freq == 0 && event->period == 0 && attr->type == PERF_TYPE_BREAKPOINT) {
        event->period = 1;
    }
    if ((event->freq != 0) == (event->period != 0)) {
        PyErr_SetString(PyExc_ValueError,
                        "give either freq, how often a second the program runs, or "
                        "period, after how many events; not 0");
        return -1;
    }
    attr->size = sizeof(*attr);
    attr->disabled = 1; /* libbpf enables it when the program is there */
    attr->freq = event->freq != 0;
    attr->sample_freq = event->freq != 0 ? event->freq : event->period;
    attach->target.pid = attach->target.pid == 0 ? getpid() : attach->target.pid;
    return 0;
}

/* The whole end: links, descriptors of events, memory. */
static int
end_events(struct tb_attachment *attachment, int is_kept)
{
    struct events *events = (struct events *)attachment;
    int first = 0;

    for (size_t i = 0; i < events->n; i++) {
        int err;

        if (is_kept) {
            bpf_link__disconnect(events->links[i]);
        }
        err = bpf_link__destroy(events->links[i]);
        first = first ? first : err;
    }
    free(events->links);
    free(events->fds);
    free(events);
    return first;
}

/* Open one event and attach to it; 0 or -errno. */
static int
add_event(const struct bpf_program *program, const struct event *event, int pid,
          int cpu, struct events *events)
{
    LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = event->attach.target.cookie);
    struct bpf_link *link;
    int fd, err;

    fd = (int)syscall(SYS_perf_event_open, &event->attr, pid, cpu, -1,
                      PERF_FLAG_FD_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    link = bpf_program__attach_perf_event_opts(program, fd, &opts);
    if (link == NULL) {
        err = -errno;
        close(fd);
        return err;
    }
    events->links[events->n] = link;
    events->fds[events->n] = bpf_link__fd(link);
    events->n++;
    return 0;
}

/* One for each place. A CPU may go, and a thread end, between the list and the call:
 * that is no failure while one is left. */
static int
add_all(const struct bpf_program *program, const struct event *event,
        const struct tb_event_places *places, struct events *events)
{
    int pid = event->attach.target.pid, cpu = event->cpu - 1, gone = 0, err = 0;

    for (size_t i = 0; i < places->n && err == 0; i++) {
        int place = places->list[i];

        err = pid > 0 ? add_event(program, event, place, cpu, events)
                      : add_event(program, event, -1, place, events);
        if (err == (pid > 0 ? -ESRCH : -ENODEV)) {
            gone = err;
            err = 0;
        }
    }
    return err == 0 && events->n == 0 ? (gone ? gone : -ESRCH) : err;
}

/* Room for so many; NULL if there is no memory. */
static struct events *
new_events(size_t n)
{
    struct events *events = calloc(1, sizeof(*events));

    if (events == NULL) {
        return NULL;
    }
    events->attachment.end = end_events;
    events->attachment.fd = -1;
    events->attachment.why = "it is a link of the kernel for each CPU or thread, and "
                             "those are in .fds";
    events->links = calloc(n, sizeof(struct bpf_link *));
    events->fds = calloc(n, sizeof(int));
    if (events->links == NULL || events->fds == NULL) {
        end_events(&events->attachment, 0);
        return NULL;
    }
    events->attachment.fds = events->fds;
    return events;
}

/* One CPU of all processes has no list. */
static int
find_places(const struct event *event, struct tb_event_places *places)
{
    int err;

    if (event->attach.target.pid > 0 || event->cpu == 0) {
        return tb_event_places(event->attach.target.pid, places);
    }
    err = tb_event_places(-1, places);
    if (err == 0) {
        places->list[0] = event->cpu - 1;
        places->n = 1;
        places->offline[0] = '\0';
    }
    return err;
}

/* All of them, or none and errno. */
static struct tb_attachment *
to_events(const struct bpf_program *program, struct tb_attach *attach)
{
    struct event *event = (struct event *)attach;
    struct tb_event_places places = {.n = 0};
    struct events *events = NULL;
    int err = find_places(event, &places);

    if (err == 0) {
        events = new_events(places.n);
        err = events ? add_all(program, event, &places, events) : -ENOMEM;
    }
    if (err == 0 && places.offline[0] != '\0') {
        snprintf(events->missing, sizeof(events->missing), "CPUs that are offline: %s",
                 places.offline);
        events->attachment.missing = events->missing;
    }
    free(places.list);
    if (err != 0) {
        if (events != NULL) {
            end_events(&events->attachment, 0);
        }
        errno = -err;
        return NULL;
    }
    events->attachment.n_fds = events->n;
    return &events->attachment;
}

/* perf_event:cpu-clock */
static PyObject *
write_event(BpfProgram *program, const struct tb_attach *attach)
{
    (void)program;
    return PyUnicode_FromFormat("perf_event:%s", attach->target.name);
}

static const struct tb_attach_method perf_event_method = {
    .name = "attach_perf_event",
    .hooks = {"perf_event"},
    .n_needed = 1,
    .n_positional = 1,
    .arguments = {{"event", take_event, TB_TARGET_AT(name)},
                  {"freq", tb_argument_u64, offsetof(struct event, freq)},
                  {"period", tb_argument_u64, offsetof(struct event, period)},
                  {"cpu", take_cpu, offsetof(struct event, cpu)},
                  {"pid", tb_argument_pid, TB_TARGET_AT(pid)},
                  {"cookie", tb_argument_u64, TB_TARGET_AT(cookie)}},
    .size = sizeof(struct event),
    .prepare = prepare,
    .way = {.attachment = to_events},
    .write = write_event,
};

PyObject *
tb_attach_perf_event(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return tb_attach_by_method(op, args, kwargs, &perf_event_method);
}
