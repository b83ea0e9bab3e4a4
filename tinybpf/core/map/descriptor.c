/* SPDX-License-Identifier: MIT
 *
 * Keys and values that are descriptors or indices of things in the kernel
 * (map/descriptor.h). The kernel takes a descriptor and gives back the id of what it
 * was, a socket's cookie, or nothing.
 */
#include "map/descriptor.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "host/interface.h"
#include "map/kind.h"
#include "owner/program.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Store a number as a value of 4 or 8 bytes, the rest of it zero. */
static int
store(uint32_t number, uint32_t size, void *out)
{
    memset(out, 0, size);
    if (size == sizeof(uint64_t)) {
        uint64_t wide = number;

        memcpy(out, &wide, sizeof(wide));
    }
    else {
        memcpy(out, &number, sizeof(number));
    }
    return 1;
}

int
tb_descriptor_raise_type(const BpfMap *map, PyObject *value)
{
    PyErr_Format(
        PyExc_TypeError, "Cannot convert %R to a value of map %R: a %s takes %s",
        Py_TYPE(value), map->name, tb_map_kind_name(map), map->traits.kind->takes);
    return -1;
}

/* A descriptor as an int, or an object that has one: 1, 0 (neither), or -1. */
static int
read_descriptor(PyObject *object, uint32_t *out_fd)
{
    PyObject *number = NULL;
    int has_number = 1;
    long fd;

    if (PyLong_Check(object)) {
        number = tb_new_ref(object);
    }
    else {
        has_number = PyObject_CheckBuffer(object) ? 0 : tb_args_has(object, "fileno");
        number = has_number > 0 ? tb_args_call(object, "fileno", NULL) : NULL;
    }
    if (number == NULL) {
        return has_number > 0 ? -1 : has_number;
    }
    fd = tb_args_descriptor(number);
    Py_DECREF(number);
    *out_fd = (uint32_t)fd;
    return fd < 0 ? -1 : 1;
}

int
tb_descriptor_encode_key(const BpfMap *map, PyObject *key, void *out)
{
    uint32_t fd;
    int rc = read_descriptor(key, &fd);

    return rc > 0 ? store(fd, map->traits.key.size, out) : rc;
}

int
tb_descriptor_encode_any(const BpfMap *map, PyObject *value, void *out)
{
    uint32_t fd;
    int rc = read_descriptor(value, &fd);

    if (rc == 0 && !PyObject_CheckBuffer(value)) {
        return tb_descriptor_raise_type(map, value);
    }
    return rc > 0 ? store(fd, map->traits.value.size, out) : rc;
}

int
tb_descriptor_of_map(struct tb_state *state, PyObject *object, int *out_fd)
{
    if (Py_TYPE(object) == state->types[TB_TYPE_MAP]) {
        *out_fd = tb_map_fd((BpfMap *)object);
    }
    else if (PyLong_Check(object)) {
        *out_fd = (int)tb_args_descriptor(object);
    }
    else {
        return 0;
    }
    return *out_fd < 0 ? -1 : 1;
}

/* The descriptor of a BpfProgram or an int: 1, 0 (neither), or -1. */
static int
read_program(const BpfMap *map, PyObject *object, uint32_t *out_fd)
{
    struct tb_state *state = tb_state_of((void *)map);

    if (Py_TYPE(object) == state->types[TB_TYPE_PROGRAM]) {
        int fd = tb_program_fd((BpfProgram *)object);

        *out_fd = (uint32_t)fd;
        return fd < 0 ? -1 : 1;
    }
    if (PyLong_Check(object)) {
        long fd = tb_args_descriptor(object);

        *out_fd = (uint32_t)fd;
        return fd < 0 ? -1 : 1;
    }
    return 0;
}

int
tb_descriptor_encode_program(const BpfMap *map, PyObject *value, void *out)
{
    uint32_t fd;
    int rc = read_program(map, value, &fd);

    if (rc == 0 && !PyObject_CheckBuffer(value)) {
        return tb_descriptor_raise_type(map, value);
    }
    return rc > 0 ? store(fd, map->traits.value.size, out) : rc;
}

/* The index of a network interface by number or name: 1, 0 (neither), or -1. */
static int
read_interface(const BpfMap *map, PyObject *object, uint32_t *out_index)
{
    long index;

    if (PyLong_Check(object)) {
        index = tb_args_descriptor(object);
        *out_index = (uint32_t)index;
        return index < 0 ? -1 : 1;
    }
    if (!PyUnicode_Check(object)) {
        return 0;
    }
    *out_index = tb_interface_index(tb_state_of((void *)map), object, 0,
                                    "update of map", map->name);
    return *out_index == 0 ? -1 : 1;
}

/* A queue's size: 1, 0 (no number), or -1. */
static int
read_size(const BpfMap *map, PyObject *object, uint32_t *out_size)
{
    long size = PyLong_Check(object) ? tb_args_descriptor(object) : -1;

    (void)map;
    *out_size = (uint32_t)size;
    return PyErr_Occurred() ? -1 : size >= 0;
}

/* A number, or a (number, program) pair where the value has room for both, as struct
 * bpf_devmap_val and bpf_cpumap_val have. */
static int
encode_pair(const BpfMap *map, PyObject *value, void *out,
            int (*read)(const BpfMap *, PyObject *, uint32_t *))
{
    uint32_t both[2] = {0, 0};
    PyObject *first = value;
    int rc = 1;

    if (PyTuple_Check(value) && PyTuple_Size(value) == 2) {
        first = PyTuple_GetItem(value, 0);
        rc = read_program(map, PyTuple_GetItem(value, 1), &both[1]);
        if (rc > 0 && map->traits.value.size < sizeof(both)) {
            PyErr_Format(PyExc_ValueError,
                         "values of map %R have no room for a program: value_size is "
                         "%u, not 8",
                         map->name, map->traits.value.size);
            return -1;
        }
    }
    if (rc > 0) {
        rc = read(map, first, &both[0]);
    }
    if (rc > 0) {
        memset(out, 0, map->traits.value.size);
        memcpy(out, both, map->traits.value.size < 8 ? map->traits.value.size : 8);
    }
    /* Bytes, records and dicts are for the codec. */
    return rc == 0 && (PyTuple_Check(value) || PyUnicode_Check(value))
               ? tb_descriptor_raise_type(map, value)
               : rc;
}

int
tb_descriptor_encode_device(const BpfMap *map, PyObject *value, void *out)
{
    return encode_pair(map, value, out, read_interface);
}

int
tb_descriptor_encode_cpu(const BpfMap *map, PyObject *value, void *out)
{
    return encode_pair(map, value, out, read_size);
}

static int
open_path(PyObject *object)
{
    PyObject *path = NULL;
    int fd;

    if (!PyUnicode_FSConverter(object, &path)) {
        return -1;
    }
    fd = open(PyBytes_AsString(path), O_PATH | O_CLOEXEC);
    Py_DECREF(path);
    if (fd < 0) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, object);
    }
    return fd;
}

/* A descriptor of the process of a Popen, a multiprocessing.Process, or their like. */
static int
open_pid(PyObject *object)
{
    PyObject *number = tb_args_attr(object, "pid");
    long pid = -1;
    int fd = -1;

    if (number != NULL && !PyLong_Check(number)) {
        PyErr_Format(PyExc_TypeError, "%R has no pid yet", object);
    }
    else if (number != NULL) {
        pid = tb_args_descriptor(number);
    }
    Py_XDECREF(number);
    if (pid >= 0) {
        fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
        if (fd < 0) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    return fd;
}

int
tb_descriptor_open(const BpfMap *self, PyObject *object, int is_key)
{
    enum tb_map_opens opens = self->traits.kind->opens;
    int (*open_it)(PyObject *) = opens == TB_OPENS_KEY_PID ? open_pid : open_path;
    int found = 0;

    switch (opens) {
    case TB_OPENS_KEY_PATH:
    case TB_OPENS_VALUE_PATH:
        if ((opens == TB_OPENS_KEY_PATH) == is_key) {
            found = PyUnicode_Check(object) ? 1 : tb_args_has(object, "__fspath__");
        }
        break;
    case TB_OPENS_KEY_PID:
        if (is_key && !PyLong_Check(object)) {
            found = tb_args_has(object, "pid");
        }
        break;
    default:
        break;
    }
    if (found <= 0) {
        return found < 0 ? -1 : TB_NOT_OPENED;
    }
    return open_it(object);
}
