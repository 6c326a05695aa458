/* SPDX-License-Identifier: Apache-2.0 */
/* JSON for the control plane: boards, Pinot's answers, derived configurations. This pair of files
 * is the only place that includes jansson; users take json_t through this header.
 *
 * Never on the hot path: jansson costs 20 to 60 times what the record decoder does, and one
 * integer beyond int64 or one \u0000 refuses a whole document, which is right for configuration
 * and wrong for events.
 *
 * jansson's vocabulary: _get borrows, _set adds a reference, _set_new takes yours. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <jansson.h>

#include "common/buf.h"
#include "common/error.h"

/* Parses a whole document (object or array, duplicate keys refused).
 *   what  names the text in the error: a file, an address. Borrowed.
 *   out   owned by the caller: json_decref.
 * Errors: ERROR_USER with line and column. */
bool json_parse(struct str text, const char *what, json_t **out, struct error *err) MUST_CHECK;

/* Appends the compact text of any value; object keys keep their order. False when the buffer's
 * maximum is reached. */
bool json_write(struct buf *out, const json_t *value);

/* Field access; `object` may be NULL or no object, then the fallback is returned. Strings are
 * borrowed from the value. */
struct str json_get_str(const json_t *object, const char *name, struct str fallback);
int64_t json_get_i64(const json_t *object, const char *name, int64_t fallback);
bool json_get_bool(const json_t *object, const char *name, bool fallback);

#endif
