/* SPDX-License-Identifier: MIT
 *
 * Whole maps as columns (map/columns.h): a row for each entry, of a per-CPU map one for
 * each of its CPUs. What the parts of an entry are follows column/plan.h: key, value,
 * CPU.
 */
#include "map/columns.h"

#include "btf/btf.h"
#include "column/columns.h"
#include "map/iter.h"
#include "map/kind.h"
#include "value/shape.h"

#include <stdlib.h>

struct taker {
    const BpfMap *map;
    struct tb_column_batch *batch; /* owned */
    struct tb_column_block block;
    uint32_t *cpus; /* owned; their numbers, in order */
};

/* The layout of a key or value: of its Record class, or of what BTF says where nothing
 * else was asked for; NULL if it is a number or bytes, which its codec tells. */
static const struct tb_layout *
layout_of(BpfMap *map, const struct tb_codec *codec, uint32_t btf_id, Btf **out_btf)
{
    const struct tb_layout *layout = NULL;

    if (codec->kind == TB_CODEC_RECORD) {
        *out_btf = codec->shape->btf;
        return codec->shape->layout;
    }
    if (btf_id == 0 || (codec->type != NULL && codec->kind != TB_CODEC_CTYPE)) {
        return NULL;
    }
    if (tb_map_btf(map, out_btf) == 0 && *out_btf != NULL) {
        layout = tb_btf_layout(*out_btf, btf_id);
    }
    PyErr_Clear(); /* of types that no layout can be made of: then it is bytes */
    return layout != NULL && layout->size == codec->size ? layout : NULL;
}

/* The layout of a number, or of bytes. */
static struct tb_layout
plain_layout(const struct tb_codec *codec)
{
    static const enum tb_layout_kind kinds[] = {
        [TB_CODEC_UNSIGNED] = TB_LAYOUT_UNSIGNED,
        [TB_CODEC_SIGNED] = TB_LAYOUT_SIGNED,
        [TB_CODEC_BOOL] = TB_LAYOUT_BOOL,
        [TB_CODEC_FLOAT] = TB_LAYOUT_FLOAT,
    };
    struct tb_layout layout = {.kind = TB_LAYOUT_BYTES, .size = codec->size};

    if (codec->kind <= TB_CODEC_FLOAT) {
        layout.kind = kinds[codec->kind];
    }
    layout.is_signed = codec->kind == TB_CODEC_SIGNED;
    return layout;
}

/* Append the columns of keys or values; 0, or -1 with an exception. */
static int
add_part(struct tb_column_plan *plan, BpfMap *map, const struct tb_codec *codec,
         const char *name)
{
    uint32_t id =
        codec == &map->traits.key ? map->traits.key_btf_id : map->traits.value_btf_id;
    struct tb_layout plain = plain_layout(codec);
    Btf *btf = NULL;
    const struct tb_layout *layout = layout_of(map, codec, id, &btf);
    int err = tb_column_plan_add(plan, btf ? btf->handle : NULL,
                                 layout ? layout : &plain, name);

    return err < 0 ? tb_columns_raise(tb_state_of(map), err, name) : 0;
}

/* The plan of a map's rows; NULL with an exception. */
static struct tb_column_plan *
make_plan(BpfMap *map)
{
    static const struct tb_layout cpu = {.kind = TB_LAYOUT_UNSIGNED, .size = 4};
    struct tb_column_plan *plan = tb_column_plan_new();
    int err = 0;

    if (plan == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (add_part(plan, map, &map->traits.key, "key") < 0 ||
        add_part(plan, map, &map->traits.value, "value") < 0) {
        err = -1;
    }
    else if (tb_map_is_percpu(map)) {
        err = tb_column_plan_add(plan, NULL, &cpu, "cpu");
        err = err < 0 ? tb_columns_raise(tb_state_of(map), err, "cpu") : 0;
    }
    if (err < 0) {
        tb_column_plan_drop(plan);
        return NULL;
    }
    return plan;
}

/* Append the block; 0, or -1 with MemoryError. */
static int
flush(struct taker *self)
{
    if (tb_column_batch_add(self->batch, &self->block) == 0) {
        return 0;
    }
    PyErr_NoMemory();
    return -1;
}

/* Take entries: tb_map_taker. */
static int
take(void *taker, const unsigned char *keys, const unsigned char *values, uint32_t n)
{
    struct taker *self = taker;
    const struct tb_map_traits *traits = &self->map->traits;
    uint32_t stride = traits->span / traits->n_values;

    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t cpu = 0; cpu < traits->n_values; cpu++) {
            size_t at = self->block.n++;

            self->block.parts[0][at] = keys + (size_t)i * traits->key.size;
            self->block.parts[1][at] =
                values + (size_t)i * traits->span + (size_t)cpu * stride;
            self->block.parts[2][at] = (const unsigned char *)&self->cpus[cpu];
            if (at + 1 == TB_COLUMN_BLOCK && flush(self) < 0) {
                return -1;
            }
        }
    }
    return flush(self);
}

/* Make the batch, and the numbers of CPUs; 0, or -1 with an exception. */
static int
start(struct taker *self, BpfMap *map)
{
    struct tb_column_plan *plan = make_plan(map);

    if (plan == NULL) {
        return -1;
    }
    self->map = map;
    self->batch = tb_column_batch_new(plan);
    self->cpus = calloc(map->traits.n_values, sizeof(*self->cpus));
    tb_column_plan_drop(plan);
    if (self->batch == NULL || self->cpus == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t cpu = 0; cpu < map->traits.n_values; cpu++) {
        self->cpus[cpu] = cpu;
    }
    return 0;
}

PyObject *
tb_map_read_columns(PyObject *op, PyObject *unused)
{
    BpfMap *map = (BpfMap *)op;
    struct taker taker = {.block.n = 0};
    PyObject *columns = NULL;

    (void)unused;
    if (tb_map_fd(map) < 0 || tb_map_check_walk(map) < 0) {
        return NULL;
    }
    if (start(&taker, map) == 0 && tb_map_iter_take(map, take, &taker) == 0) {
        columns = tb_columns_new_steal(tb_state_of(map), taker.batch);
        taker.batch = NULL;
    }
    tb_column_batch_drop(taker.batch);
    free(taker.cpus);
    return columns;
}
