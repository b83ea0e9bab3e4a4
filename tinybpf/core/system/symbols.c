/* SPDX-License-Identifier: MIT
 *
 * Methods of Symbols (system/symbols.h). Arguments are read before the lock is taken,
 * and under it nothing is allocated that the collector tracks: no code of Python runs
 * that could ask for the lock again. Files are read without the GIL.
 */
#include "system/symbols.h"

#include "base/args.h"
#include "error/raise.h"
#include "system/address_batch.h"
#include "system/symbol.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
lock(Symbols *self)
{
    if (!PyThread_acquire_lock(self->lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(self->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
}

/* Raise for the kernel's symbols. */
static void
raise_kernel(Symbols *self, int err)
{
    char advice[512] = "reading /proc/kallsyms failed";

    if (err == -ENOMEM) {
        PyErr_NoMemory();
        return;
    }
    if (err == -EPERM) {
        tb_kernel_symbols_advice(advice, sizeof(advice));
    }
    tb_error_raise(tb_state_of(self), err == -EPERM ? TB_ERROR_PERMISSION : TB_ERROR,
                   -err, "symbols of the kernel: %s: %s", strerror(-err), advice);
}

/* Read the kernel's symbols, or what is new of them; 0 or -errno. */
static int
read_kernel_locked(Symbols *self)
{
    int err = 0;

    Py_BEGIN_ALLOW_THREADS
    if (!self->kernel.is_read) {
        err = tb_kernel_symbols_read_nogil(&self->kernel);
    }
    else {
        tb_kernel_symbols_renew_nogil(&self->kernel);
    }
    Py_END_ALLOW_THREADS
    return err;
}

/* The number of the state of the kernel's symbols; processes and files have others. */
static uint64_t
kernel_space(const Symbols *self)
{
    return self->kernel.n_reads | 1ULL << 63;
}

/* The Symbol of an address that was not asked for before, or is not sure; once a batch,
 * that is a reason to look again. NULL with MemoryError. */
static PyObject *
find_kernel_locked(Symbols *self, uint64_t address, int *has_looked)
{
    struct tb_symbol_found found = {.address = address};
    const struct tb_range *range = tb_ranges_find(&self->kernel.ranges, address);
    PyObject *symbol;

    if (!*has_looked && !tb_kernel_symbols_is_sure(&self->kernel, range)) {
        *has_looked = 1;
        Py_BEGIN_ALLOW_THREADS
        tb_kernel_symbols_look_nogil(&self->kernel, address);
        Py_END_ALLOW_THREADS
        range = tb_ranges_find(&self->kernel.ranges, address);
    }
    if (range != NULL) {
        found.name = tb_ranges_name(&self->kernel.ranges, range);
        found.module = tb_ranges_group(&self->kernel.ranges, range);
        found.module = *found.module != '\0' ? found.module : "kernel";
        found.offset = address - range->start;
    }
    symbol = tb_symbol_new(tb_state_of(self), &found);
    if (symbol != NULL && tb_kernel_symbols_is_sure(&self->kernel, range)) {
        tb_symbol_cache_put(&self->cache, kernel_space(self), address, symbol);
    }
    return symbol;
}

/* Fill the list of a batch; 0, or -1 with MemoryError or batch->err. */
static int
kernel_locked(Symbols *self, struct tb_address_batch *batch)
{
    int has_looked = !self->kernel.is_read;

    batch->err = batch->n > 0 ? read_kernel_locked(self) : 0;
    if (batch->err < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < batch->n; i++) {
        uint64_t address = batch->addresses[i];
        PyObject *symbol =
            tb_symbol_cache_get(&self->cache, kernel_space(self), address);

        if (symbol == NULL) {
            symbol = find_kernel_locked(self, address, &has_looked);
        }
        if (symbol == NULL || PyList_SetItem(batch->list, i, symbol) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *
tb_symbols_kernel(PyObject *op, PyObject *addresses)
{
    Symbols *self = (Symbols *)op;
    struct tb_address_batch batch = {.n = 0};
    int rc = tb_address_batch_begin(&batch, addresses);

    if (rc == 0) {
        lock(self);
        rc = kernel_locked(self, &batch);
        PyThread_release_lock(self->lock);
        if (batch.err < 0) {
            raise_kernel(self, batch.err);
        }
    }
    return tb_address_batch_end(&batch, rc);
}

/* Raise for a process that is there, and not in /proc. */
static void
raise_hidden(Symbols *self, uint64_t pid)
{
    tb_error_raise(tb_state_of(self), TB_ERROR_PERMISSION, EACCES,
                   "symbols of process %llu: it is not in /proc, which hides those of "
                   "others (hidepid=, needs CAP_SYS_PTRACE) or is not mounted",
                   (unsigned long long)pid);
}

/* Raise for a process. */
static void
raise_process(Symbols *self, uint64_t pid, int err)
{
    int is_denied = err == -EACCES || err == -EPERM;

    if (err == -ENOMEM) {
        PyErr_NoMemory();
        return;
    }
    if (err == -EHOSTUNREACH) {
        raise_hidden(self, pid);
        return;
    }
    tb_error_raise(tb_state_of(self), is_denied ? TB_ERROR_PERMISSION : TB_ERROR, -err,
                   "symbols of process %llu: %s: reading what it has mapped failed%s",
                   (unsigned long long)pid, strerror(-err),
                   is_denied ? ": it takes the process's user, or CAP_SYS_PTRACE" : "");
}

/* Whether a process is there that /proc does not show. */
static int
is_hidden(pid_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM;
}

/* A process as it is now; 0 or -errno: -EHOSTUNREACH if it is hidden. One that has
 * ended unseen is NULL. */
static int
see_locked(Symbols *self, pid_t pid, int observes, struct tb_process **out_process)
{
    int err;

    *out_process = observes ? NULL : tb_user_symbols_fresh(&self->users, pid);
    if (*out_process != NULL) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_user_symbols_process_nogil(&self->users, pid, out_process);
    if (err == 0 && observes) {
        err = tb_user_symbols_observe_nogil(&self->users, *out_process);
    }
    Py_END_ALLOW_THREADS
    if (err == -ESRCH || err == -ENOENT) {
        err = is_hidden(pid) ? -EHOSTUNREACH : 0;
    }
    return err;
}

/* The Symbol of an address that was not asked for before, or is unknown. NULL with
 * MemoryError or *out_err. */
static PyObject *
find_user_locked(Symbols *self, struct tb_process *process, uint64_t address,
                 struct tb_user_once *once, int *out_err)
{
    struct tb_symbol_found found;
    PyObject *symbol;

    while (!tb_user_symbols_is_ready(&self->users, process, address, once)) {
        Py_BEGIN_ALLOW_THREADS
        *out_err = tb_user_symbols_read_nogil(&self->users, process, address, once);
        Py_END_ALLOW_THREADS
        if (*out_err < 0) {
            return NULL;
        }
    }
    tb_user_symbols_find(&self->users, process, address, &found);
    symbol = tb_symbol_new(tb_state_of(self), &found);
    if (symbol != NULL && found.name != NULL) {
        tb_symbol_cache_put(&self->cache, process->space, address, symbol);
    }
    return symbol;
}

/* What is said of an address of which nothing is known. */
static PyObject *
unknown(Symbols *self, uint64_t address)
{
    struct tb_symbol_found found = {.address = address};

    return tb_symbol_new(tb_state_of(self), &found);
}

/* Fill the list of a batch; 0, or -1 with MemoryError or batch->err. */
static int
user_locked(Symbols *self, pid_t pid, struct tb_address_batch *batch)
{
    struct tb_user_once once = {.has_looked = 0};
    struct tb_process *process;

    batch->err = see_locked(self, pid, 0, &process);
    if (batch->err < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < batch->n; i++) {
        uint64_t address = batch->addresses[i];
        PyObject *symbol = NULL;

        if (process == NULL) {
            symbol = unknown(self, address);
        }
        else {
            symbol = tb_symbol_cache_get(&self->cache, process->space, address);
        }
        if (symbol == NULL && process != NULL) {
            symbol = find_user_locked(self, process, address, &once, &batch->err);
        }
        if (symbol == NULL || PyList_SetItem(batch->list, i, symbol) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The number of a process; 0, or -1 with an exception. */
static int
read_pid(PyObject *number, pid_t *out_pid)
{
    uint64_t pid;

    if (tb_args_number(number, "pid", INT32_MAX, &pid) < 0) {
        return -1;
    }
    if (pid == 0) {
        PyErr_SetString(PyExc_ValueError,
                        "pid 0 is no process: addresses of the kernel are kernel()'s");
        return -1;
    }
    *out_pid = (pid_t)pid;
    return 0;
}

PyObject *
tb_symbols_user(PyObject *op, PyObject *const *args, Py_ssize_t n)
{
    Symbols *self = (Symbols *)op;
    struct tb_address_batch batch = {.n = 0};
    pid_t pid;
    int rc;

    if (tb_args_count("user", n, 2, 2) < 0 || read_pid(args[0], &pid) < 0) {
        return NULL;
    }
    rc = tb_address_batch_begin(&batch, args[1]);
    if (rc == 0) {
        lock(self);
        rc = user_locked(self, pid, &batch);
        PyThread_release_lock(self->lock);
        if (batch.err < 0) {
            raise_process(self, (uint64_t)pid, batch.err);
        }
    }
    return tb_address_batch_end(&batch, rc);
}

PyObject *
tb_symbols_observe(PyObject *op, PyObject *number)
{
    Symbols *self = (Symbols *)op;
    struct tb_process *process;
    pid_t pid;
    int err, is_there;

    if (read_pid(number, &pid) < 0) {
        return NULL;
    }
    lock(self);
    err = see_locked(self, pid, 1, &process);
    is_there = process != NULL && !process->is_ended;
    PyThread_release_lock(self->lock);
    if (err < 0) {
        raise_process(self, (uint64_t)pid, err);
        return NULL;
    }
    return PyBool_FromLong(is_there);
}

/* Fill the list of a batch of offsets; 0, or -1 with MemoryError or batch->err. */
static int
file_locked(Symbols *self, const char *path, struct tb_address_batch *batch)
{
    struct tb_symbol_file *file = NULL;
    int err;

    Py_BEGIN_ALLOW_THREADS
    err = tb_user_symbols_file_nogil(&self->users, path, &file);
    Py_END_ALLOW_THREADS
    batch->err = err;
    for (Py_ssize_t i = 0; i < batch->n && err == 0; i++) {
        struct tb_symbol_found found = {.module = path,
                                        .offset = batch->addresses[i],
                                        .address = batch->addresses[i]};
        PyObject *symbol;

        tb_user_symbols_find_in(&self->users, &file->symbols, &found);
        symbol = tb_symbol_new(tb_state_of(self), &found);
        if (symbol == NULL || PyList_SetItem(batch->list, i, symbol) < 0) {
            return -1;
        }
    }
    return err < 0 ? -1 : 0;
}

/* Raise for a file. */
static void
raise_file(Symbols *self, PyObject *name, int err)
{
    if (err == -ENOMEM) {
        PyErr_NoMemory();
        return;
    }
    if (err == -ENOEXEC) {
        tb_error_raise(tb_state_of(self), TB_ERROR, ENOEXEC,
                       "symbols of %R: it is no 64-bit ELF file of this machine's kind",
                       name);
        return;
    }
    errno = -err;
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
}

PyObject *
tb_symbols_file(PyObject *op, PyObject *const *args, Py_ssize_t n)
{
    Symbols *self = (Symbols *)op;
    struct tb_address_batch batch = {.n = 0};
    PyObject *path = NULL;
    int rc;

    if (tb_args_count("file", n, 2, 2) < 0 || !PyUnicode_FSConverter(args[0], &path)) {
        return NULL;
    }
    rc = tb_address_batch_begin(&batch, args[1]);
    if (rc == 0) {
        lock(self);
        rc = file_locked(self, PyBytes_AsString(path), &batch);
        PyThread_release_lock(self->lock);
        if (batch.err < 0) {
            raise_file(self, args[0], batch.err);
        }
    }
    Py_DECREF(path);
    return tb_address_batch_end(&batch, rc);
}

/* What is said of a place in a file that was read. */
static PyObject *
by_id_locked(Symbols *self, struct tb_symbol_file *file, uint64_t offset)
{
    struct tb_symbol_found found = {
        .module = file->path, .offset = offset, .address = offset};

    tb_user_symbols_find_in(&self->users, &file->symbols, &found);
    return tb_symbol_new(tb_state_of(self), &found);
}

PyObject *
tb_symbols_by_id(PyObject *op, PyObject *id, uint64_t offset, int *out_is_known)
{
    Symbols *self = (Symbols *)op;
    struct tb_symbol_found found = {.offset = offset, .address = offset};
    const unsigned char *bytes = (unsigned char *)PyBytes_AsString(id);
    size_t n = bytes != NULL ? (size_t)PyBytes_Size(id) : 0;
    char hex[2 * TB_ELF_BUILD_ID + 1] = "";
    PyObject *symbol = NULL;
    struct tb_symbol_file *file;

    if (bytes == NULL) {
        return NULL;
    }
    lock(self);
    file = tb_symbol_files_by_id(&self->users.files, bytes, n);
    if (file != NULL) {
        symbol = by_id_locked(self, file, offset);
    }
    PyThread_release_lock(self->lock);
    *out_is_known = file != NULL;
    for (size_t i = 0; i < n && i < TB_ELF_BUILD_ID; i++) {
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    }
    found.module = hex;
    return file != NULL ? symbol : tb_symbol_new(tb_state_of(self), &found);
}

PyObject *
tb_symbols_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {NULL};
    Symbols *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, ":Symbols", (char **)names)) {
        return NULL;
    }
    self = (Symbols *)PyType_GenericAlloc(type, 0);
    if (self != NULL) {
        self->users.files.n_spaces = &self->users.n_spaces;
        self->lock = PyThread_allocate_lock();
        if (self->lock == NULL) {
            Py_DECREF(self);
            return PyErr_NoMemory();
        }
    }
    return (PyObject *)self;
}

PyObject *
tb_symbols_repr(PyObject *op)
{
    Symbols *self = (Symbols *)op;

    return PyUnicode_FromFormat("<Symbols kernel=%zu processes=%zu>",
                                self->kernel.ranges.n, self->users.n_processes);
}

void
tb_symbols_dealloc(PyObject *op)
{
    Symbols *self = (Symbols *)op;

    PyObject_GC_UnTrack(op);
    tb_symbol_cache_free(&self->cache);
    tb_ranges_free(&self->kernel.ranges);
    tb_user_symbols_free(&self->users);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    tb_state_free(op);
}
