/* SPDX-License-Identifier: MIT
 *
 * Messages of Arrow's IPC stream format (version 5): the schema, dictionaries, records.
 * Pure C.
 */
#ifndef TB_COLUMN_IPC_H
#define TB_COLUMN_IPC_H

#include "base/text.h"
#include "column/arrow_abi.h"

/* The message of a schema, with its head. 0 or -ENOMEM (in the text). */
int tb_ipc_schema(struct tb_text *text, const struct tb_arrow_schema *schema);

/* The message of a struct array of that schema, without its buffers, which follow it:
 * tb_ipc_each() goes through them. 0 or -ENOMEM. */
int tb_ipc_records(struct tb_text *text, const struct tb_arrow_schema *schema,
                   const struct tb_arrow_array *array);

/* The same for the dictionary number `id` (as tb_ipc_dictionary() counts them). */
int tb_ipc_texts(struct tb_text *text, int64_t id, const struct tb_arrow_schema *schema,
                 const struct tb_arrow_array *array);

/* The dictionary of that number, of a struct array: 1, or 0 if there are no more. */
int tb_ipc_dictionary(const struct tb_arrow_schema *schema,
                      const struct tb_arrow_array *array, int64_t id,
                      const struct tb_arrow_schema **out_schema,
                      const struct tb_arrow_array **out_array);

/* Takes a buffer of an array; 0, or anything else to end. */
typedef int (*tb_ipc_taker)(void *taker, const void *data, size_t size);

/* Hand over the buffers of an array, those of its children behind it; each is followed
 * by zeros up to a multiple of 8 in the stream. What the taker said last. */
int tb_ipc_each(const struct tb_arrow_schema *schema,
                const struct tb_arrow_array *array, tb_ipc_taker take, void *taker);

#endif
