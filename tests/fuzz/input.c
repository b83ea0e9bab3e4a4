/* SPDX-License-Identifier: MIT
 *
 * The parts of an input (input.h).
 */
#include "input.h"

#include "base/libbpf.h"
#include "btf/check.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

int
input_read(struct input *input, const uint8_t *data, size_t size)
{
    if (size < sizeof(input->head)) {
        return -1;
    }
    memcpy(&input->head, data, sizeof(input->head));
    data += sizeof(input->head);
    size -= sizeof(input->head);
    input->n_btf = input->head.btf_size < size ? input->head.btf_size : size;
    input->n_object = size - input->n_btf;
    input->btf = data;
    input->object = data + input->n_btf;
    return 0;
}

/* A copy of n bytes; the process ends without memory. */
static uint8_t *
copy(const uint8_t *data, size_t n)
{
    uint8_t *made = malloc(n);

    if (made == NULL && n > 0) {
        abort();
    }
    if (n > 0) {
        memcpy(made, data, n);
    }
    return made;
}

int
input_copy(struct input *input, const uint8_t *data, size_t size)
{
    if (input_read(input, data, size) < 0) {
        return -1;
    }
    input->btf = copy(input->btf, input->n_btf);
    input->object = copy(input->object, input->n_object);
    return 0;
}

void
input_free(struct input *input)
{
    free((void *)input->btf);
    free((void *)input->object);
}

struct btf *
input_btf(const void *data, size_t n)
{
    char text[256];

    return tb_btf_check(data, n, NULL, text, sizeof(text)) == NULL
               ? btf__new(data, (uint32_t)n)
               : NULL;
}

int
input_use_btf(const uint8_t *data, size_t size,
              void (*use)(struct btf *btf, const struct input *input))
{
    struct input input;
    struct btf *btf;

    if (input_copy(&input, data, size) < 0) {
        return -1;
    }
    watch_begin();
    libbpf_set_print(NULL);
    btf = input_btf(input.btf, input.n_btf);
    if (btf != NULL) {
        use(btf, &input);
        btf__free(btf);
    }
    watch_end();
    input_free(&input);
    return btf != NULL ? 0 : -1;
}
