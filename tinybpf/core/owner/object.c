/* SPDX-License-Identifier: MIT
 *
 * The life of a BpfObject: lends its members, keeps the lists of links made from it and
 * of those who watch it, ends the first with itself and tells the others. It does not
 * know how objects are opened and loaded, nor how programs are attached.
 */
#include "owner/object.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "error/raise.h"
#include "owner/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
tb_object_is_open(const BpfObject *self)
{
    return self != NULL && self->handle != NULL && !self->closing;
}

void
tb_object_forget(struct tb_members *members, size_t index, PyObject *wrapper)
{
    if (members->items != NULL && members->items[index].wrapper == wrapper) {
        members->items[index].wrapper = NULL;
    }
}

struct bpf_object *
tb_object_handle(BpfObject *self)
{
    if (tb_object_is_open(self)) {
        return self->handle;
    }
    return tb_error_closed(tb_state_of(self), "object", self->name);
}

struct bpf_object *
tb_object_reached(BpfObject *self, enum tb_phase phase)
{
    struct bpf_object *handle = tb_object_handle(self);

    if (handle == NULL || (self->phase >= phase && self->phase != TB_BUSY)) {
        return handle;
    }
    return tb_error_raise(tb_state_of(self), TB_ERROR, 0, "object %R is %s", self->name,
                          self->phase == TB_BUSY
                              ? "being loaded by another thread"
                              : "not loaded yet: call its load() first");
}

struct bpf_object *
tb_object_acquire(BpfObject *self)
{
    struct bpf_object *handle = tb_object_handle(self);

    if (handle != NULL) {
        self->users++;
    }
    return handle;
}

void
tb_object_drop_lent(struct tb_member *member)
{
    if (member->lent_fd > 0) {
        close(member->lent_fd);
        member->lent_fd = 0;
    }
}

static void
free_members(struct tb_members *members)
{
    for (size_t i = 0; members->items != NULL && i < members->n; i++) {
        free(members->items[i].name);
        tb_object_drop_lent(&members->items[i]);
    }
    free(members->items);
    *members = (struct tb_members){NULL, 0};
}

/* Unload; the GIL is released, so self may change meanwhile. */
static void
destroy(BpfObject *self)
{
    struct bpf_object *handle = self->handle;
    int btf_fd = self->btf_fd;

    self->handle = NULL;
    self->btf_fd = -1;
    free_members(&self->programs);
    free_members(&self->maps);
    Py_BEGIN_ALLOW_THREADS
    bpf_object__close(handle);
    if (btf_fd >= 0) {
        close(btf_fd);
    }
    Py_END_ALLOW_THREADS
}

void
tb_object_release(BpfObject *self)
{
    if (--self->users == 0 && self->closing) {
        destroy(self);
    }
}

void
tb_object_watch(BpfObject *self, struct tb_object_watch *watch)
{
    watch->at = &self->watches;
    watch->next = self->watches;
    if (watch->next != NULL) {
        watch->next->at = &watch->next;
    }
    self->watches = watch;
}

void
tb_object_unwatch(struct tb_object_watch *watch)
{
    if (watch->at == NULL) {
        return;
    }
    *watch->at = watch->next;
    if (watch->next != NULL) {
        watch->next->at = watch->at;
    }
    watch->at = NULL;
}

void
tb_object_close(BpfObject *self)
{
    if (!tb_object_is_open(self)) {
        return;
    }
    self->closing = 1;
    self->users++;
    tb_link_destroy_all(self);
    while (self->watches != NULL) {
        struct tb_object_watch *watch = self->watches;

        tb_object_unwatch(watch);
        watch->closed(watch);
    }
    tb_object_release(self);
}

/* Note one; 0 or -ENOMEM. */
static int
note_member(struct tb_member *member, void *handle, const char *name)
{
    member->handle = handle;
    member->name = strdup(name);
    return member->name != NULL ? 0 : -ENOMEM;
}

/* List the programs and maps of the handle; 0, or -1 with MemoryError. */
static int
list_members(BpfObject *self)
{
    struct tb_members *programs = &self->programs, *maps = &self->maps;
    struct bpf_program *program = NULL;
    struct bpf_map *map = NULL;
    int err = 0;

    while ((program = bpf_object__next_program(self->handle, program)) != NULL) {
        programs->n++;
    }
    while ((map = bpf_object__next_map(self->handle, map)) != NULL) {
        maps->n++;
    }
    programs->items = calloc(programs->n + 1, sizeof(*programs->items));
    maps->items = calloc(maps->n + 1, sizeof(*maps->items));
    if (programs->items == NULL || maps->items == NULL) {
        err = -ENOMEM;
    }
    for (size_t i = 0; err == 0 && i < programs->n; i++) {
        program = bpf_object__next_program(self->handle, program);
        err = note_member(&programs->items[i], program, bpf_program__name(program));
    }
    for (size_t i = 0; err == 0 && i < maps->n; i++) {
        map = bpf_object__next_map(self->handle, map);
        err = note_member(&maps->items[i], map, bpf_map__name(map));
        /* libbpf drops them where the kernel wants none (bpf_object__create_map), and
         * puts those of another BTF there (bpf_map__reuse_fd). */
        maps->items[i].key_type_id = bpf_map__btf_key_type_id(map);
        maps->items[i].value_type_id = bpf_map__btf_value_type_id(map);
    }
    if (err < 0) {
        PyErr_NoMemory();
    }
    return err < 0 ? -1 : 0;
}

PyObject *
tb_object_new_steal(struct tb_state *state, struct bpf_object *handle, const char *name,
                    PyObject *path)
{
    BpfObject *self = tb_state_new(state, TB_TYPE_OBJECT);

    if (self == NULL) {
        bpf_object__close(handle);
        return NULL;
    }
    self->handle = handle;
    self->btf_fd = -1;
    self->path = tb_new_ref(path);
    self->name = tb_args_text(name);
    if (self->name == NULL || list_members(self) < 0) {
        tb_object_close(self);
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

PyObject *
tb_object_btf(BpfObject *self)
{
    const struct btf *handle;
    PyObject *btf;

    if (self->btf != NULL) {
        return self->btf;
    }
    if (tb_object_handle(self) == NULL) {
        return NULL;
    }
    handle = bpf_object__btf(self->handle);
    btf = handle == NULL ? tb_new_ref(Py_None)
                         : tb_btf_new_copy(tb_state_of(self), handle, self->name);
    if (self->btf == NULL) { /* else the collector has come in between */
        self->btf = btf;
    }
    else {
        Py_XDECREF(btf);
    }
    return self->btf;
}
