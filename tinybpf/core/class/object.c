/* SPDX-License-Identifier: MIT
 *
 * The class BpfObject: its table of methods, what they say of the object itself, and
 * its end.
 */
#include "class/object.h"

#include "attach/section.h"
#include "base/args.h"
#include "btf/btf.h"
#include "error/raise.h"
#include "object/collection.h"
#include "object/load.h"
#include "object/register.h"
#include "object/reopen.h"
#include "owner/object.h"
#include "system/object_stats.h"
#include "value/collection.h"
#include "view/section.h"
#include "view/section_layout.h"

#include <errno.h>

static PyObject *
object_program(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"program", {"name"}, 1};
    PyObject *name;

    return tb_args_read(&signature, args, n, names, &name) < 0
               ? NULL
               : tb_collection_find((BpfObject *)self, TB_TYPE_PROGRAMS, name);
}

static PyObject *
object_map(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    static const struct tb_args_signature signature = {"map", {"name"}, 1};
    PyObject *name;

    return tb_args_read(&signature, args, n, names, &name) < 0
               ? NULL
               : tb_collection_find((BpfObject *)self, TB_TYPE_MAPS, name);
}

static PyObject *
object_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    tb_object_close((BpfObject *)self);
    Py_RETURN_NONE;
}

static PyObject *
object_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (tb_object_handle((BpfObject *)self) == NULL) {
        return NULL;
    }
    return tb_new_ref(self);
}

/* pathlib is imported by those who ask. */
static PyObject *
object_path(PyObject *self, void *unused)
{
    PyObject *module = PyImport_ImportModule("pathlib");
    PyObject *path = NULL;

    (void)unused;
    if (module != NULL) {
        path = tb_args_call(module, "Path", ((BpfObject *)self)->path);
        Py_DECREF(module);
    }
    return path;
}

static PyObject *
object_programs(PyObject *self, void *unused)
{
    (void)unused;
    return tb_collection_new((BpfObject *)self, TB_TYPE_PROGRAMS);
}

static PyObject *
object_maps(PyObject *self, void *unused)
{
    (void)unused;
    return tb_collection_new((BpfObject *)self, TB_TYPE_MAPS);
}

static PyObject *
object_state(PyObject *op, void *unused)
{
    static const char *const names[] = {"opened", "opened", "prepared", "loaded"};
    BpfObject *self = (BpfObject *)op;

    (void)unused;
    return PyUnicode_FromString(tb_object_is_open(self) ? names[self->phase]
                                                        : "closed");
}

static PyObject *
object_btf(PyObject *self, void *unused)
{
    PyObject *btf = tb_object_btf((BpfObject *)self);

    (void)unused;
    Py_XINCREF(btf);
    return btf;
}

static PyObject *
object_types(PyObject *self, void *unused)
{
    PyObject *btf = tb_object_btf((BpfObject *)self);

    (void)unused;
    if (btf == Py_None) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, ENOENT,
                              "object %R has no type information: compile it with -g",
                              ((BpfObject *)self)->name);
    }
    return btf ? tb_value_types_new((Btf *)btf) : NULL;
}

static PyObject *
object_repr(PyObject *op)
{
    static const char *const notes[] = {", not loaded", ", not loaded",
                                        ", prepared, not loaded", ""};
    BpfObject *self = (BpfObject *)op;

    if (!tb_object_is_open(self)) {
        return PyUnicode_FromFormat("<BpfObject %R closed>", self->name);
    }
    return PyUnicode_FromFormat("<BpfObject %R open%s, programs=%zu, maps=%zu>",
                                self->name, notes[self->phase], self->programs.n,
                                self->maps.n);
}

static int
object_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((BpfObject *)self)->btf);
    Py_VISIT(((BpfObject *)self)->classes);
    Py_VISIT(((BpfObject *)self)->class_names);
    return 0;
}

static void
object_finalize(PyObject *op)
{
    BpfObject *self = (BpfObject *)op;
    PyObject *warning = tb_object_is_open(self) ? PyExc_ResourceWarning : NULL;

    tb_state_finalize(op, warning, "unclosed %R", object_close);
}

static void
object_dealloc(PyObject *op)
{
    BpfObject *self = (BpfObject *)op;

    if (tb_state_finish(op, object_finalize, &self->is_finished)) {
        tb_section_layout_free_all(self);
        Py_CLEAR(self->name);
        Py_CLEAR(self->path);
        Py_CLEAR(self->image);
        Py_CLEAR(self->btf);
        Py_CLEAR(self->classes);
        Py_CLEAR(self->class_names);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"program", TB_METHOD(object_program), METH_FASTCALL | METH_KEYWORDS,
     "program($self, name)\n--\n\n"
     "Return the program of that name, as `programs[name]`."},
    {"map", TB_METHOD(object_map), METH_FASTCALL | METH_KEYWORDS,
     "map($self, name)\n--\n\n"
     "Return the map of that name, as `maps[name]`."},
    {"section", tb_section_find, METH_O,
     "section($self, name, /)\n--\n\n"
     "Return the global variables of the section of that name."},
    {"prepare", tb_load_prepare, METH_NOARGS,
     "prepare($self)\n--\n\n"
     "Relocate the programs and create the maps of an opened object."},
    {"load", tb_load_load, METH_NOARGS,
     "load($self)\n--\n\n"
     "Load an opened object's maps and programs into the kernel."},
    {"reopen", TB_METHOD(tb_object_reopen), METH_VARARGS | METH_KEYWORDS,
     "reopen($self, *, autoload=None, btf=None, kconfig=None, token=None, "
     "log_level=0)\n--\n\n"
     "Open the object once more, over the maps of this one."},
    {"attach", tb_attach_object, METH_NOARGS,
     "attach($self)\n--\n\n"
     "Attach every program whose section says where, in one step."},
    {"register_type", TB_METHOD(tb_object_register_type), METH_VARARGS | METH_KEYWORDS,
     "register_type($self, btf_name, py_type, validate_field_names=True)\n--\n\n"
     "Say which class stands for a type of C in the maps of the object."},
    {"lookup_type", TB_METHOD(tb_object_lookup_type), METH_FASTCALL | METH_KEYWORDS,
     "lookup_type($self, btf_name)\n--\n\n"
     "Return the class that was registered for a type of C, None if there is none."},
    {"lookup_btf_name", TB_METHOD(tb_object_lookup_btf_name),
     METH_FASTCALL | METH_KEYWORDS,
     "lookup_btf_name($self, py_type)\n--\n\n"
     "Return the name that a class was registered for, None if it was not."},
    {"stats", tb_object_stats_make, METH_NOARGS,
     "stats($self)\n--\n\n"
     "Tell what was counted of its programs, rings and links, and what was not seen."},
    {"close", object_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Destroy the links made from the object and unload it; may be called again."},
    {"__enter__", object_enter, METH_NOARGS, NULL},
    {"__exit__", object_close, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(BpfObject, name), READONLY,
     "Name of the object: that of its file, less the ending."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"path", object_path, NULL,
     "Path that the object was loaded from, as it was given: a pathlib.Path.", NULL},
    {"state", object_state, NULL,
     "How far it is: 'opened', 'prepared', 'loaded' or 'closed'.", NULL},
    {"rodata", tb_section_get, NULL,
     "Constants (const volatile): set before loading, then read-only.",
     (void *)".rodata"},
    {"data", tb_section_get, NULL, "Global variables that begin with a value.",
     (void *)".data"},
    {"bss", tb_section_get, NULL, "Global variables that begin as zero.",
     (void *)".bss"},
    {"kconfig", tb_section_get, NULL,
     "What `extern __kconfig` variables say of the kernel; read-only.",
     (void *)".kconfig"},
    {"arena", tb_section_get, NULL, "Global variables in the object's arena.",
     (void *)".addr_space.1"},
    {"sections", tb_section_names, NULL, "Names of the sections with global variables.",
     NULL},
    {"programs", object_programs, NULL, "The programs by name.", NULL},
    {"maps", object_maps, NULL, "The maps by name.", NULL},
    {"types", object_types, NULL, "Classes of the types by name.", NULL},
    {"btf", object_btf, NULL,
     "Type information of the object; None if it was compiled without.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A BPF object: its programs, its maps and their life.\n"
                "\n"
                "    with tinybpf.load(\"tool.bpf.o\") as obj, obj.attach():\n"
                "        print(obj.programs, obj.maps)\n"
                "        obj.maps[\"counts\"][1234] = 0\n"
                "\n"
                "Both collections are mappings by name. close(), or the end of the "
                "block, destroys the\n"
                "links made from the object and unloads it; what holds a map or a "
                "program of it then\n"
                "raises BpfClosedError."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, getset},
    {Py_tp_repr, object_repr},
    {Py_tp_traverse, object_traverse},
    {Py_tp_finalize, object_finalize},
    {Py_tp_dealloc, object_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfObject",
    .basicsize = sizeof(BpfObject),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_object_class_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_OBJECT, &spec);
}
