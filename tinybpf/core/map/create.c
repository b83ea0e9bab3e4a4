/* SPDX-License-Identifier: MIT
 *
 * Creation of maps (map/create.h). What a kind of map leaves no choice about is filled
 * in; the kernel judges the rest, and says EINVAL for everything.
 */
#include "map/create.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "map/describe.h"
#include "map/descriptor.h"

#include <ctype.h>
#include <string.h>

#define INDEX_SIZE 4

/* Fill in what can be in one way only. */
static void
complete(struct bpf_map_info *info)
{
    const struct tb_map_kind *kind = tb_catalog_map(info->type);
    int n_cpus;

    if (info->key_size == 0 && (kind->is_indexed || kind->is_unlisted)) {
        info->key_size = INDEX_SIZE;
    }
    if (info->value_size == 0 && kind->is_number) {
        info->value_size = INDEX_SIZE;
    }
    if (info->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && info->max_entries == 0) {
        n_cpus = libbpf_num_possible_cpus();
        info->max_entries = n_cpus > 0 ? (uint32_t)n_cpus : 0;
    }
    info->map_flags |= kind->flags;
}

/* Raise for a map that was not created, with what is known of its kind and this kernel
 * before the general advice on the errno. */
static void *
raise_create(struct tb_state *state, const struct tb_map_spec *spec, int err)
{
    const struct bpf_map_info *info = spec->info;
    const char *type = libbpf_bpf_map_type_str((enum bpf_map_type)info->type);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    tb_hint_of_map(info, spec->inner_fd, err, &hint);
    return tb_error_refused(state, &failure,
                            "creation of map '%s' (%s, key_size=%u, value_size=%u, "
                            "max_entries=%u)",
                            info->name, type ? type : "unknown type", info->key_size,
                            info->value_size, info->max_entries);
}

PyObject *
tb_map_make(struct tb_state *state, const struct tb_map_spec *spec)
{
    struct bpf_map_info *info = spec->info;
    LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = info->map_flags,
                .map_extra = info->map_extra, .btf_fd = (uint32_t)spec->btf_fd,
                .inner_map_fd = (uint32_t)spec->inner_fd, .numa_node = spec->numa_node,
                .map_ifindex = info->ifindex, .token_fd = spec->token_fd);
    PyObject *map;
    int fd;

    if (spec->btf_fd != 0) {
        opts.btf_key_type_id = info->btf_key_type_id;
        opts.btf_value_type_id = info->btf_value_type_id;
    }
    Py_XINCREF(spec->btf);
    Py_BEGIN_ALLOW_THREADS
    fd = bpf_map_create((enum bpf_map_type)info->type, info->name, info->key_size,
                        info->value_size, info->max_entries, &opts);
    Py_END_ALLOW_THREADS
    map = fd < 0 ? raise_create(state, spec, fd)
                 : tb_map_new_steal(state, fd, info, spec->btf);
    Py_XDECREF(spec->btf);
    return map;
}

/* The kernel wants types for a storage: an int, and bytes. NULL: no memory, or an old
 * kernel; the kernel says the rest. */
static struct btf *
storage_btf_nogil(struct bpf_map_info *info)
{
    struct btf *btf = btf__new_empty();
    int number, byte, bytes;

    if (btf == NULL) {
        return NULL;
    }
    number = btf__add_int(btf, "int", INDEX_SIZE, BTF_INT_SIGNED);
    byte = btf__add_int(btf, "unsigned char", 1, 0);
    bytes = btf__add_array(btf, number, byte, info->value_size);
    if (number < 0 || byte < 0 || bytes < 0 || btf__load_into_kernel(btf) < 0) {
        btf__free(btf);
        return NULL;
    }
    info->btf_key_type_id = (uint32_t)number;
    info->btf_value_type_id = (uint32_t)bytes;
    return btf;
}

static PyObject *
make_storage(struct tb_state *state, struct tb_map_spec *spec)
{
    struct btf *btf;
    PyObject *map;

    Py_BEGIN_ALLOW_THREADS
    btf = storage_btf_nogil(spec->info);
    Py_END_ALLOW_THREADS
    spec->btf_fd = btf ? btf__fd(btf) : 0;
    map = tb_map_make(state, spec);
    btf__free(btf);
    return map;
}

/* The kernel's names have 15 characters of [A-Za-z0-9_.]. */
int
tb_map_take_name(const char *name, struct bpf_map_info *info)
{
    size_t n = strlen(name);
    int is_good = n < sizeof(info->name);

    for (size_t i = 0; i < n; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '.') {
            is_good = 0;
        }
    }
    if (!is_good) {
        PyErr_Format(PyExc_ValueError,
                     "not a map's name: '%s'; it has at most %zu letters, digits, '_' "
                     "and '.'",
                     name, sizeof(info->name) - 1);
        return -1;
    }
    memcpy(info->name, name, n + 1);
    return 0;
}

static int
is_map(const struct tb_state *state, PyObject *object)
{
    return object != NULL && Py_TYPE(object) == state->types[TB_TYPE_MAP];
}

/* The descriptor of a BpfMap, which is held for the call until drop_inner(), or an int,
 * or None; 0, or -1 with an exception. */
static int
take_inner(struct tb_state *state, PyObject *inner, int *out_fd)
{
    int rc = 1;

    if (is_map(state, inner)) {
        *out_fd = tb_map_acquire((BpfMap *)inner);
        return *out_fd < 0 ? -1 : 0;
    }
    if (tb_args_is_given(inner)) {
        rc = tb_descriptor_of_map(state, inner, out_fd);
    }
    if (rc == 0) {
        PyErr_Format(PyExc_TypeError, "inner_map is a BpfMap or a descriptor, not %R",
                     Py_TYPE(inner));
    }
    return rc > 0 ? 0 : -1;
}

static void
drop_inner(struct tb_state *state, PyObject *inner)
{
    if (is_map(state, inner)) {
        tb_map_release((BpfMap *)inner);
    }
}

static int
take_node(PyObject *node, struct tb_map_spec *spec)
{
    unsigned long number;

    if (node == NULL || node == Py_None) {
        return 0;
    }
    number = PyLong_AsUnsignedLong(node);
    if (number == (unsigned long)-1 && PyErr_Occurred()) {
        return -1;
    }
    spec->numa_node = (uint32_t)number;
    spec->info->map_flags |= BPF_F_NUMA_NODE;
    return 0;
}

PyObject *
tb_map_create(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {
        "type",      "key_size",  "value_size", "max_entries", "name",  "flags",
        "inner_map", "numa_node", "map_extra",  "ifindex",     "token", NULL};
    struct tb_state *state = tb_state_of_class(cls);
    struct bpf_map_info info = {0};
    struct tb_map_spec spec = {.info = &info};
    PyObject *inner = NULL, *node = NULL, *map;
    unsigned long long extra = 0;
    const char *name = "";

    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "I|III$sIOOKII:create", (char **)names, &info.type,
            &info.key_size, &info.value_size, &info.max_entries, &name, &info.map_flags,
            &inner, &node, &extra, &info.ifindex, &spec.token_fd)) {
        return NULL;
    }
    info.map_extra = extra;
    if (tb_map_take_name(name, &info) < 0 || take_node(node, &spec) < 0 ||
        take_inner(state, inner, &spec.inner_fd) < 0) {
        return NULL;
    }
    complete(&info);
    if (spec.token_fd != 0) {
        info.map_flags |= BPF_F_TOKEN_FD;
    }
    map = tb_catalog_map(info.type)->is_unlisted ? make_storage(state, &spec)
                                                 : tb_map_make(state, &spec);
    drop_inner(state, inner);
    return map;
}
