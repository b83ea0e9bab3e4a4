/* SPDX-License-Identifier: MIT
 *
 * Reads the facts (system/facts.h). File systems are known by their numbers, so that
 * /proc need not be there.
 */
#include "system/facts.h"

#include "base/args.h"
#include "host/confinement.h"
#include "host/kernel.h"
#include "host/privilege.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

/* Where each is looked for, the usual place first. */
static const struct {
    const char *name;
    long magic;
    const char *places[3]; /* NULL ends them */
} mounts[] = {
    {"bpffs", BPF_FS_MAGIC, {"/sys/fs/bpf", NULL}},
    {"tracefs", TRACEFS_MAGIC, {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}},
    {"cgroup2", CGROUP2_SUPER_MAGIC, {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}},
    {"securityfs", SECURITYFS_MAGIC, {"/sys/kernel/security", NULL}},
    {"sysfs", SYSFS_MAGIC, {"/sys", NULL}},
    {"proc", PROC_SUPER_MAGIC, {"/proc", NULL}},
};

/* The place of a mount: (path, whether it is writable), or None. */
static PyObject *
find_mount(size_t i)
{
    const char *const *places = mounts[i].places;
    struct statfs st;

    for (size_t j = 0; j < 3 && places[j] != NULL; j++) {
        if (statfs(places[j], &st) == 0 && (long)st.f_type == mounts[i].magic) {
            return Py_BuildValue("(sO)", places[j],
                                 st.f_flags & ST_RDONLY ? Py_False : Py_True);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
find_mounts(void)
{
    PyObject *found = PyDict_New();

    for (size_t i = 0; found != NULL && i < sizeof(mounts) / sizeof(mounts[0]); i++) {
        PyObject *place = find_mount(i);

        if (place == NULL || PyDict_SetItemString(found, mounts[i].name, place) < 0) {
            Py_CLEAR(found);
        }
        Py_XDECREF(place);
    }
    return found;
}

/* The names of capabilities as bits, of those that BPF asks for. */
static PyObject *
list_lacking(void)
{
    char names[160];

    tb_privilege_write(tb_privilege_lacking(TB_PRIVILEGE_ALL), names, sizeof(names));
    return tb_args_text(names);
}

/* A bool, or a number, or None where it is negative. */
static PyObject *
make_bool(int value)
{
    if (value < 0) {
        Py_RETURN_NONE;
    }
    return PyBool_FromLong(value);
}

static PyObject *
make_number(int value)
{
    if (value < 0) {
        Py_RETURN_NONE;
    }
    return PyLong_FromLong(value);
}

/* Put an item into a dict; 0, or -1 with an exception, that of the call that made it if
 * it is NULL. */
static int
put_steal(PyObject *dict, const char *name, PyObject *item)
{
    int rc = item != NULL ? PyDict_SetItemString(dict, name, item) : -1;

    Py_XDECREF(item);
    return rc;
}

PyObject *
tb_facts_read(PyObject *module, PyObject *unused)
{
    PyObject *facts = PyDict_New();
    char lockdown[128], modules[256];
    struct stat st;

    (void)module;
    (void)unused;
    tb_kernel_lockdown(lockdown, sizeof(lockdown));
    tb_kernel_security_modules(modules, sizeof(modules));
    if (facts != NULL && put_steal(facts, "lockdown", tb_args_text(lockdown)) == 0 &&
        put_steal(facts, "lsm", tb_args_text(modules)) == 0 &&
        put_steal(facts, "perf_event_paranoid", make_number(tb_kernel_paranoid())) ==
            0 &&
        put_steal(facts, "btf",
                  PyBool_FromLong(stat("/sys/kernel/btf/vmlinux", &st) == 0)) == 0 &&
        put_steal(facts, "lacking", list_lacking()) == 0 &&
        put_steal(facts, "user_namespace", make_bool(tb_confinement_in_namespace())) ==
            0 &&
        put_steal(facts, "seccomp", make_bool(tb_confinement_is_filtered())) == 0 &&
        put_steal(facts, "mounts", find_mounts()) == 0) {
        return facts;
    }
    Py_XDECREF(facts);
    return NULL;
}
