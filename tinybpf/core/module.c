/* SPDX-License-Identifier: MIT
 *
 * tinybpf._core: wiring. Everything that exists is added here, nothing is done.
 */
#include "attach/iter_read.h"
#include "attach/link_open.h"
#include "attach/links.h"
#include "attach/query.h"
#include "base/abi3.h"
#include "base/enums.h"
#include "base/libbpf.h"
#include "base/state.h"
#include "btf/object.h"
#include "btf/tags.h"
#include "class/btf.h"
#include "class/columns.h"
#include "class/link.h"
#include "class/map.h"
#include "class/object.h"
#include "class/perfbuf.h"
#include "class/program.h"
#include "class/ringbuf.h"
#include "class/symbols.h"
#include "class/user_ring.h"
#include "class/view.h"
#include "column/columns.h"
#include "column/rebuild.h"
#include "error/log.h"
#include "error/raise.h"
#include "map/drain.h"
#include "map/info.h"
#include "map/iter.h"
#include "map/memory.h"
#include "map/pin.h"
#include "object/collection.h"
#include "object/load.h"
#include "object/open.h"
#include "program/pin.h"
#include "program/stats.h"
#include "program/test_run.h"
#include "row/place.h"
#include "row/rows.h"
#include "stream/event_declared.h"
#include "stream/iterate.h"
#include "stream/lines.h"
#include "stream/loan.h"
#include "stream/loop.h"
#include "stream/reader.h"
#include "stream/reservation.h"
#include "system/facts.h"
#include "system/features.h"
#include "system/linker.h"
#include "system/list.h"
#include "system/object_stats.h"
#include "system/privileges.h"
#include "system/scan.h"
#include "system/symbol.h"
#include "value/class_make.h"
#include "value/collection.h"
#include "value/field.h"
#include "value/pickle.h"
#include "value/record.h"

static PyObject *
module_version(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyUnicode_FromString(TINYBPF_VERSION);
}

static PyObject *
module_libbpf_version(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyUnicode_FromString(TINYBPF_LIBBPF_VERSION);
}

/* Programs for 0.3 choose a libbpf with it, or call it before all else. */
static PyObject *
module_init(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"libbpf_path", NULL};
    PyObject *path;

    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:init", (char **)names, &path)) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"load", TB_METHOD(tb_load_file), METH_VARARGS | METH_KEYWORDS,
     "load($module, path, *, rodata=None, maps=None, autoload=None, name=None, "
     "btf=None, "
     "kconfig=None, pin_root=None, "
     "token=None, log_level=0)\n--\n\n"
     "Open a compiled BPF object file and load its maps and programs."},
    {"open", TB_METHOD(tb_open_file), METH_VARARGS | METH_KEYWORDS,
     "open($module, path, *, rodata=None, maps=None, autoload=None, name=None, "
     "btf=None, "
     "kconfig=None, pin_root=None, "
     "token=None, log_level=0)\n--\n\n"
     "Open a compiled BPF object file, to be changed before its load()."},
    {"open_bytes", TB_METHOD(tb_open_bytes), METH_VARARGS | METH_KEYWORDS,
     "open_bytes($module, data, *, rodata=None, maps=None, autoload=None, name=None, "
     "btf=None, "
     "kconfig=None, pin_root=None, "
     "token=None, log_level=0)\n--\n\n"
     "Open a compiled BPF object that is in memory, to be changed before its load()."},
    {"open_pinned_map", TB_METHOD(tb_map_open_pinned), METH_VARARGS | METH_KEYWORDS,
     "open_pinned_map($module, path, key_type=None, value_type=None)\n--\n\n"
     "Open a map that is pinned on a BPF file system."},
    {"open_pinned_program", TB_METHOD(tb_program_open_pinned),
     METH_VARARGS | METH_KEYWORDS,
     "open_pinned_program($module, path)\n--\n\n"
     "Open a program that is pinned on a BPF file system."},
    {"open_pinned_link", TB_METHOD(tb_link_open_pinned), METH_VARARGS | METH_KEYWORDS,
     "open_pinned_link($module, path)\n--\n\n"
     "Open a link that is pinned on a BPF file system."},
    {"iter_programs", tb_list_programs, METH_NOARGS,
     "iter_programs($module)\n--\n\n"
     "Iterate over the programs that are loaded, whoever loaded them."},
    {"iter_maps", tb_list_maps, METH_NOARGS,
     "iter_maps($module)\n--\n\n"
     "Iterate over the maps that there are, whoever made them."},
    {"iter_links", tb_list_links, METH_NOARGS,
     "iter_links($module)\n--\n\n"
     "Iterate over the links that there are, whoever made them."},
    {"iter_btfs", tb_list_btfs, METH_NOARGS,
     "iter_btfs($module)\n--\n\n"
     "Iterate over the BTF that the kernel has: its own, its modules', and what was "
     "loaded."},
    {"link", tb_linker_link, METH_VARARGS,
     "link($module, /, *objects)\n--\n\n"
     "Link compiled BPF objects into one, and return its bytes."},
    {"trace_pipe", TB_METHOD(tb_lines_trace_pipe), METH_VARARGS | METH_KEYWORDS,
     "trace_pipe($module, timeout=None)\n--\n\n"
     "Open the kernel's trace pipe, where bpf_printk() writes, as an iterator of "
     "lines."},
    {"enable_stats", tb_stats_enable, METH_NOARGS,
     "enable_stats($module)\n--\n\nCount the runs of all programs, and their time."},
    {"drop_privileges", TB_METHOD(tb_privileges_drop), METH_VARARGS | METH_KEYWORDS,
     "drop_privileges($module, keep=(), user=None)\n--\n\n"
     "Give up all privileges of this process but the capabilities to keep, for good."},
    {"prog_query", TB_METHOD(tb_query_programs), METH_VARARGS | METH_KEYWORDS,
     "prog_query($module, target, attach_type, *, effective=False)\n--\n\n"
     "List the programs that are attached to a place of the network."},
    {"xdp_query", TB_METHOD(tb_query_xdp), METH_VARARGS | METH_KEYWORDS,
     "xdp_query($module, interface)\n--\n\n"
     "Tell which XDP program an interface has, and what its driver can do."},
    {"tc_query", TB_METHOD(tb_query_tc), METH_VARARGS | METH_KEYWORDS,
     "tc_query($module, interface, direction)\n--\n\n"
     "List the filters of tc at an interface."},
    {"init", TB_METHOD(module_init), METH_VARARGS | METH_KEYWORDS,
     "init($module, libbpf_path=None)\n--\n\n"
     "Do nothing: the libbpf inside is always used."},
    {"version", module_version, METH_NOARGS,
     "version($module)\n--\n\nReturn the version of tinybpf."},
    {"libbpf_version", module_libbpf_version, METH_NOARGS,
     "libbpf_version($module)\n--\n\n"
     "Return the version of the libbpf inside, such as '1.7.0'."},
    {"_rebuild", tb_pickle_rebuild, METH_VARARGS,
     "_rebuild($module, definition, data, /)\n--\n\n"},
    {"_columns", tb_rebuild_columns, METH_VARARGS,
     "_columns($module, columns, n, data, /)\n--\n\n"},
    {"_dropped", tb_object_stats_dropped, METH_O,
     "_dropped($module, map, /)\n--\n\n"
     "Tell how many records for a ring its program says that it dropped."},
    {"_kind", tb_map_info_kind, METH_O,
     "_kind($module, map, /)\n--\n\nReturn the name of a map's type."},
    {"_btf_holders", tb_scan_btf_holders, METH_VARARGS,
     "_btf_holders($module, scan, id, /)\n--\n\n"
     "Tell which processes hold the BTF of an id."},
    {"_section", tb_btf_object_section, METH_VARARGS,
     "_section($module, object, name, /)\n--\n\n"
     "Return the bytes of a section of an object."},
    {"_relocations", tb_btf_object_relocations, METH_O,
     "_relocations($module, object, /)\n--\n\n"
     "List the CO-RE relocations of an object."},
    {"_tags", tb_btf_tags, METH_O,
     "_tags($module, btf, /)\n--\n\nList what the C source says by tags."},
    {"_event_types", tb_event_declared_list, METH_VARARGS,
     "_event_types($module, btf, texts, /)\n--\n\n"
     "Read what a ring's records are."},
    {"_fields", tb_row_place_list, METH_O,
     "_fields($module, type, /)\n--\n\n"
     "List the fields of a Record class, at any depth."},
    {"_row_class", tb_row_place_class, METH_VARARGS,
     "_row_class($module, btf, type_id, /)\n--\n\n"
     "Return the class that Rows takes for values of a type."},
    {"_facts", tb_facts_read, METH_NOARGS,
     "_facts($module)\n--\n\nReturn what this host says of itself."},
    {"_feature", tb_features_ask, METH_VARARGS,
     "_feature($module, kind, type=0, helper=0, name='', /)\n--\n\n"
     "Ask this kernel for a feature."},
    {"_feature_names", tb_features_names, METH_NOARGS,
     "_feature_names($module)\n--\n\nReturn the names of helpers and hooks."},
    {"_needs", tb_features_needs, METH_VARARGS,
     "_needs($module, kind, type, section='', /)\n--\n\n"
     "Return what a kind of map or program needs."},
    {"_look", tb_features_look, METH_VARARGS,
     "_look($module, section, /)\n--\n\n"
     "Return what is wrong with the target that a section names."},
    {"__getattr__", tb_enums_getattr, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

/* Fill the module in: each part makes its classes and adds what it has; 0 or -1. */
static int
module_exec(PyObject *module)
{
    static int (*const parts[])(PyObject *) = {
        tb_error_add,        tb_enums_add,      tb_btf_class_add,     tb_record_add,
        tb_field_add,        tb_class_make_add, tb_value_types_add,   tb_view_type_add,
        tb_object_class_add, tb_collection_add, tb_program_class_add, tb_test_run_add,
        tb_link_class_add,   tb_links_add,      tb_map_add,           tb_map_iter_add,
        tb_drain_add,        tb_map_memory_add, tb_ringbuf_add,       tb_perfbuf_add,
        tb_loan_add,         tb_reader_add,     tb_columns_class_add, tb_columns_add,
        tb_stats_add,        tb_iterate_add,    tb_iter_read_add,     tb_user_ring_add,
        tb_reservation_add,  tb_lines_add,      tb_loop_add,          tb_list_add,
        tb_scan_add,         tb_symbol_add,     tb_symbols_class_add, tb_rows_add,
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i](module) < 0) {
            return -1;
        }
    }
    tb_log_init();
    return 0;
}

static const char module_doc[] = "Load and drive compiled BPF objects.";

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static PyModuleDef_Slot slots_3_12[] = {
    {Py_mod_exec, module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

/* Older Pythons refuse slots that they do not know, so the definition is chosen by
 * the version that runs. (The interpreter writes into m_base: not const.) */
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tinybpf._core",
    .m_doc = module_doc,
    .m_size = sizeof(struct tb_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = tb_state_traverse,
    .m_clear = tb_state_clear,
};

static PyModuleDef definition_3_12 = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tinybpf._core",
    .m_doc = module_doc,
    .m_size = sizeof(struct tb_state),
    .m_methods = methods,
    .m_slots = slots_3_12,
    .m_traverse = tb_state_traverse,
    .m_clear = tb_state_clear,
};

PyMODINIT_FUNC
PyInit__core(void)
{
    PyObject *version = PySys_GetObject("hexversion"); /* borrowed */
    unsigned long hex = version ? PyLong_AsUnsignedLong(version) : 0;

    return PyModuleDef_Init(hex >= 0x030c0000 ? &definition_3_12 : &definition);
}
