/* SPDX-License-Identifier: Apache-2.0 */
/* Functions by name. One table tells the supported ones, how many arguments they take and who binds them; a
 * second one names Flink's other functions, so that they are refused with a way round instead of as unknown. */
#include "plan/bind.h"

#include "data/numtext.h"

struct call {
    struct expr_scope *scope;
    struct binder *b;
    const struct ast_expr *ast;
    struct str name;          /* as written */
    const struct expr **args; /* bound; symbols are left out */
    uint32_t count;
    const struct ast_exprs *raw;
};

static bool nullable_args(const struct call *c) {
    for (uint32_t i = 0; i < c->count; i++)
        if (c->args[i]->type.nullable) return true;
    return false;
}

/* "No match found for function signature F(<NUMERIC>)"-like, with the types that were given. */
static const struct expr *bad_arguments(const struct call *c, const char *form) {
    struct buf text;
    buf_init(&text, 4096);
    for (uint32_t i = 0; i < c->count; i++) {
        buf_append(&text, i ? STR(", <") : STR("<"));
        type_print(&text, &c->args[i]->type, false);
        buf_append_char(&text, '>');
    }
    bind_error(c->b, c->ast->span, "E0205", bind_text(c->b, "supported form: %s", form),
               "Cannot apply '" STR_FMT "' to arguments of type '" STR_FMT "(" STR_FMT ")'",
               STR_ARG(c->name), STR_ARG(c->name), STR_ARG(buf_str(&text)));
    buf_release(&text);
    return NULL;
}

static const struct expr *call_of(const struct call *c, enum function_id function,
                                  struct type type) {
    return expr_call(c->b, function, type, c->ast->span, c->count, c->args);
}

static bool is_text(const struct expr *expr) {
    return type_is_text(expr->type.id);
}

static bool to_int(const struct call *c, uint32_t i) {
    struct type type = type_of(TYPE_INT);
    if (c->args[i]->type.id != TYPE_INT) return false;
    c->args[i] = coerce(c->b, c->args[i], &type);
    return true;
}

/* ---- text ---- */

static const struct expr *text_function(const struct call *c, enum function_id function,
                                        const char *form) {
    if (!is_text(c->args[0])) return bad_arguments(c, form);
    struct type type = type_nullable(type_string(), nullable_args(c));
    type.length = c->args[0]->type.length;
    return call_of(c, function, type);
}

static const struct expr *bind_upper(const struct call *c) {
    return text_function(c, FUNCTION_UPPER, "UPPER(string)");
}
static const struct expr *bind_lower(const struct call *c) {
    return text_function(c, FUNCTION_LOWER, "LOWER(string)");
}

static const struct expr *bind_trim(const struct call *c) {
    const struct ast_call *call = c->ast->call;
    if (call->syntax == AST_CALL_TRIM) {
        bool both = str_eq(call->args.items[0]->symbol, STR("BOTH"));
        const struct ast_expr *what = call->args.items[1];
        bool blank =
            !what || (what->kind == AST_EXPR_LITERAL && str_eq(what->literal.text, STR(" ")));
        if (!both || !blank) {
            bind_error(c->b, c->ast->span, "E0325", "TRIM(s)",
                       "TRIM of other characters or one end is not supported");
            return NULL;
        }
    }
    struct call last = *c;
    last.args = c->args + (c->count - 1);
    last.count = 1;
    return text_function(&last, FUNCTION_TRIM, "TRIM(string)");
}

static const struct expr *bind_char_length(const struct call *c) {
    if (!is_text(c->args[0])) return bad_arguments(c, "CHAR_LENGTH(string)");
    return call_of(c, FUNCTION_CHAR_LENGTH, type_nullable(type_of(TYPE_INT), nullable_args(c)));
}

static const struct expr *bind_substring(const struct call *c) {
    const char *form = "SUBSTRING(string, from [, length])";
    if (!is_text(c->args[0])) return bad_arguments(c, form);
    for (uint32_t i = 1; i < c->count; i++)
        if (!to_int(c, i)) return bad_arguments(c, form);
    struct type type = type_string();
    type.length = c->args[0]->type.length;
    return call_of(c, FUNCTION_SUBSTRING, type);
}

static const struct expr *bind_concat(const struct call *c) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->args[i]->type.id == TYPE_NULL) {
            bind_error(c->b, c->args[i]->span, "E0217", "CAST(NULL AS STRING)",
                       "Illegal use of 'NULL'");
            return NULL;
        }
        if (!is_text(c->args[i])) return bad_arguments(c, "CONCAT(string, string, …)");
        length += c->args[i]->type.length;
    }
    struct type type = type_nullable(type_string(), nullable_args(c));
    if (length < TYPE_LENGTH_MAX) type.length = (uint32_t)length;
    return call_of(c, FUNCTION_CONCAT, type);
}

/* ---- numbers ---- */

static const struct expr *bind_abs(const struct call *c) {
    const struct type *type = &c->args[0]->type;
    if (type->id == TYPE_INT) return call_of(c, FUNCTION_ABS_I32, *type);
    if (type->id == TYPE_BIGINT) return call_of(c, FUNCTION_ABS_I64, *type);
    if (type->id == TYPE_DOUBLE) return call_of(c, FUNCTION_ABS_F64, *type);
    if (type->id == TYPE_DECIMAL) return call_of(c, FUNCTION_ABS_DEC, *type);
    return bad_arguments(c, "ABS(number)");
}

static const struct expr *bind_mod(const struct call *c) {
    struct type common;
    if (!type_is_integer(c->args[0]->type.id) || !type_is_integer(c->args[1]->type.id) ||
        !type_common(&c->args[0]->type, &c->args[1]->type, &common))
        return bad_arguments(c, "MOD(integer, integer)");
    for (uint32_t i = 0; i < 2; i++)
        c->args[i] = coerce(c->b, c->args[i], &common);
    return call_of(c, common.id == TYPE_INT ? FUNCTION_MOD_I32 : FUNCTION_MOD_I64, common);
}

/* ---- NULL and choice ---- */

static const struct expr *no_common_type(const struct call *c) {
    bind_error(c->b, c->ast->span, "E0205", "CAST the arguments to one type",
               "Illegal mixing of types in CASE or COALESCE statement");
    return NULL;
}

static const struct expr *bind_coalesce(const struct call *c) {
    struct type common = c->args[0]->type;
    bool nullable = true;
    for (uint32_t i = 0; i < c->count; i++) {
        nullable = nullable && c->args[i]->type.nullable;
        if (i && !type_common(&common, &c->args[i]->type, &common)) return no_common_type(c);
    }
    if (common.id == TYPE_NULL) {
        bind_error(c->b, c->ast->span, "E0217", "CAST(NULL AS STRING)", "Illegal use of 'NULL'");
        return NULL;
    }
    for (uint32_t i = 0; i < c->count; i++)
        c->args[i] = coerce(c->b, c->args[i], &common);
    return c->count == 1 ? c->args[0]
                         : call_of(c, FUNCTION_COALESCE, type_nullable(common, nullable));
}

/* CASE WHEN a = b THEN NULL ELSE a END */
static const struct expr *bind_nullif(const struct call *c) {
    const struct expr *equal = expr_compare(c->b, AST_OP_EQ, c->args[0], c->args[1], c->ast->span);
    if (!equal) return NULL;
    struct type type = type_nullable(c->args[0]->type, true);
    type.time = TIME_NONE;
    const struct expr *args[] = {
        equal, expr_literal(c->b, type, (struct value){.is_null = true}, c->ast->span), c->args[0]};
    return expr_case(c->b, type, c->ast->span, 3, args);
}

static const struct expr *bind_if(const struct call *c) {
    c->args[0] = expr_need_boolean(c->b, c->args[0], "IF");
    return c->args[0] ? expr_unify_case(c->b, c->args, 3, c->ast->span) : NULL;
}

/* ---- time ---- */

static bool literal_text(const struct expr *expr, struct str *out) {
    if (expr->kind != EXPR_LITERAL || expr->literal.is_null || !is_text(expr)) return false;
    *out = expr->literal.str;
    return true;
}

static const struct date_pattern *pattern_of(const struct call *c, const struct expr *arg) {
    struct str text;
    const struct date_pattern *pattern;
    uint32_t bad_at;
    if (!literal_text(arg, &text)) {
        bind_error(c->b, arg->span, "E0219", "'yyyy-MM-dd HH:mm:ss'",
                   "the pattern must be a text literal");
        return NULL;
    }
    if (date_pattern_parse(text, c->b->job, &pattern, &bad_at)) return pattern;
    struct span at = {arg->span.start + 1 + bad_at, arg->span.start + 2 + bad_at};
    bool mysql = memchr(text.ptr, '%', text.len) != NULL;
    bind_error(c->b, at.end <= arg->span.end ? at : arg->span, "E0219",
               mysql ? "patterns are Java's: yyyy-MM-dd HH:mm:ss, not %Y-%m-%d"
                     : "letters are y u M d D H h m s S a E; quote other text with ''",
               "date pattern '" STR_FMT "' is not supported from '" STR_FMT "' on", STR_ARG(text),
               STR_ARG(str_from(text, bad_at)));
    return NULL;
}

static const struct expr *bind_date_format(const struct call *c) {
    const struct type *type = &c->args[0]->type;
    if (is_text(c->args[0])) {
        bind_error(c->b, c->ast->span, "E0325", "DATE_FORMAT(TO_TIMESTAMP(s), pattern)",
                   "DATE_FORMAT of a string is not supported");
        return NULL;
    }
    if (!type_is_instant(type->id)) return bad_arguments(c, "DATE_FORMAT(timestamp, pattern)");
    if (type->id == TYPE_TIMESTAMP_LTZ &&
        !require_utc(c->b, c->ast->span, "DATE_FORMAT of TIMESTAMP_LTZ"))
        return NULL;
    const struct date_pattern *pattern = pattern_of(c, c->args[1]);
    if (!pattern) return NULL;
    struct expr *call =
        expr_call(c->b, FUNCTION_DATE_FORMAT, type_nullable(type_string(), type->nullable),
                  c->ast->span, c->count, c->args);
    call->pattern = pattern;
    return call;
}

static const struct expr *bind_to_timestamp(const struct call *c) {
    if (!is_text(c->args[0])) return bad_arguments(c, "TO_TIMESTAMP(string [, pattern])");
    struct expr *call =
        expr_call(c->b, FUNCTION_TO_TIMESTAMP, type_timestamp(3), c->ast->span, c->count, c->args);
    if (c->count == 2 && !(call->pattern = pattern_of(c, c->args[1]))) return NULL;
    return call;
}

/* Seconds with a fraction keep their milliseconds only as DOUBLE. */
static const struct expr *epoch_argument(const struct call *c, int64_t *precision) {
    const struct expr *number = c->args[0];
    struct type bigint = type_of(TYPE_BIGINT);
    if (number->type.id == TYPE_DOUBLE && *precision == 0) {
        struct value thousand = {.f64 = 1000};
        const struct expr *args[] = {number, expr_literal(c->b, type_not_null(type_of(TYPE_DOUBLE)),
                                                          thousand, number->span)};
        number = expr_call(c->b, FUNCTION_MUL_F64, number->type, number->span, 2, args);
        *precision = 3;
    }
    return coerce(c->b, number, &bigint);
}

static const struct expr *bind_to_timestamp_ltz(const struct call *c) {
    const char *form =
        "TO_TIMESTAMP_LTZ(number, 0) for seconds, TO_TIMESTAMP_LTZ(number, 3) for milliseconds";
    const struct expr *digits = c->args[1];
    if (!type_is_numeric(c->args[0]->type.id) || digits->kind != EXPR_LITERAL ||
        digits->type.id != TYPE_INT)
        return bad_arguments(c, form);
    int64_t precision = digits->literal.i32;
    if (precision != 0 && precision != 3) {
        bind_error(
            c->b, digits->span, "E0205", form,
            "The precision value '%lld' for function TO_TIMESTAMP_LTZ(numeric, precision) is unsupported, "
            "the supported value is '0' for second or '3' for millisecond.",
            (long long)precision);
        return NULL;
    }
    const struct expr *args[2] = {epoch_argument(c, &precision), NULL};
    args[1] =
        expr_literal(c->b, digits->type, (struct value){.i32 = (int32_t)precision}, digits->span);
    struct type type = {.id = TYPE_TIMESTAMP_LTZ, .precision = 3, .nullable = true};
    struct expr *call = expr_call(c->b, FUNCTION_TO_TIMESTAMP_LTZ, type, c->ast->span, 2, args);
    call->imm = precision;
    return call;
}

static const struct {
    const char *name;
    enum function_id function;
    int64_t imm;
} units[] = {
    {"SECOND", FUNCTION_TIMESTAMPDIFF_MS, 1000},    {"MINUTE", FUNCTION_TIMESTAMPDIFF_MS, 60000},
    {"HOUR", FUNCTION_TIMESTAMPDIFF_MS, 3600000},   {"DAY", FUNCTION_TIMESTAMPDIFF_MS, 86400000},
    {"WEEK", FUNCTION_TIMESTAMPDIFF_MS, 604800000}, {"MONTH", FUNCTION_TIMESTAMPDIFF_MONTH, 1},
    {"QUARTER", FUNCTION_TIMESTAMPDIFF_MONTH, 3},   {"YEAR", FUNCTION_TIMESTAMPDIFF_MONTH, 12},
};

/* The unit is a symbol, or a plain name where the word is not reserved. */
static struct str unit_word(const struct ast_expr *ast) {
    if (ast->kind == AST_EXPR_SYMBOL) return ast->symbol;
    if (ast->kind == AST_EXPR_NAME && ast->name.parts.count == 1)
        return ast->name.parts.items[0].text;
    return STR("");
}

static const struct expr *bind_timestampdiff(const struct call *c) {
    const char *form =
        "TIMESTAMPDIFF(SECOND, a, b) with SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER or YEAR";
    if (c->raw->count != 3 || c->count != 2) return bad_arguments(c, form);
    const struct expr *l = c->args[0], *r = c->args[1];
    if (!type_is_instant(l->type.id) || !type_is_instant(r->type.id)) return bad_arguments(c, form);
    if (l->type.id != r->type.id) {
        bind_error(c->b, c->ast->span, "E0205", "CAST one of them",
                   "TIMESTAMP_LTZ only supports diff between the same type.");
        return NULL;
    }
    struct str unit = unit_word(c->raw->items[0]);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!str_eq_nocase(unit, str_of(units[i].name))) continue;
        struct type type = type_nullable(type_of(TYPE_INT), nullable_args(c));
        struct expr *call = expr_call(c->b, units[i].function, type, c->ast->span, 2, c->args);
        call->imm = units[i].imm;
        return call;
    }
    return bad_arguments(c, form);
}

static struct type ltz3(void) {
    return (struct type){.id = TYPE_TIMESTAMP_LTZ, .precision = 3};
}

static const struct expr *bind_proctime(const struct call *c) {
    struct expr *call = expr_call(c->b, FUNCTION_PROCTIME, ltz3(), c->ast->span, 0, c->args);
    call->type.time = TIME_PROCESSING;
    return call;
}

static const struct expr *bind_now(const struct call *c) {
    return expr_call(c->b, FUNCTION_CURRENT_TIMESTAMP, ltz3(), c->ast->span, 0, c->args);
}

static const struct expr *bind_localtimestamp(const struct call *c) {
    if (!require_utc(c->b, c->ast->span, "LOCALTIMESTAMP")) return NULL;
    return expr_call(c->b, FUNCTION_CURRENT_TIMESTAMP, type_not_null(type_timestamp(3)),
                     c->ast->span, 0, c->args);
}

/* ---- the tables ---- */

static const struct {
    const char *name;
    uint32_t min, max;
    const struct expr *(*bind)(const struct call *);
    const char *form;
} calls[] = {
    {"ABS", 1, 1, bind_abs, "ABS(number)"},
    {"CHARACTER_LENGTH", 1, 1, bind_char_length, "CHARACTER_LENGTH(string)"},
    {"CHAR_LENGTH", 1, 1, bind_char_length, "CHAR_LENGTH(string)"},
    {"COALESCE", 1, UINT32_MAX, bind_coalesce, "COALESCE(a, b, …)"},
    {"CONCAT", 1, UINT32_MAX, bind_concat, "CONCAT(string, string, …)"},
    {"CURRENT_TIMESTAMP", 0, 0, bind_now, "CURRENT_TIMESTAMP"},
    {"DATE_FORMAT", 2, 2, bind_date_format, "DATE_FORMAT(timestamp, pattern)"},
    {"IF", 3, 3, bind_if, "IF(condition, a, b)"},
    {"IFNULL", 2, 2, bind_coalesce, "IFNULL(a, b)"},
    {"LOCALTIMESTAMP", 0, 0, bind_localtimestamp, "LOCALTIMESTAMP"},
    {"LOWER", 1, 1, bind_lower, "LOWER(string)"},
    {"MOD", 2, 2, bind_mod, "MOD(integer, integer)"},
    {"NOW", 0, 0, bind_now, "NOW()"},
    {"NULLIF", 2, 2, bind_nullif, "NULLIF(a, b)"},
    {"PROCTIME", 0, 0, bind_proctime, "PROCTIME()"},
    {"SUBSTR", 2, 3, bind_substring, "SUBSTR(string, from [, length])"},
    {"SUBSTRING", 2, 3, bind_substring, "SUBSTRING(string, from [, length])"},
    {"TIMESTAMPDIFF", 2, 2, bind_timestampdiff, "TIMESTAMPDIFF(unit, a, b)"},
    {"TO_TIMESTAMP", 1, 2, bind_to_timestamp, "TO_TIMESTAMP(string [, pattern])"},
    {"TO_TIMESTAMP_LTZ", 2, 2, bind_to_timestamp_ltz, "TO_TIMESTAMP_LTZ(number, 0 or 3)"},
    {"TRIM", 1, 2, bind_trim, "TRIM(string)"},
    {"UPPER", 1, 1, bind_upper, "UPPER(string)"},
};

/* clang-format off */
static const struct { const char *name, *instead; } refused[] = {
    {"ARRAY_AGG", NULL}, {"ARRAY_CONTAINS", NULL}, {"ASCII", NULL},
    {"CARDINALITY", NULL}, {"CEIL", NULL}, {"CEILING", NULL},
    {"CONCAT_WS", "a || '-' || b"}, {"CONVERT_TZ", "keep times in UTC"}, {"CURRENT_DATE", "DATE_FORMAT(CURRENT_TIMESTAMP, 'yyyy-MM-dd')"},
    {"CURRENT_TIME", "CURRENT_TIMESTAMP"}, {"CURRENT_WATERMARK", NULL},
    {"DAYOFMONTH", "DATE_FORMAT(ts, 'dd')"}, {"DAYOFWEEK", "DATE_FORMAT(ts, 'E')"}, {"DAYOFYEAR", "DATE_FORMAT(ts, 'D')"},
    {"EXP", NULL}, {"EXTRACT", "CAST(DATE_FORMAT(ts, 'HH') AS BIGINT)"}, {"FLOOR", NULL},
    {"FROM_UNIXTIME", "DATE_FORMAT(TO_TIMESTAMP_LTZ(x, 0), 'yyyy-MM-dd HH:mm:ss')"}, {"GREATEST", "CASE WHEN a > b THEN a ELSE b END"},
    {"HOUR", "CAST(DATE_FORMAT(ts, 'HH') AS BIGINT)"}, {"INITCAP", NULL}, {"INSTR", NULL}, {"JSON_ARRAY", NULL},
    {"JSON_EXISTS", NULL}, {"JSON_OBJECT", NULL}, {"JSON_QUERY", NULL}, {"JSON_STRING", NULL},
    {"JSON_VALUE", "declare the member as a column of the source table"}, {"LEAST", "CASE WHEN a < b THEN a ELSE b END"},
    {"LEFT", "SUBSTRING(s, 1, n)"}, {"LN", NULL}, {"LOCALTIME", "LOCALTIMESTAMP"}, {"LOCATE", NULL}, {"LOG", NULL}, {"LOG10", NULL},
    {"LPAD", NULL}, {"LTRIM", "TRIM(s)"}, {"MD5", NULL}, {"MINUTE", "CAST(DATE_FORMAT(ts, 'mm') AS BIGINT)"},
    {"MONTH", "CAST(DATE_FORMAT(ts, 'MM') AS BIGINT)"}, {"OVERLAY", NULL}, {"PARSE_URL", NULL}, {"POSITION", NULL}, {"POWER", NULL},
    {"QUARTER", NULL}, {"RAND", "its result is not replayable"}, {"RAND_INTEGER", "its result is not replayable"}, {"REGEXP", NULL},
    {"REGEXP_EXTRACT", NULL}, {"REGEXP_REPLACE", NULL}, {"REPEAT", NULL}, {"REPLACE", NULL}, {"REVERSE", NULL},
    {"RIGHT", "SUBSTRING(s, -n)"}, {"ROUND", "CAST(x AS DECIMAL(38, 2)) rounds HALF_UP"}, {"RPAD", NULL}, {"RTRIM", "TRIM(s)"},
    {"SECOND", "CAST(DATE_FORMAT(ts, 'ss') AS BIGINT)"}, {"SHA1", NULL}, {"SHA256", NULL}, {"SIGN", NULL}, {"SPLIT_INDEX", NULL},
    {"SQRT", NULL}, {"STR_TO_MAP", NULL}, {"TIMESTAMPADD", "ts + INTERVAL '1' DAY"}, {"TO_DATE", "TO_TIMESTAMP(s)"},
    {"TO_BASE64", NULL}, {"FROM_BASE64", NULL}, {"TRUNCATE", NULL}, {"UNIX_TIMESTAMP", "TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', ts)"},
    {"UUID", "its result is not replayable"}, {"WEEK", NULL}, {"YEAR", "CAST(DATE_FORMAT(ts, 'yyyy') AS BIGINT)"},
};

static const struct { const char *name, *instead; } refused_aggregates[] = {
    {"ANY_VALUE", "MAX(x)"}, {"APPROX_COUNT_DISTINCT", "COUNT(DISTINCT x); Flink refuses it for streams"},
    {"ARRAY_AGG", NULL}, {"COLLECT", NULL}, {"FIRST_VALUE", "MIN(ts || x), and SUBSTRING for x"},
    {"JSON_ARRAYAGG", NULL}, {"JSON_OBJECTAGG", NULL}, {"LAST_VALUE", "MAX(ts || x), and SUBSTRING for x"},
    {"LISTAGG", NULL}, {"STDDEV", "keep SUM(x), SUM(x * x) and COUNT(x)"},
    {"STDDEV_POP", "keep SUM(x), SUM(x * x) and COUNT(x)"}, {"STDDEV_SAMP", "keep SUM(x), SUM(x * x) and COUNT(x)"},
    {"VARIANCE", "keep SUM(x), SUM(x * x) and COUNT(x)"}, {"VAR_POP", "keep SUM(x), SUM(x * x) and COUNT(x)"},
    {"VAR_SAMP", "keep SUM(x), SUM(x * x) and COUNT(x)"},
};
/* clang-format on */

static const char *const ranks[] = {"ROW_NUMBER", "RANK",         "DENSE_RANK", "LAG",      "LEAD",
                                    "NTILE",      "PERCENT_RANK", "CUME_DIST",  "NTH_VALUE"};
static const char *const windows[] = {"TUMBLE", "HOP", "SESSION", "CUMULATE"};

static struct str call_name(const struct ast_call *call) {
    return call->name.parts.count == 1 ? call->name.parts.items[0].text : STR("");
}

bool call_is_aggregate(const struct ast_call *call) {
    static const char *const names[] = {"COUNT", "SUM", "AVG", "MIN", "MAX"};
    struct str name = call_name(call);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(name, str_of(names[i]))) return true;
    for (size_t i = 0; i < ARRAY_LEN(refused_aggregates); i++)
        if (str_eq_nocase(name, str_of(refused_aggregates[i].name))) return true;
    return false;
}

bool call_is_window_auxiliary(const struct ast_call *call) {
    static const char *const ends[] = {"_START", "_END", "_ROWTIME", "_PROCTIME"};
    struct str name = call_name(call);
    for (size_t w = 0; w < ARRAY_LEN(windows); w++) {
        size_t n = strlen(windows[w]);
        if (name.len <= n || !str_eq_nocase(str_sub(name, 0, n), str_of(windows[w]))) continue;
        for (size_t e = 0; e < ARRAY_LEN(ends); e++)
            if (str_eq_nocase(str_from(name, n), str_of(ends[e]))) return true;
    }
    return false;
}

static const struct expr *refuse(struct expr_scope *scope, const struct ast_expr *ast,
                                 const char *code, const char *instead, const char *what) {
    bind_error(scope->b, ast->span, code, instead ? instead : "run this file on Flink unchanged",
               STR_FMT "%s is not supported", STR_ARG(bind_source(scope->b, ast->call->name.span)),
               what);
    return NULL;
}

/* What is not an ordinary call, or not here. *done: decided. */
static const struct expr *special_call(struct expr_scope *scope, const struct ast_expr *ast,
                                       bool *done) {
    const struct ast_call *call = ast->call;
    struct str name = call_name(call);
    *done = true;
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
        if (str_eq_nocase(name, str_of(ranks[i])))
            return refuse(
                scope, ast, i == 0 ? "E0322" : "E0323",
                "SELECT … FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY proctime ASC) AS rn "
                "FROM t) WHERE rn = 1",
                i == 0 ? " in this place" : "");
    if (call->over)
        return refuse(scope, ast, "E0323", "a window with GROUP BY",
                      " OVER (…) (Flink: OVER aggregate)");
    for (size_t i = 0; i < ARRAY_LEN(windows); i++)
        if (str_eq_nocase(name, str_of(windows[i])))
            return refuse(scope, ast, "E0321", "GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
                          " outside GROUP BY");
    for (size_t i = 0; i < ARRAY_LEN(refused_aggregates); i++)
        if (str_eq_nocase(name, str_of(refused_aggregates[i].name)))
            return refuse(scope, ast, "E0324", refused_aggregates[i].instead, "");
    if (call_is_window_auxiliary(call)) return bind_window_auxiliary(scope, ast);
    if (call_is_aggregate(call)) return bind_aggregate(scope, ast);
    *done = false;
    return NULL;
}

static const struct expr *unknown_function(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    struct str name = call_name(ast->call);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (str_eq_nocase(name, str_of(refused[i].name)))
            return refuse(scope, ast, "E0325", refused[i].instead, "");
    struct str names[ARRAY_LEN(calls)];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        names[i] = str_of(calls[i].name);
    const char *near = bind_nearest(b, name, names, ARRAY_LEN(calls));
    bind_error(b, ast->call->name.span, "E0204",
               near ? near : "built-in functions only; user-defined functions need a JVM",
               "No match found for function signature " STR_FMT,
               STR_ARG(bind_source(b, ast->call->name.span)));
    return NULL;
}

/* Symbols (SECOND, BOTH) and the absent character of TRIM are no values. */
static bool is_value(const struct ast_call *call, uint32_t i) {
    const struct ast_expr *arg = call->args.items[i];
    if (!arg || arg->kind == AST_EXPR_SYMBOL) return false;
    return !(i == 0 && str_eq_nocase(call_name(call), STR("TIMESTAMPDIFF")));
}

static bool bind_arguments(struct call *c) {
    const struct ast_exprs *raw = c->raw;
    c->args = ARENA_NEW(c->b->job, raw->count + 1u, const struct expr *);
    bool ok = true;
    for (uint32_t i = 0; i < raw->count; i++) {
        if (!is_value(c->ast->call, i)) continue;
        c->args[c->count] = bind_expr(c->scope, raw->items[i]);
        ok = c->args[c->count++] && ok;
    }
    return ok;
}

static const struct expr *bind_named(struct expr_scope *scope, const struct ast_expr *ast,
                                     size_t row) {
    const struct ast_call *call = ast->call;
    struct call c = {
        .scope = scope, .b = scope->b, .ast = ast, .name = call_name(call), .raw = &call->args};
    if (call->distinct || call->star || call->filter || call->arg_names.count) {
        bind_error(scope->b, ast->span, "E0205", calls[row].form,
                   "'" STR_FMT "' is no aggregate function", STR_ARG(c.name));
        return NULL;
    }
    if (!bind_arguments(&c)) return NULL;
    if (c.count >= calls[row].min && c.count <= calls[row].max) return calls[row].bind(&c);
    bind_error(scope->b, ast->span, "E0205", calls[row].form,
               "Invalid number of arguments to function '" STR_FMT "': %u given", STR_ARG(c.name),
               c.count);
    return NULL;
}

const struct expr *bind_call(struct expr_scope *scope, const struct ast_expr *ast) {
    bool done;
    const struct expr *special = special_call(scope, ast, &done);
    if (done) return special;
    struct str name = call_name(ast->call);
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (str_eq_nocase(name, str_of(calls[i].name))) return bind_named(scope, ast, i);
    return unknown_function(scope, ast);
}

const struct expr *bind_bare_call(struct expr_scope *scope, const struct ast_expr *ast,
                                  bool *known) {
    static const char *const bare[] = {"CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "CURRENT_DATE",
                                       "CURRENT_TIME", "LOCALTIME"};
    struct str name = ast->name.parts.items[0].text;
    *known = false;
    for (size_t i = 0; i < ARRAY_LEN(bare); i++)
        *known = *known || str_eq_nocase(name, str_of(bare[i]));
    if (!*known) return NULL;
    const struct expr *none[1];
    struct call c = {.scope = scope, .b = scope->b, .ast = ast, .name = name, .args = none};
    if (str_eq_nocase(name, STR("CURRENT_TIMESTAMP"))) return bind_now(&c);
    if (str_eq_nocase(name, STR("LOCALTIMESTAMP"))) return bind_localtimestamp(&c);
    bind_error(scope->b, ast->span, "E0325", "CURRENT_TIMESTAMP", STR_FMT " is not supported",
               STR_ARG(name));
    return NULL;
}
