/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: BTF of any kind enters as by Btf.bytes(), is searched, written
 * as C, and made smaller for relocations that may be hostile as well. An input's BTF is
 * that of the kernel, its rest the section .BTF.ext of an object with the same types,
 * or an object.
 */
#include "base/libbpf.h"
#include "base/text.h"
#include "btf/mark.h"
#include "elf/image.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (4u << 20)

static volatile uint64_t sum;

static void
append(void *ctx, const char *format, va_list args)
{
    struct tb_text *text = ctx;

    if (text->err == 0) {
        tb_text_add_format(text, format, args);
    }
}

/* Write all types, and a declaration of each, as far as the text may grow. */
static void
dump(const struct btf *btf)
{
    LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = "name");
    struct tb_text text = {.max = TEXT_MAX};
    struct btf_dump *dump = btf_dump__new(btf, append, &text, NULL);
    int err = 0;

    for (uint32_t id = 1; dump != NULL && id < btf__type_cnt(btf) && err == 0; id++) {
        if (text.err == 0) {
            err = btf_dump__dump_type(dump, id);
        }
    }
    for (uint32_t id = 1; dump != NULL && id < btf__type_cnt(btf) && err == 0; id++) {
        if (text.err == 0) {
            err = btf_dump__emit_type_decl(dump, id, &opts);
        }
    }
    btf_dump__free(dump);
    sum += text.len;
    tb_text_free(&text);
}

/* Names, sizes and chains of all types. */
static void
walk(const struct btf *btf)
{
    for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        const char *name = btf__name_by_offset(btf, type->name_off);

        sum += (uint64_t)btf__resolve_size(btf, id) + (uint64_t)btf__align_of(btf, id);
        sum += name != NULL ? strlen(name) : 0;
    }
}

/* What relocations of types as these need of them. */
static void
minimize(const struct btf *btf, const struct btf *object, const void *ext, size_t size)
{
    struct tb_btf_marks marks;
    struct btf *built = NULL;
    int err = tb_btf_marks_init(&marks, btf);

    if (err == 0 && tb_btf_marks_add(&marks, object, ext, size) == 0) {
        built = tb_btf_marks_build(&marks, &err);
    }
    if (built != NULL) {
        dump(built);
        btf__free(built);
    }
    tb_btf_marks_free(&marks);
}

/* The types of an object, which may go by another gate's problem; NULL: none. */
static struct btf *
object_btf(const struct input *input)
{
    size_t n;
    const void *data = tb_elf_section(input->object, input->n_object, ".BTF", &n);

    return data != NULL ? input_btf(data, n) : NULL;
}

static void
use(struct btf *btf, const struct input *input)
{
    struct btf *object = object_btf(input);
    size_t n = 0;
    const void *ext = tb_elf_section(input->object, input->n_object, ".BTF.ext", &n);

    walk(btf);
    dump(btf);
    if (object == NULL) {
        minimize(btf, btf, input->object, input->n_object);
    }
    else if (ext != NULL) {
        minimize(btf, object, ext, n);
    }
    btf__free(object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return input_use_btf(data, size, use);
}
