/* SPDX-License-Identifier: MIT
 *
 * The class BpfProgram: its table of methods, its repr and its end.
 */
#include "class/program.h"

#include "attach/binary.h"
#include "attach/cgroup.h"
#include "attach/event.h"
#include "attach/function.h"
#include "attach/interface.h"
#include "attach/iter.h"
#include "attach/lirc.h"
#include "attach/netfilter.h"
#include "attach/netlink.h"
#include "attach/netns.h"
#include "attach/section.h"
#include "attach/socket.h"
#include "attach/struct_ops.h"
#include "attach/tracepoint.h"
#include "attach/typed.h"
#include "base/args.h"
#include "base/libbpf.h"
#include "owner/program.h"
#include "program/info.h"
#include "program/open.h"
#include "program/pin.h"
#include "program/setting.h"
#include "program/test_run.h"
#include "stream/lines.h"
#include "system/scan.h"

static PyObject *
program_fd(PyObject *self, void *unused)
{
    int fd = tb_program_fd((BpfProgram *)self);

    (void)unused;
    return fd < 0 ? NULL : PyLong_FromLong(fd);
}

static PyObject *
program_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    tb_program_close((BpfProgram *)self);
    Py_RETURN_NONE;
}

static PyObject *
program_enter(PyObject *op, PyObject *unused)
{
    BpfProgram *self = (BpfProgram *)op;

    (void)unused;
    if (tb_program_is_open(self)) {
        return tb_new_ref(op);
    }
    return tb_program_fd(self) < 0 ? NULL : tb_new_ref(op);
}

static PyObject *
program_is_standalone(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(tb_program_is_standalone((BpfProgram *)self));
}

/* <BpfProgram 'on_open' tracepoint/sched/sched_switch, fd=5>; a stand-alone one has its
 * type in the place of the section. */
static PyObject *
program_repr(PyObject *op)
{
    BpfProgram *self = (BpfProgram *)op;
    PyObject *what, *text;
    int fd;

    if (!tb_program_is_open(self)) {
        return PyUnicode_FromFormat("<BpfProgram %R closed>", self->name);
    }
    if (tb_program_is_standalone(self)) {
        const char *type = libbpf_bpf_prog_type_str((enum bpf_prog_type)self->type);

        fd = self->fd;
        what = PyUnicode_FromString(type ? type : "of an unknown type");
    }
    else {
        fd = bpf_program__fd(self->handle);
        what = tb_program_section(op, NULL);
    }
    if (what == NULL) {
        return NULL;
    }
    if (self->found.id != 0) {
        text = PyUnicode_FromFormat("<BpfProgram %R %U, id=%u>", self->name, what,
                                    self->found.id);
    }
    else if (fd < 0) {
        text = PyUnicode_FromFormat("<BpfProgram %R %U, not loaded>", self->name, what);
    }
    else {
        text = PyUnicode_FromFormat("<BpfProgram %R %U, fd=%d>", self->name, what, fd);
    }
    Py_DECREF(what);
    return text;
}

static int
program_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfProgram *)op)->object);
    return 0;
}

static void
program_finalize(PyObject *op)
{
    BpfProgram *self = (BpfProgram *)op;
    int is_dropped = tb_program_is_standalone(self) && tb_program_is_open(self) &&
                     !self->found.is_quiet;

    tb_state_finalize(op, is_dropped ? PyExc_ResourceWarning : NULL, "unclosed %R",
                      program_close);
}

static void
program_dealloc(PyObject *op)
{
    BpfProgram *self = (BpfProgram *)op;

    if (!tb_state_finish(op, program_finalize, &self->is_finished)) {
        return;
    }
    if (self->object != NULL) {
        tb_object_forget(&self->object->programs, self->index, op);
    }
    Py_CLEAR(self->name);
    Py_CLEAR(self->object);
    Py_CLEAR(self->found.scan);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"from_fd", tb_program_from_fd, METH_O | METH_CLASS,
     "from_fd($type, fd, /)\n--\n\nOpen the program behind a descriptor."},
    {"from_id", tb_program_from_id, METH_O | METH_CLASS,
     "from_id($type, id, /)\n--\n\nOpen the program of an id."},
    {"set_attach_target", TB_METHOD(tb_program_set_attach_target),
     METH_VARARGS | METH_KEYWORDS,
     "set_attach_target($self, func, program=None)\n--\n\n"
     "Choose the function that a program of an opened object is made for."},
    {"set_ifindex", tb_program_set_ifindex, METH_O,
     "set_ifindex($self, ifindex, /)\n--\n\n"
     "Load the program into an interface's hardware."},
    {"attach", TB_METHOD(tb_attach_program), METH_VARARGS | METH_KEYWORDS,
     "attach($self, **options)\n--\n\n"
     "Attach the program to what its section names."},
    {"attach_kprobe", TB_METHOD(tb_attach_kprobe), METH_VARARGS | METH_KEYWORDS,
     "attach_kprobe($self, func_name, retprobe=False, *, offset=0, cookie=None, "
     "attach_mode='default')\n--\n\n"
     "Attach the program to a kernel function."},
    {"attach_kretprobe", TB_METHOD(tb_attach_kretprobe), METH_VARARGS | METH_KEYWORDS,
     "attach_kretprobe($self, func_name, *, cookie=None, attach_mode='default')\n--\n\n"
     "Attach the program to the return of a kernel function."},
    {"attach_ksyscall", TB_METHOD(tb_attach_ksyscall), METH_VARARGS | METH_KEYWORDS,
     "attach_ksyscall($self, name, retprobe=False, *, cookie=None)\n--\n\n"
     "Attach the program to a system call."},
    {"attach_kprobe_multi", TB_METHOD(tb_attach_kprobe_multi),
     METH_VARARGS | METH_KEYWORDS,
     "attach_kprobe_multi($self, pattern=None, *, symbols=None, addresses=None, "
     "cookies=None, retprobe=False, session=None, unique_match=False)\n--\n\n"
     "Attach the program to many kernel functions by one link."},
    {"attach_trace", TB_METHOD(tb_attach_trace), METH_VARARGS | METH_KEYWORDS,
     "attach_trace($self, *, cookie=None)\n--\n\n"
     "Attach an fentry, fexit, fmod_ret, fsession or tp_btf program."},
    {"attach_freplace", TB_METHOD(tb_attach_freplace), METH_VARARGS | METH_KEYWORDS,
     "attach_freplace($self, target=None, func_name=None)\n--\n\n"
     "Replace a function of another program."},
    {"attach_lsm", TB_METHOD(tb_attach_lsm), METH_VARARGS | METH_KEYWORDS,
     "attach_lsm($self, *, cookie=None)\n--\n\n"
     "Attach the program to its security hook."},
    {"attach_tracepoint", TB_METHOD(tb_attach_tracepoint), METH_VARARGS | METH_KEYWORDS,
     "attach_tracepoint($self, category, name, *, cookie=None)\n--\n\n"
     "Attach the program to a tracepoint."},
    {"attach_raw_tracepoint", TB_METHOD(tb_attach_raw_tracepoint),
     METH_VARARGS | METH_KEYWORDS,
     "attach_raw_tracepoint($self, name, *, cookie=None)\n--\n\n"
     "Attach the program to a raw tracepoint."},
    {"attach_uprobe", TB_METHOD(tb_attach_uprobe), METH_VARARGS | METH_KEYWORDS,
     "attach_uprobe($self, binary_path, offset=0, pid=-1, retprobe=False, "
     "func_name=None, *, ref_ctr_offset=0, cookie=None, attach_mode='default')\n--\n\n"
     "Attach the program to a place in a binary."},
    {"attach_uretprobe", TB_METHOD(tb_attach_uretprobe), METH_VARARGS | METH_KEYWORDS,
     "attach_uretprobe($self, binary_path, offset=0, pid=-1, func_name=None, *, "
     "ref_ctr_offset=0, cookie=None, attach_mode='default')\n--\n\n"
     "Attach the program to the return of a function in a binary."},
    {"attach_uprobe_multi", TB_METHOD(tb_attach_uprobe_multi),
     METH_VARARGS | METH_KEYWORDS,
     "attach_uprobe_multi($self, binary_path, pattern=None, *, pid=-1, symbols=None, "
     "offsets=None, ref_ctr_offsets=None, cookies=None, retprobe=False, "
     "session=None)\n--\n\n"
     "Attach the program to many places in a binary by one link."},
    {"attach_usdt", TB_METHOD(tb_attach_usdt), METH_VARARGS | METH_KEYWORDS,
     "attach_usdt($self, binary_path, provider, name, *, pid=-1, cookie=None)\n--\n\n"
     "Attach the program to a static tracepoint of a binary."},
    {"attach_perf_event", TB_METHOD(tb_attach_perf_event), METH_VARARGS | METH_KEYWORDS,
     "attach_perf_event($self, event, *, freq=None, period=None, cpu=None, pid=None, "
     "cookie=None)\n--\n\n"
     "Attach the program to an event of the CPUs, such as a clock."},
    {"attach_xdp", TB_METHOD(tb_attach_xdp), METH_VARARGS | METH_KEYWORDS,
     "attach_xdp($self, interface, *, mode=None)\n--\n\n"
     "Attach the program to the packets that an interface receives."},
    {"attach_xdp_netlink", TB_METHOD(tb_attach_xdp_netlink),
     METH_VARARGS | METH_KEYWORDS,
     "attach_xdp_netlink($self, interface, *, mode=None, replace=False)\n--\n\n"
     "Attach an XDP program by netlink, without a link of the kernel."},
    {"attach_tc", TB_METHOD(tb_attach_tc), METH_VARARGS | METH_KEYWORDS,
     "attach_tc($self, interface, direction, *, handle=0, priority=0, "
     "replace=False)\n--\n\n"
     "Attach the program as a filter of tc to an interface."},
    {"attach_tcx", TB_METHOD(tb_attach_tcx), METH_VARARGS | METH_KEYWORDS,
     "attach_tcx($self, interface, direction=None, *, before=None, after=None, "
     "first=False, expected_revision=0)\n--\n\n"
     "Attach the program to the packets of an interface, beside others, by tcx."},
    {"attach_netkit", TB_METHOD(tb_attach_netkit), METH_VARARGS | METH_KEYWORDS,
     "attach_netkit($self, interface, direction=None, *, before=None, "
     "after=None, first=False, expected_revision=0)\n--\n\n"
     "Attach the program to the packets of a netkit interface."},
    {"attach_cgroup", TB_METHOD(tb_attach_cgroup), METH_VARARGS | METH_KEYWORDS,
     "attach_cgroup($self, cgroup, *, before=None, after=None, first=False, "
     "expected_revision=0, preorder=False, mode=None, replace=None)\n--\n\n"
     "Attach the program to a cgroup."},
    {"attach_iter", TB_METHOD(tb_attach_iter), METH_VARARGS | METH_KEYWORDS,
     "attach_iter($self, *, map=None, tid=None, pid=None, cgroup=None, order=None)\n"
     "--\n\nAttach an iterator, which runs while its link is read."},
    {"attach_netns", TB_METHOD(tb_attach_netns), METH_VARARGS | METH_KEYWORDS,
     "attach_netns($self, netns=None)\n--\n\n"
     "Attach the program to a network namespace."},
    {"attach_sockmap", TB_METHOD(tb_attach_sockmap), METH_VARARGS | METH_KEYWORDS,
     "attach_sockmap($self, map)\n--\n\n"
     "Attach the program to the sockets that a map holds."},
    {"attach_socket_filter", TB_METHOD(tb_attach_socket_filter),
     METH_VARARGS | METH_KEYWORDS,
     "attach_socket_filter($self, sock)\n--\n\n"
     "Attach the program to a socket, whose packets it filters."},
    {"attach_reuseport", TB_METHOD(tb_attach_reuseport), METH_VARARGS | METH_KEYWORDS,
     "attach_reuseport($self, sock)\n--\n\n"
     "Attach the program to the sockets that share the port of one."},
    {"attach_netfilter", TB_METHOD(tb_attach_netfilter), METH_VARARGS | METH_KEYWORDS,
     "attach_netfilter($self, family, hook, *, priority=0, defrag=False)\n--\n\n"
     "Attach the program to a hook of netfilter."},
    {"attach_lirc", TB_METHOD(tb_attach_lirc), METH_VARARGS | METH_KEYWORDS,
     "attach_lirc($self, path)\n--\n\n"
     "Attach the program to a receiver of infrared."},
    {"assoc_struct_ops", tb_struct_ops_associate, METH_O,
     "assoc_struct_ops($self, map, /)\n--\n\n"
     "Tell the kernel which struct_ops the program serves."},
    {"test_run", TB_METHOD(tb_program_test_run), METH_VARARGS | METH_KEYWORDS,
     "test_run($self, data=None, ctx=None, repeat=0, flags=0, cpu=None, batch_size=0, "
     "live_frames=False)\n--\n\nRun the program in the kernel without its hook."},
    {"pin", TB_METHOD(tb_program_pin), METH_FASTCALL | METH_KEYWORDS,
     "pin($self, path)\n--\n\nKeep the program by a file on the BPF file system."},
    {"unpin", TB_METHOD(tb_program_unpin), METH_FASTCALL | METH_KEYWORDS,
     "unpin($self, path)\n--\n\nRemove a pin of this program."},
    {"xlated", tb_program_xlated, METH_NOARGS,
     "xlated($self)\n--\n\n"
     "Return the instructions as the verifier left them."},
    {"jited", tb_program_jited, METH_NOARGS,
     "jited($self)\n--\n\nReturn the machine code that runs."},
    {"lines", tb_program_lines, METH_NOARGS,
     "lines($self)\n--\n\nList the lines of C that its instructions come from."},
    {"holders", tb_scan_holders, METH_NOARGS,
     "holders($self)\n--\n\nTell which processes have descriptors of it."},
    {"pins", tb_scan_pins, METH_NOARGS, "pins($self)\n--\n\nTell where it is pinned."},
    {"close", program_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Close a stand-alone program; others end with their object."},
    {"__enter__", program_enter, METH_NOARGS, NULL},
    {"__exit__", program_close, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(BpfProgram, name), READONLY, "Name of the C function."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"section", tb_program_section, NULL,
     "Name of its ELF section, such as 'tracepoint/syscalls/sys_enter_openat'.", NULL},
    {"type", tb_program_setting_get, tb_program_setting_set,
     "Kind of program; a plain int where this build does not know it.",
     (void *)TB_PROGRAM_TYPE},
    {"expected_attach_type", tb_program_setting_get, tb_program_setting_set,
     "Kind of hook that it is checked for; a plain int where it is not known.",
     (void *)TB_PROGRAM_EXPECTED_ATTACH_TYPE},
    {"flags", tb_program_setting_get, tb_program_setting_set,
     "Flags that it is loaded with: the kernel's BPF_F_ bits.",
     (void *)TB_PROGRAM_FLAGS},
    {"log_level", tb_program_setting_get, tb_program_setting_set,
     "What the verifier writes while it is loaded: 0 nothing, 1 and 2 more.",
     (void *)TB_PROGRAM_LOG_LEVEL},
    {"autoload", tb_program_setting_get, tb_program_setting_set,
     "Whether loading the object loads it.", (void *)TB_PROGRAM_AUTOLOAD},
    {"autoattach", tb_program_setting_get, tb_program_setting_set,
     "Whether the object's attach() includes it.", (void *)TB_PROGRAM_AUTOATTACH},
    {"id", tb_program_id, NULL, "Number that the kernel knows the program by.", NULL},
    {"is_standalone", program_is_standalone, NULL,
     "Whether the program belongs to no object, and is to be closed.", NULL},
    {"stdout", tb_lines_of_program, NULL,
     "Lines that the program has printed by bpf_stream_printk(), an iterator.",
     (void *)BPF_STREAM_STDOUT},
    {"stderr", tb_lines_of_program, NULL,
     "Lines that the program, or the kernel about it, wrote as errors, an iterator.",
     (void *)BPF_STREAM_STDERR},
    {"info", tb_program_info, NULL,
     "What the program is, as one value that outlives it.", NULL},
    {"fd", program_fd, NULL, "File descriptor, owned by the object, if it has one.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A program of an object.\n"
                "\n"
                "    with obj.programs[\"on_open\"].attach() as link:\n"
                "        print(link)\n"
                "    obj.programs[\"filter\"].test_run(data=packet).retval\n"
                "\n"
                "A link that is dropped without a name is detached, and warns."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, getset},
    {Py_tp_repr, program_repr},
    {Py_tp_traverse, program_traverse},
    {Py_tp_finalize, program_finalize},
    {Py_tp_dealloc, program_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfProgram",
    .basicsize = sizeof(BpfProgram),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_program_class_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_PROGRAM, &spec);
}
