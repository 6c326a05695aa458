/* SPDX-License-Identifier: Apache-2.0 */
/* Every function row at least once: a case is one call over literal arguments, which are put into columns, and
 * the printed result. The answers are Flink 1.20's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/numtext.h"
#include "plan_builder.h"

/* Argument texts are typed: i 32 bits, l 64 bits, d DOUBLE, b BOOLEAN, s text, t TIMESTAMP(3),
 * m<precision>,<scale> DECIMAL given unscaled; "i:" with nothing behind is NULL, "s:" the empty text, "s!" NULL. */
struct function_case {
    enum function_id function;
    const char *args[4];
    struct type type;
    const char *want; /* printed; starting with "fails: " the error text */
    int64_t imm, imm2;
    const char *pattern;
};

#define I32                                                                                        \
    { .id = TYPE_INT, .nullable = true }
#define I64                                                                                        \
    { .id = TYPE_BIGINT, .nullable = true }
#define F64                                                                                        \
    { .id = TYPE_DOUBLE, .nullable = true }
#define BOO                                                                                        \
    { .id = TYPE_BOOLEAN, .nullable = true }
#define STRI                                                                                       \
    { .id = TYPE_VARCHAR, .nullable = true, .length = TYPE_LENGTH_MAX }
#define TIM                                                                                        \
    { .id = TYPE_TIMESTAMP, .nullable = true, .precision = 3 }
#define DEC(p, s)                                                                                  \
    { .id = TYPE_DECIMAL, .nullable = true, .precision = p, .scale = s }
#define CHR(n)                                                                                     \
    { .id = TYPE_CHAR, .nullable = true, .length = n }
#define VCH(n)                                                                                     \
    { .id = TYPE_VARCHAR, .nullable = true, .length = n }
#define TINY                                                                                       \
    { .id = TYPE_TINYINT, .nullable = true }

static const struct function_case cases[] = {
    {FUNCTION_ADD_I32, {"i:2147483647", "i:1"}, I32, .want = "-2147483648"},
    {FUNCTION_ADD_I32, {"i:", "i:1"}, I32, .want = "NULL"},
    {FUNCTION_ADD_I64, {"l:9223372036854775807", "l:1"}, I64, .want = "-9223372036854775808"},
    {FUNCTION_ADD_F64, {"d:0.1", "d:0.2"}, F64, .want = "0.30000000000000004"},
    {FUNCTION_ADD_DEC, {"m10,2:150", "m5,1:5"}, DEC(11, 2), .want = "2.00"},
    {FUNCTION_SUB_I32, {"i:-2147483648", "i:1"}, I32, .want = "2147483647"},
    {FUNCTION_SUB_I64, {"l:3", "l:5"}, I64, .want = "-2"},
    {FUNCTION_SUB_F64, {"d:1", "d:0.5"}, F64, .want = "0.5"},
    {FUNCTION_SUB_DEC, {"m10,2:150", "m10,2:151"}, DEC(11, 2), .want = "-0.01"},
    {FUNCTION_MUL_I32, {"i:2147483647", "i:2"}, I32, .want = "-2"},
    {FUNCTION_MUL_I64, {"l:-3", "l:5"}, I64, .want = "-15"},
    {FUNCTION_MUL_F64, {"d:1e200", "d:1e200"}, F64, .want = "Infinity"},
    {FUNCTION_MUL_DEC, {"m2,1:50", "m10,0:2"}, DEC(13, 1), .want = "10.0"},
    {FUNCTION_DIV_I32, {"i:-7", "i:2"}, I32, .want = "-3"},
    {FUNCTION_DIV_I32, {"i:7", "i:0"}, I32, .want = "fails: / by zero"},
    {FUNCTION_DIV_I32, {"i:", "i:0"}, I32, .want = "NULL"},
    {FUNCTION_DIV_I32, {"i:-2147483648", "i:-1"}, I32, .want = "-2147483648"},
    {FUNCTION_DIV_I64, {"l:-9223372036854775808", "l:-1"}, I64, .want = "-9223372036854775808"},
    {FUNCTION_DIV_F64, {"d:1", "d:0"}, F64, .want = "Infinity"},
    {FUNCTION_DIV_F64, {"d:0", "d:0"}, F64, .want = "NaN"},
    {FUNCTION_DIV_DEC, {"m10,2:100", "m10,2:300"}, DEC(23, 13), .want = "0.3333333333333"},
    {FUNCTION_DIV_DEC, {"m10,0:7", "m2,1:20"}, DEC(17, 6), .want = "3.500000"},
    {FUNCTION_DIV_DEC, {"m10,2:1", "m10,2:0"}, DEC(23, 13), .want = "fails: Division by zero"},
    {FUNCTION_MOD_I32, {"i:-7", "i:3"}, I32, .want = "-1"},
    {FUNCTION_MOD_I32, {"i:7", "i:-3"}, I32, .want = "1"},
    {FUNCTION_MOD_I64, {"l:-9223372036854775808", "l:-1"}, I64, .want = "0"},
    {FUNCTION_MOD_I64, {"l:1", "l:0"}, I64, .want = "fails: / by zero"},
    {FUNCTION_NEG_I32, {"i:-2147483648"}, I32, .want = "-2147483648"},
    {FUNCTION_NEG_I64, {"l:5"}, I64, .want = "-5"},
    {FUNCTION_NEG_F64, {"d:0"}, F64, .want = "-0.0"},
    {FUNCTION_NEG_DEC, {"m10,2:5"}, DEC(10, 2), .want = "-0.05"},
    {FUNCTION_ABS_I32, {"i:-2147483648"}, I32, .want = "-2147483648"},
    {FUNCTION_ABS_I64, {"l:-5"}, I64, .want = "5"},
    {FUNCTION_ABS_F64, {"d:-2.5"}, F64, .want = "2.5"},
    {FUNCTION_ABS_DEC, {"m10,2:-250"}, DEC(10, 2), .want = "2.50"},

    {FUNCTION_EQ_B, {"b:1", "b:1"}, BOO, .want = "TRUE"},
    {FUNCTION_EQ_I32, {"i:1", "i:2"}, BOO, .want = "FALSE"},
    {FUNCTION_EQ_I64, {"l:1", "l:"}, BOO, .want = "NULL"},
    {FUNCTION_EQ_F64, {"d:nan", "d:nan"}, BOO, .want = "FALSE"},
    {FUNCTION_EQ_DEC, {"m10,2:150", "m10,1:15"}, BOO, .want = "TRUE"},
    {FUNCTION_EQ_STR, {"s:abc", "s:abc "}, BOO, .want = "FALSE"},
    {FUNCTION_NE_B, {"b:1", "b:0"}, BOO, .want = "TRUE"},
    {FUNCTION_NE_I32, {"i:1", "i:1"}, BOO, .want = "FALSE"},
    {FUNCTION_NE_I64, {"l:1", "l:2"}, BOO, .want = "TRUE"},
    {FUNCTION_NE_F64, {"d:nan", "d:1"}, BOO, .want = "TRUE"},
    {FUNCTION_NE_DEC, {"m10,2:150", "m10,1:15"}, BOO, .want = "FALSE"},
    {FUNCTION_NE_STR, {"s:", "s:x"}, BOO, .want = "TRUE"},
    {FUNCTION_LT_B, {"b:0", "b:1"}, BOO, .want = "TRUE"},
    {FUNCTION_LT_I32, {"i:-1", "i:0"}, BOO, .want = "TRUE"},
    {FUNCTION_LT_I64, {"l:1", "l:1"}, BOO, .want = "FALSE"},
    {FUNCTION_LT_F64, {"d:1", "d:inf"}, BOO, .want = "TRUE"},
    {FUNCTION_LT_DEC, {"m10,2:-150", "m10,1:-14"}, BOO, .want = "TRUE"},
    {FUNCTION_LT_STR, {"s:Z", "s:a"}, BOO, .want = "TRUE"},
    {FUNCTION_LE_B, {"b:1", "b:0"}, BOO, .want = "FALSE"},
    {FUNCTION_LE_I32, {"i:1", "i:1"}, BOO, .want = "TRUE"},
    {FUNCTION_LE_I64, {"l:2", "l:1"}, BOO, .want = "FALSE"},
    {FUNCTION_LE_F64, {"d:nan", "d:1"}, BOO, .want = "FALSE"},
    {FUNCTION_LE_DEC, {"m10,2:150", "m10,1:15"}, BOO, .want = "TRUE"},
    {FUNCTION_LE_STR, {"s:é", "s:z"}, BOO, .want = "FALSE"},

    {FUNCTION_AND, {"b:0", "b:"}, BOO, .want = "FALSE"},
    {FUNCTION_AND, {"b:", "b:0"}, BOO, .want = "FALSE"},
    {FUNCTION_AND, {"b:1", "b:"}, BOO, .want = "NULL"},
    {FUNCTION_AND, {"b:1", "b:1", "b:1"}, BOO, .want = "TRUE"},
    {FUNCTION_OR, {"b:1", "b:"}, BOO, .want = "TRUE"},
    {FUNCTION_OR, {"b:", "b:1"}, BOO, .want = "TRUE"},
    {FUNCTION_OR, {"b:0", "b:"}, BOO, .want = "NULL"},
    {FUNCTION_OR, {"b:0", "b:0", "b:0"}, BOO, .want = "FALSE"},
    {FUNCTION_NOT, {"b:0"}, BOO, .want = "TRUE"},
    {FUNCTION_NOT, {"b:"}, BOO, .want = "NULL"},
    {FUNCTION_IS_NULL, {"s!"}, BOO, .want = "TRUE"},
    {FUNCTION_IS_NOT_NULL, {"i:5"}, BOO, .want = "TRUE"},
    {FUNCTION_IS_TRUE, {"b:"}, BOO, .want = "FALSE"},
    {FUNCTION_IS_FALSE, {"b:0"}, BOO, .want = "TRUE"},
    {FUNCTION_IN_I32, {"i:1", "i:2", "i:1"}, BOO, .want = "TRUE"},
    {FUNCTION_IN_I32, {"i:1", "i:2", "i:"}, BOO, .want = "NULL"},
    {FUNCTION_IN_I64, {"l:1", "l:2", "l:3"}, BOO, .want = "FALSE"},
    {FUNCTION_IN_F64, {"d:1", "d:1"}, BOO, .want = "TRUE"},
    {FUNCTION_IN_DEC, {"m4,2:150", "m4,2:150"}, BOO, .want = "TRUE"},
    {FUNCTION_IN_STR, {"s!", "s:a"}, BOO, .want = "NULL"},
    {FUNCTION_IN_STR, {"s:b", "s:a", "s:b"}, BOO, .want = "TRUE"},
    {FUNCTION_COALESCE, {"s!", "s:x", "s:y"}, STRI, .want = "x"},
    {FUNCTION_COALESCE, {"m4,2:", "m4,2:"}, DEC(4, 2), .want = "NULL"},

    {FUNCTION_CAST_B_I32, {"b:1"}, I32, .want = "1"},
    {FUNCTION_CAST_B_I64, {"b:0"}, I64, .want = "0"},
    {FUNCTION_CAST_B_F64, {"b:1"}, F64, .want = "1.0"},
    {FUNCTION_CAST_B_STR, {"b:1"}, STRI, .want = "TRUE"},
    {FUNCTION_CAST_I32_B, {"i:7"}, BOO, .want = "TRUE"},
    {FUNCTION_CAST_I32_I64, {"i:-7"}, I64, .want = "-7"},
    {FUNCTION_CAST_I32_F64, {"i:7"}, F64, .want = "7.0"},
    {FUNCTION_CAST_I32_DEC, {"i:100"}, DEC(4, 2), .want = "NULL"},
    {FUNCTION_CAST_I32_DEC, {"i:99"}, DEC(4, 2), .want = "99.00"},
    {FUNCTION_CAST_I32_STR, {"i:-12"}, STRI, .want = "-12"},
    {FUNCTION_CAST_I64_B, {"l:0"}, BOO, .want = "FALSE"},
    {FUNCTION_CAST_I64_I32, {"l:3000000000"}, I32, .want = "-1294967296"},
    {FUNCTION_CAST_I64_I32, {"l:300"}, TINY, .want = "44"},
    {FUNCTION_CAST_I64_F64, {"l:9007199254740993"}, F64, .want = "9.007199254740992E15"},
    {FUNCTION_CAST_I64_DEC, {"l:5"}, DEC(19, 0), .want = "5"},
    {FUNCTION_CAST_I64_STR, {"l:-9223372036854775808"}, STRI, .want = "-9223372036854775808"},
    {FUNCTION_CAST_F64_B, {"d:0"}, BOO, .want = "FALSE"},
    {FUNCTION_CAST_F64_I32, {"d:1e20"}, I32, .want = "2147483647"},
    {FUNCTION_CAST_F64_I32, {"d:-2147483648.9"}, I32, .want = "-2147483648"},
    {FUNCTION_CAST_F64_I32, {"d:-1.9"}, I32, .want = "-1"},
    {FUNCTION_CAST_F64_I64, {"d:nan"}, I64, .want = "0"},
    {FUNCTION_CAST_F64_I64, {"d:-1e30"}, I64, .want = "-9223372036854775808"},
    {FUNCTION_CAST_F64_DEC, {"d:2.345"}, DEC(10, 2), .want = "2.35"},
    {FUNCTION_CAST_F64_DEC, {"d:1e20"}, DEC(10, 2), .want = "NULL"},
    {FUNCTION_CAST_F64_STR, {"d:1e7"}, STRI, .want = "1.0E7"},
    {FUNCTION_CAST_DEC_B, {"m10,2:0"}, BOO, .want = "FALSE"},
    {FUNCTION_CAST_DEC_I32, {"m10,2:-199"}, I32, .want = "-1"},
    {FUNCTION_CAST_DEC_I64, {"m10,2:199"}, I64, .want = "1"},
    {FUNCTION_CAST_DEC_F64, {"m10,2:199"}, F64, .want = "1.99"},
    {FUNCTION_CAST_DEC_DEC, {"m10,2:-250"}, DEC(10, 0), .want = "-3"},
    {FUNCTION_CAST_DEC_DEC, {"m10,2:25000"}, DEC(2, 0), .want = "NULL"},
    {FUNCTION_CAST_DEC_STR, {"m10,2:110"}, STRI, .want = "1.10"},
    {FUNCTION_CAST_STR_B, {"s:YeS"}, BOO, .want = "TRUE"},
    {FUNCTION_CAST_STR_B, {"s:on"}, BOO, .want = "fails: Cannot parse 'on' as BOOLEAN."},
    {FUNCTION_CAST_STR_B, {"s: true "}, BOO, .want = "fails: Cannot parse ' true ' as BOOLEAN."},
    {FUNCTION_CAST_STR_I32, {"s: 12.7 "}, I32, .want = "12"},
    {FUNCTION_CAST_STR_I32, {"s:+12"}, I32, .want = "12"},
    {FUNCTION_CAST_STR_I32, {"s:-2147483648"}, I32, .want = "-2147483648"},
    {FUNCTION_CAST_STR_I32,
     {"s:2147483648"},
     I32,
     .want = "fails: For input string: '2147483648'. Overflow."},
    {FUNCTION_CAST_STR_I32,
     {"s:0x10"},
     I32,
     .want = "fails: For input string: '0x10'. Invalid character found."},
    {FUNCTION_CAST_STR_I64, {"s:-9223372036854775808"}, I64, .want = "-9223372036854775808"},
    {FUNCTION_CAST_STR_I64,
     {"s:9223372036854775808"},
     I64,
     .want = "fails: For input string: '9223372036854775808'. Overflow."},
    {FUNCTION_CAST_STR_I64, {"s:"}, I64, .want = "fails: For input string: ''. Input is empty."},
    {FUNCTION_CAST_STR_F64, {"s: 1.5d"}, F64, .want = "1.5"},
    {FUNCTION_CAST_STR_F64, {"s:-Infinity"}, F64, .want = "-Infinity"},
    {FUNCTION_CAST_STR_F64, {"s:1e400"}, F64, .want = "Infinity"},
    {FUNCTION_CAST_STR_F64, {"s:0x1p3"}, F64, .want = "fails: For input string: \"0x1p3\""},
    {FUNCTION_CAST_STR_DEC, {"s:1e3"}, DEC(10, 2), .want = "1000.00"},
    {FUNCTION_CAST_STR_DEC, {"s:2.345"}, DEC(10, 2), .want = "2.35"},
    {FUNCTION_CAST_STR_DEC, {"s:123456789"}, DEC(4, 2), .want = "NULL"},
    {FUNCTION_CAST_STR_DEC,
     {"s:x"},
     DEC(4, 2),
     .want = "fails: For input string: 'x'. Invalid character found."},
    {FUNCTION_CAST_STR_TS, {"s:2024-1-2 3:4:5"}, TIM, .want = "2024-01-02 03:04:05.000"},
    {FUNCTION_CAST_STR_TS,
     {"s:2024-01-02T03:04:05"},
     TIM,
     .want = "fails: Fail to parse '2024-01-02T03:04:05' to timestamp."},
    {FUNCTION_CAST_STR_STR, {"s:héllo"}, VCH(2), .want = "hé"},
    {FUNCTION_CAST_STR_STR, {"s:é"}, CHR(3), .want = "é  "},
    {FUNCTION_CAST_TS_STR, {"t:1704067200000"}, STRI, .want = "2024-01-01 00:00:00.000"},
    {FUNCTION_TRY_CAST_STR_B, {"s:on"}, BOO, .want = "NULL"},
    {FUNCTION_TRY_CAST_STR_I32, {"s:abc"}, I32, .want = "NULL"},
    {FUNCTION_TRY_CAST_STR_I64, {"s:7"}, I64, .want = "7"},
    {FUNCTION_TRY_CAST_STR_F64, {"s:1.e1"}, F64, .want = "10.0"},
    {FUNCTION_TRY_CAST_STR_DEC, {"s:."}, DEC(4, 2), .want = "NULL"},
    {FUNCTION_TRY_CAST_STR_TS, {"s:yesterday"}, TIM, .want = "NULL"},

    {FUNCTION_CONCAT, {"s:a", "s:", "s:é"}, STRI, .want = "aé"},
    {FUNCTION_CONCAT, {"s:a", "s!"}, STRI, .want = "NULL"},
    {FUNCTION_SUBSTRING, {"s:abc", "i:0", "i:2"}, STRI, .want = "ab"},
    {FUNCTION_SUBSTRING, {"s:abc", "i:-2"}, STRI, .want = "bc"},
    {FUNCTION_SUBSTRING, {"s:abc", "i:-5"}, STRI, .want = ""},
    {FUNCTION_SUBSTRING, {"s:abc", "i:9", "i:1"}, STRI, .want = ""},
    {FUNCTION_SUBSTRING, {"s:abc", "i:1", "i:-1"}, STRI, .want = "NULL"},
    {FUNCTION_SUBSTRING, {"s:aé😀b", "i:2", "i:2"}, STRI, .want = "é😀"},
    {FUNCTION_SUBSTRING, {"s:abc", "i:-2147483648", "i:2147483647"}, STRI, .want = ""},
    {FUNCTION_UPPER, {"s:aéÿż"}, STRI, .want = "AÉŸŻ"},
    {FUNCTION_LOWER, {"s:AÉŸŻ×"}, STRI, .want = "aéÿż×"},
    {FUNCTION_CHAR_LENGTH, {"s:é😀"}, I32, .want = "2"},
    {FUNCTION_TRIM, {"s:  a b "}, STRI, .want = "a b"},
    {FUNCTION_TRIM, {"s:   "}, STRI, .want = ""},

    {FUNCTION_DATE_FORMAT,
     {"t:1704164645123"},
     STRI,
     .want = "2024-01-02 03:04:05.123",
     .pattern = "yyyy-MM-dd HH:mm:ss.SSS"},
    {FUNCTION_TO_TIMESTAMP, {"s:2024-01-02 03:04:05.12"}, TIM, .want = "2024-01-02 03:04:05.120"},
    {FUNCTION_TO_TIMESTAMP, {"s:bad"}, TIM, .want = "NULL"},
    {FUNCTION_TO_TIMESTAMP_LTZ,
     {"l:1704067200123"},
     TIM,
     .want = "2024-01-01 00:00:00.123",
     .imm = 3},
    {FUNCTION_TO_TIMESTAMP_LTZ, {"i:1704067200"}, TIM, .want = "2024-01-01 00:00:00.000", .imm = 0},
    {FUNCTION_TO_TIMESTAMP_LTZ, {"d:1.5"}, TIM, .want = "1970-01-01 00:00:01.500", .imm = 0},
    {FUNCTION_TO_TIMESTAMP_LTZ, {"m4,1:15"}, TIM, .want = "1970-01-01 00:00:01.000", .imm = 0},
    {FUNCTION_TO_TIMESTAMP_LTZ, {"l:1704067200123"}, TIM, .want = "NULL", .imm = 0},
    {FUNCTION_TIMESTAMPDIFF_MS, {"t:5999", "t:0"}, I32, .want = "-5", .imm = 1000},
    {FUNCTION_TIMESTAMPDIFF_MONTH,
     {"t:1706659200000", "t:1709164800000"},
     I32,
     .want = "1",
     .imm = 1},
    {FUNCTION_TIMESTAMPDIFF_MONTH,
     {"t:1706659200001", "t:1709164800000"},
     I32,
     .want = "0",
     .imm = 1},
    {FUNCTION_ADD_MONTHS, {"t:1706659200000", "i:1"}, TIM, .want = "2024-02-29 00:00:00.000"},
    {FUNCTION_ADD_MONTHS, {"t:1706659200000", "i:-11"}, TIM, .want = "2023-02-28 00:00:00.000"},
    {FUNCTION_TUMBLE_START,
     {"t:-1"},
     TIM,
     .want = "1969-12-31 23:59:00.000",
     .imm = 60000,
     .imm2 = 0},
    {FUNCTION_TUMBLE_START,
     {"t:9999"},
     TIM,
     .want = "1969-12-31 23:59:10.000",
     .imm = 60000,
     .imm2 = 10000},
};

/* "t:12" → type and value. */
static struct type parse_arg(const char *text, struct value *value) {
    const char *rest = strchr(text, ':');
    struct type type = type_string();
    *value = (struct value){.is_null = !rest || (!rest[1] && text[0] != 's')};
    rest = rest ? rest + 1 : "";
    switch (text[0]) {
    case 'i': type = type_of(TYPE_INT), value->i32 = (int32_t)strtol(rest, NULL, 10); break;
    case 'l': type = type_of(TYPE_BIGINT), value->i64 = strtoll(rest, NULL, 10); break;
    case 't': type = type_timestamp(3), value->i64 = strtoll(rest, NULL, 10); break;
    case 'd': type = type_of(TYPE_DOUBLE), value->f64 = strtod(rest, NULL); break;
    case 'b': type = type_of(TYPE_BOOLEAN), value->boolean = rest[0] == '1'; break;
    case 'm': {
        unsigned precision = 0, scale = 0;
        sscanf(text, "m%u,%u", &precision, &scale);
        type = type_decimal((uint8_t)precision, (uint8_t)scale);
        value->dec = strtoll(rest, NULL, 10);
        break;
    }
    default: value->str = str_of(rest); break;
    }
    return type;
}

/* The list of IN is literals, other arguments are columns. */
static bool is_list_item(const struct function_case *c, uint32_t i) {
    return i > 0 && c->function >= FUNCTION_IN_I32 && c->function <= FUNCTION_IN_STR;
}

struct result {
    char text[256];
    struct type type;
};

static bool take_first(void *self, const struct plan_node *sink, const struct batch *rows,
                       struct error *err) {
    struct result *result = self;
    struct buf out;
    (void)sink, (void)err;
    buf_init(&out, sizeof result->text - 1);
    struct value value = vec_get(&rows->columns[0], batch_row(rows, rows->selected - 1));
    value_print(&out, &result->type, &value);
    snprintf(result->text, sizeof result->text, "%s", buf_c_string(&out));
    buf_release(&out);
    return true;
}

/* Row 2 has the arguments; rows 0 and 1 are not selected, and their texts must not be touched. */
static void run_case(const struct function_case *c, struct result *result) {
    struct plan_builder b;
    struct plan_column columns[4] = {0};
    struct value values[4];
    struct batch batch;
    struct arena scratch = {0};
    struct error err = {0};
    static const uint32_t partitions[] = {1}, selection[] = {2};
    uint32_t count = 0;
    builder_init(&b);
    for (; count < 4 && c->args[count]; count++)
        columns[count] = (struct plan_column){STR("c"), parse_arg(c->args[count], &values[count])};
    struct plan_node *scan = plan_scan(&b, columns, count);
    struct expr *args[4];
    for (uint32_t i = 0; i < count; i++)
        args[i] = is_list_item(c, i) ? expr_literal(&b, columns[i].type, values[i])
                                     : expr_column(&b, scan, i);
    struct expr *call = expr_call(&b, c->function, c->type, count, args);
    call->imm = c->imm;
    call->imm2 = c->imm2;
    uint32_t bad_at;
    if (c->pattern)
        assert_true(date_pattern_parse(str_of(c->pattern), &b.job, &call->pattern, &bad_at));
    plan_sink(&b, plan_calc(&b, scan, NULL, &call, 1), 0);
    result->type = c->type;
    struct graph *graph =
        graph_new(&b.plan, partitions, (struct graph_output){take_first, result}, &b.job);
    batch_for(&b, scan, &batch, &scratch);
    batch_clear(&batch);
    for (uint32_t i = 0; i < count; i++) {
        vec_set(&batch.columns[i], 2, &values[i]);
        for (uint32_t row = 0; row < 2 && batch.columns[i].phys == PHYS_STR; row++) {
            vec_set_valid(&batch.columns[i], row, true);
            batch.columns[i].str[row] = (struct str){(const char *)1, 1000};
        }
    }
    batch.rows = 3;
    batch.selected = 1;
    batch.selection = selection;
    if (!graph_push(graph, 0, &batch, &err))
        snprintf(result->text, sizeof result->text, "fails: %.200s", err.text);
    graph_free(graph);
    arena_release(&scratch);
    builder_release(&b);
}

static void test_functions(void **state) {
    (void)state;
    static const char *const names[] = {
#define FUNCTION(id, name, nulls, doc) #id,
#include "plan/functions.def"
#undef FUNCTION
    };
    bool covered[FUNCTION_COUNT] = {0};
    covered[FUNCTION_PROCTIME] = covered[FUNCTION_CURRENT_TIMESTAMP] = true; /* test_clock */
    for (uint32_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result;
        run_case(&cases[i], &result);
        covered[cases[i].function] = true;
        if (strcmp(result.text, cases[i].want) != 0)
            fail_msg("%s(%s, …): is %s, expected %s", names[cases[i].function],
                     cases[i].args[0] ? cases[i].args[0] : "", result.text, cases[i].want);
    }
    for (uint32_t f = 0; f < FUNCTION_COUNT; f++)
        if (!covered[f]) fail_msg("no case for %s", names[f]);
}

/* --- rows that do not reach a branch --- */

struct table_run {
    struct plan_builder b;
    struct plan_node *scan;
    char text[1024];
    struct error err;
};

static bool take_rows(void *self, const struct plan_node *sink, const struct batch *rows,
                      struct error *err) {
    struct table_run *run = self;
    struct buf out;
    (void)err;
    buf_init(&out, sizeof run->text - 1);
    for (uint32_t i = 0; i < rows->selected; i++) {
        struct value value = vec_get(&rows->columns[0], batch_row(rows, i));
        if (i) buf_append_char(&out, ' ');
        value_print(&out, &sink->schema.columns[0].type, &value);
    }
    snprintf(run->text, sizeof run->text, "%s", buf_c_string(&out));
    buf_release(&out);
    return true;
}

/* a BIGINT: -2 … 3 and NULL; evaluates `expr`, filtered by `condition`. */
static const char *run_table(struct table_run *run, struct expr *condition, struct expr *expr) {
    static const uint32_t partitions[] = {1};
    struct arena scratch = {0};
    struct batch batch;
    plan_sink(&run->b, plan_calc(&run->b, run->scan, condition, &expr, 1), 0);
    struct graph *graph =
        graph_new(&run->b.plan, partitions, (struct graph_output){take_rows, run}, &run->b.job);
    batch_for(&run->b, run->scan, &batch, &scratch);
    batch_clear(&batch);
    for (uint32_t i = 0; i < 7; i++)
        vec_set(&batch.columns[0], i, &(struct value){.is_null = i == 6, .i64 = (int64_t)i - 2});
    batch.rows = batch.selected = 7;
    batch.now_ms = 1704067200123;
    if (!graph_push(graph, 0, &batch, &run->err))
        snprintf(run->text, sizeof run->text, "fails: %.200s", run->err.text);
    graph_free(graph);
    arena_release(&scratch);
    builder_release(&run->b);
    return run->text;
}

static void table_start(struct table_run *run) {
    const struct plan_column column = {STR("a"), type_of(TYPE_BIGINT)};
    memset(run, 0, sizeof *run);
    builder_init(&run->b);
    run->scan = plan_scan(&run->b, &column, 1);
}

static struct expr *a_of(struct table_run *run) {
    return expr_column(&run->b, run->scan, 0);
}

static struct expr *binary(struct table_run *run, enum function_id function, enum type_id type,
                           struct expr *left, struct expr *right) {
    struct expr *args[] = {left, right};
    return expr_call(&run->b, function, type_of(type), 2, args);
}

static struct expr *six_by_a(struct table_run *run) {
    return binary(run, FUNCTION_DIV_I64, TYPE_BIGINT, expr_bigint(&run->b, 6), a_of(run));
}

static struct expr *a_is(struct table_run *run, enum function_id function, int64_t value) {
    return binary(run, function, TYPE_BOOLEAN, a_of(run), expr_bigint(&run->b, value));
}

static void test_division_fails(void **state) {
    (void)state;
    struct table_run run;
    table_start(&run);
    struct expr *division = six_by_a(&run);
    division->span = (struct span){7, 12};
    assert_string_equal(run_table(&run, NULL, division), "fails: / by zero");
    assert_int_equal(run.err.span.start, 7);
    assert_string_equal(run.err.code, "E0811");
}

static void test_filter_guards(void **state) {
    (void)state;
    struct table_run run;
    table_start(&run);
    assert_string_equal(run_table(&run, a_is(&run, FUNCTION_NE_I64, 0), six_by_a(&run)),
                        "-3 -6 6 3 2");
}

/* CASE WHEN a = 0 THEN -1 WHEN a < 0 THEN 6 / a ELSE 6 / a END: equal divisions under two masks */
static void test_case_guards(void **state) {
    (void)state;
    struct table_run run;
    table_start(&run);
    struct expr *args[] = {a_is(&run, FUNCTION_EQ_I64, 0), expr_bigint(&run.b, -1),
                           a_is(&run, FUNCTION_LT_I64, 0), six_by_a(&run), six_by_a(&run)};
    struct expr *expr = expr_args(&run.b, EXPR_CASE, type_of(TYPE_BIGINT), 5, args);
    assert_string_equal(run_table(&run, NULL, expr), "-3 -6 -1 6 3 2 NULL");
}

/* a <> 0 AND 6 / a > 2, as Flink's short circuit; the OR dual */
static void test_and_or_guard(void **state) {
    (void)state;
    struct table_run run;
    table_start(&run);
    struct expr *above =
        binary(&run, FUNCTION_LT_I64, TYPE_BOOLEAN, expr_bigint(&run.b, 2), six_by_a(&run));
    struct expr *both =
        binary(&run, FUNCTION_AND, TYPE_BOOLEAN, a_is(&run, FUNCTION_NE_I64, 0), above);
    assert_string_equal(run_table(&run, NULL, both), "FALSE FALSE FALSE TRUE TRUE FALSE NULL");
    table_start(&run);
    above = binary(&run, FUNCTION_LT_I64, TYPE_BOOLEAN, expr_bigint(&run.b, 2), six_by_a(&run));
    struct expr *either =
        binary(&run, FUNCTION_OR, TYPE_BOOLEAN, a_is(&run, FUNCTION_EQ_I64, 0), above);
    assert_string_equal(run_table(&run, NULL, either), "FALSE FALSE TRUE TRUE TRUE FALSE NULL");
}

/* COALESCE(CASE WHEN a <> 0 THEN a END, 6 / (a + 1)): nested masks, the second argument only where
 * the first is NULL; a = -1 would divide by zero */
static void test_coalesce_guard(void **state) {
    (void)state;
    struct table_run run;
    table_start(&run);
    struct expr *none = expr_literal(&run.b, type_of(TYPE_BIGINT), (struct value){.is_null = true});
    struct expr *branches[] = {a_is(&run, FUNCTION_NE_I64, 0), a_of(&run), none};
    struct expr *first = expr_args(&run.b, EXPR_CASE, type_of(TYPE_BIGINT), 3, branches);
    struct expr *next =
        binary(&run, FUNCTION_DIV_I64, TYPE_BIGINT, expr_bigint(&run.b, 6),
               binary(&run, FUNCTION_ADD_I64, TYPE_BIGINT, a_of(&run), expr_bigint(&run.b, 1)));
    struct expr *expr = binary(&run, FUNCTION_COALESCE, TYPE_BIGINT, first, next);
    assert_string_equal(run_table(&run, NULL, expr), "-2 -1 6 1 2 3 NULL");
}

static void test_clock(void **state) {
    (void)state;
    struct table_run run;
    static const enum function_id clocks[] = {FUNCTION_PROCTIME, FUNCTION_CURRENT_TIMESTAMP};
    for (uint32_t i = 0; i < 2; i++) {
        table_start(&run);
        struct expr *now = expr_call(&run.b, clocks[i], type_timestamp(3), 0, NULL);
        assert_string_equal(run_table(&run, a_is(&run, FUNCTION_EQ_I64, 1), now),
                            "2024-01-01 00:00:00.123");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),     cmocka_unit_test(test_division_fails),
        cmocka_unit_test(test_filter_guards), cmocka_unit_test(test_case_guards),
        cmocka_unit_test(test_and_or_guard),  cmocka_unit_test(test_coalesce_guard),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
