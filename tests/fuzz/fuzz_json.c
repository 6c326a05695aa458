/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: the three tiers of the JSON decoder agree, none reads outside of the record, none crashes.
 *
 * Input: two records with a line feed between them (or one, which then is both). A template is learned
 * from the first, and both are read by each tier under each policy. */
#include "common/fatal.h"
#include "tests/unit/decode/tiers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tiers readers[4];

static void readers_init(void) {
    const struct type string = type_string(), time = type_timestamp(3);
    struct type instant = time;
    instant.id = TYPE_TIMESTAMP_LTZ;
    const struct tiers_column columns[] = {
        {"event_id", string, false},
        {"ts", time, false},
        {"at", instant, false},
        {"user_id", string, true},
        {"price", type_decimal(12, 2), false},
        {"quantity", type_of(TYPE_INT), false},
        {"n", type_of(TYPE_BIGINT), false},
        {"spent", type_of(TYPE_DOUBLE), false},
        {"f", type_of(TYPE_FLOAT), false},
        {"ok", type_of(TYPE_BOOLEAN), false},
        {"t", type_of(TYPE_TINYINT), false},
        {"small", type_of(TYPE_SMALLINT), true},
        {"day", type_of(TYPE_DATE), false},
        {"time", type_of(TYPE_TIME), false},
    };
    const struct format_options options[] = {
        {.format = FORMAT_JSON},
        {.format = FORMAT_JSON, .ignore_parse_errors = true, .iso_8601 = true},
        {.format = FORMAT_JSON, .iso_8601 = true},
        {.format = FORMAT_JSON, .fail_on_missing_field = true},
    };
    /* The last one has few columns, so that repeated names reach their number. */
    for (int i = 0; i < 4; i++)
        tiers_init(&readers[i], columns, i == 3 ? 2 : ARRAY_LEN(columns), &options[i]);
}

static void check(struct tiers *t, struct str value) {
    if (value.len == 0) return;
    const char *wrong = tiers_disagree(t, value);
    if (!wrong) return;
    fprintf(stderr, "%s\n", wrong);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    if (!ready) readers_init();
    ready = true;
    struct str second, first;
    bool more;
    first = str_split((struct str){(const char *)data, size}, '\n', &second, &more);
    if (!more) second = first;
    /* Copies of their exact length, so that the sanitizer sees one byte too many. */
    char *a = memory_new(first.len, 1), *b = memory_new(second.len, 1);
    if (first.len) memcpy(a, first.ptr, first.len);
    if (second.len) memcpy(b, second.ptr, second.len);
    for (int i = 0; i < 4; i++) {
        readers[i].template_count = 0;
        if (first.len) tiers_learn(&readers[i], (struct str){a, first.len});
        check(&readers[i], (struct str){a, first.len});
        check(&readers[i], (struct str){b, second.len});
    }
    free(a);
    free(b);
    return 0;
}
