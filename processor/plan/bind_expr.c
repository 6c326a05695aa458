/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: literals, names, operators, CASE, CAST, predicates. Every node gets its type here. What Flink
 * knows and this program does not is refused by name. */
#include "plan/bind.h"

#include "data/decimal.h"
#include "data/numtext.h"

/* ---- building blocks ---- */

struct expr *expr_column(struct binder *b, uint32_t column, struct type type, struct span span) {
    struct expr *expr = ARENA_NEW(b->job, 1, struct expr);
    *expr =
        (struct expr){.kind = EXPR_COLUMN, .type = type, .span = span, .column = column, .size = 1};
    return expr;
}

struct expr *expr_literal(struct binder *b, struct type type, struct value value,
                          struct span span) {
    struct expr *expr = ARENA_NEW(b->job, 1, struct expr);
    *expr = (struct expr){
        .kind = EXPR_LITERAL, .type = type, .span = span, .literal = value, .size = 1};
    return expr;
}

struct expr *expr_i64(struct binder *b, int64_t value, struct span span) {
    return expr_literal(b, type_not_null(type_of(TYPE_BIGINT)), (struct value){.i64 = value}, span);
}

static struct expr *with_args(struct binder *b, struct expr *expr, uint32_t count,
                              const struct expr *const *args) {
    expr->args = ARENA_NEW(b->job, count + 1u, struct expr *);
    expr->arg_count = count;
    memcpy(expr->args, args, count * sizeof *args);
    uint64_t size = 1;
    for (uint32_t i = 0; i < count; i++)
        size += args[i]->size;
    expr->size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    return expr;
}

struct expr *expr_call(struct binder *b, enum function_id function, struct type type,
                       struct span span, uint32_t count, const struct expr *const *args) {
    struct expr *expr = ARENA_NEW(b->job, 1, struct expr);
    type.time = TIME_NONE;
    *expr = (struct expr){.kind = EXPR_CALL, .type = type, .span = span, .function = function};
    return with_args(b, expr, count, args);
}

struct expr *expr_case(struct binder *b, struct type type, struct span span, uint32_t count,
                       const struct expr *const *args) {
    struct expr *expr = ARENA_NEW(b->job, 1, struct expr);
    *expr = (struct expr){.kind = EXPR_CASE, .type = type, .span = span};
    return with_args(b, expr, count, args);
}

struct expr *expr_retype(struct binder *b, const struct expr *expr, struct type type) {
    struct expr *copy = ARENA_NEW(b->job, 1, struct expr);
    *copy = *expr;
    copy->type = type;
    return copy;
}

static struct type boolean(bool nullable) {
    return type_nullable(type_of(TYPE_BOOLEAN), nullable);
}

static bool any_nullable(uint32_t count, const struct expr *const *args) {
    for (uint32_t i = 0; i < count; i++)
        if (args[i]->type.nullable) return true;
    return false;
}

/* a AND b AND c is one call, so that the evaluator can narrow once per term. */
static uint32_t flatten(const struct expr *expr, enum function_id function, const struct expr **out,
                        uint32_t n) {
    if (expr->kind != EXPR_CALL || expr->function != function) {
        out[n] = expr;
        return n + 1;
    }
    for (uint32_t i = 0; i < expr->arg_count; i++)
        out[n + i] = expr->args[i];
    return n + expr->arg_count;
}

static struct expr *logic(struct binder *b, enum function_id function, const struct expr *left,
                          const struct expr *right, struct span span) {
    uint32_t room = 2 + (left->kind == EXPR_CALL ? left->arg_count : 0) +
                    (right->kind == EXPR_CALL ? right->arg_count : 0);
    const struct expr **args = ARENA_NEW(b->job, room, const struct expr *);
    uint32_t count = flatten(right, function, args, flatten(left, function, args, 0));
    return expr_call(b, function, boolean(any_nullable(count, args)), span, count, args);
}

const struct expr *expr_and(struct binder *b, const struct expr *a, const struct expr *c) {
    if (!a || !c) return a ? a : c;
    return logic(b, FUNCTION_AND, a, c, c->span);
}

bool expr_can_fail(const struct expr *expr) {
    if (expr->kind == EXPR_CALL) switch (expr->function) {
        case FUNCTION_DIV_I32:
        case FUNCTION_DIV_I64:
        case FUNCTION_DIV_DEC:
        case FUNCTION_MOD_I32:
        case FUNCTION_MOD_I64:
        case FUNCTION_CAST_STR_B:
        case FUNCTION_CAST_STR_I32:
        case FUNCTION_CAST_STR_I64:
        case FUNCTION_CAST_STR_F64:
        case FUNCTION_CAST_STR_DEC:
        case FUNCTION_CAST_STR_TS: return true;
        default: break;
        }
    for (uint32_t i = 0; i < expr->arg_count; i++)
        if (expr_can_fail(expr->args[i])) return true;
    return false;
}

/* A copy of the tree in which every column reference is what `replace` returns for it. */
const struct expr *expr_rewrite(struct binder *b, const struct expr *expr, expr_replace *replace,
                                void *self) {
    if (expr->kind == EXPR_COLUMN) return replace(self, expr);
    if (expr->arg_count == 0) return expr;
    struct expr *copy = ARENA_NEW(b->job, 1, struct expr);
    *copy = *expr;
    const struct expr **args = ARENA_NEW(b->job, expr->arg_count, const struct expr *);
    for (uint32_t i = 0; i < expr->arg_count; i++)
        args[i] = expr_rewrite(b, expr->args[i], replace, self);
    return with_args(b, copy, expr->arg_count, args);
}

/* ---- literals ---- */

static const struct expr *integer_literal(struct binder *b, const struct ast_expr *ast) {
    int64_t value;
    if (!parse_i64(ast->literal.text, &value)) {
        bind_error(b, ast->span, "E0216", "CAST('…' AS DECIMAL(38, 0)) holds up to 38 digits",
                   "Numeric literal '" STR_FMT "' out of range", STR_ARG(ast->literal.text));
        return NULL;
    }
    if (value <= INT32_MAX)
        return expr_literal(b, type_not_null(type_of(TYPE_INT)),
                            (struct value){.i32 = (int32_t)value}, ast->span);
    return expr_i64(b, value, ast->span);
}

static const struct expr *decimal_literal(struct binder *b, const struct ast_expr *ast) {
    struct str text = ast->literal.text;
    const char *point = memchr(text.ptr, '.', text.len);
    size_t scale = point ? text.len - (size_t)(point - text.ptr) - 1 : 0;
    size_t digits = text.len - (point ? 1 : 0);
    if (digits > 1 && digits > scale + 1 &&
        text.ptr[0] == '0') { /* 00.5 has the precision of 0.5 */
        while (digits > scale + 1 && text.len && text.ptr[0] == '0')
            text = str_from(text, 1), digits--;
    }
    struct value value = {0};
    if (digits > DECIMAL_PRECISION_MAX ||
        decimal_parse(text, DECIMAL_PRECISION_MAX, (unsigned)scale, &value.dec) != DECIMAL_OK) {
        bind_error(b, ast->span, "E0216", "DECIMAL holds up to 38 digits",
                   "Numeric literal '" STR_FMT "' out of range", STR_ARG(ast->literal.text));
        return NULL;
    }
    struct type type = type_decimal((uint8_t)(digits ? digits : 1), (uint8_t)scale);
    return expr_literal(b, type_not_null(type), value, ast->span);
}

static const struct expr *double_literal(struct binder *b, const struct ast_expr *ast) {
    struct value value = {0};
    if (!parse_f64(ast->literal.text, &value.f64)) {
        bind_error(b, ast->span, "E0216", NULL, "Numeric literal '" STR_FMT "' out of range",
                   STR_ARG(ast->literal.text));
        return NULL;
    }
    return expr_literal(b, type_not_null(type_of(TYPE_DOUBLE)), value, ast->span);
}

static const struct expr *string_literal(struct binder *b, const struct ast_expr *ast) {
    struct type type = {.id = TYPE_CHAR, .length = (uint32_t)utf8_chars(ast->literal.text)};
    return expr_literal(b, type, (struct value){.str = ast->literal.text}, ast->span);
}

static const struct expr *timestamp_literal(struct binder *b, const struct ast_expr *ast) {
    struct type type = type_not_null(type_timestamp((uint8_t)ast->literal.precision));
    if (!require_supported(b, &type, ast->span, STR("this literal"))) return NULL;
    struct value value = {0};
    if (!timestamp_parse_sql(ast->literal.text, &value.i64)) {
        bind_error(b, ast->span, "E0216", "TIMESTAMP '2026-01-31 10:00:00'",
                   "Illegal TIMESTAMP literal '" STR_FMT "'", STR_ARG(ast->literal.text));
        return NULL;
    }
    return expr_literal(b, type, value, ast->span);
}

static const struct expr *literal(struct binder *b, const struct ast_expr *ast) {
    const struct ast_literal *l = &ast->literal;
    struct value value = {0};
    switch (l->kind) {
    case AST_LITERAL_NULL:
        return expr_literal(b, type_of(TYPE_NULL), (struct value){.is_null = true}, ast->span);
    case AST_LITERAL_UNKNOWN:
        return expr_literal(b, boolean(true), (struct value){.is_null = true}, ast->span);
    case AST_LITERAL_BOOLEAN:
        value.boolean = l->value != 0;
        return expr_literal(b, boolean(false), value, ast->span);
    case AST_LITERAL_INTEGER: return integer_literal(b, ast);
    case AST_LITERAL_DECIMAL: return decimal_literal(b, ast);
    case AST_LITERAL_DOUBLE: return double_literal(b, ast);
    case AST_LITERAL_STRING: return string_literal(b, ast);
    case AST_LITERAL_TIMESTAMP: return timestamp_literal(b, ast);
    case AST_LITERAL_MONTHS:
        value.i32 = (int32_t)l->value;
        return expr_literal(b, type_not_null(type_of(TYPE_INTERVAL_MONTH)), value, ast->span);
    case AST_LITERAL_MILLIS:
        value.i64 = l->value;
        return expr_literal(b, type_not_null(type_of(TYPE_INTERVAL_MS)), value, ast->span);
    case AST_LITERAL_BINARY:
    case AST_LITERAL_DATE:
    case AST_LITERAL_TIME: break;
    }
    bind_error(b, ast->span, "E0304", "use a STRING or a TIMESTAMP literal",
               "literals of type %s are not supported",
               l->kind == AST_LITERAL_BINARY ? "BINARY"
               : l->kind == AST_LITERAL_DATE ? "DATE"
                                             : "TIME");
    return NULL;
}

/* ---- names ---- */

static bool column_matches(const struct scope_column *column, const struct ast_name *name) {
    uint32_t n = name->parts.count;
    if (!str_eq(column->name, name->parts.items[n - 1].text)) return false;
    return n == 1 || str_eq(column->qualifier, name->parts.items[n - 2].text);
}

static void unknown_column(struct binder *b, const struct relation *input,
                           const struct ast_name *name) {
    struct str given = name->parts.items[name->parts.count - 1].text;
    struct str *names = ARENA_NEW(b->job, input->count + 1u, struct str);
    for (uint32_t i = 0; i < input->count; i++)
        names[i] = input->columns[i].name;
    const char *near = bind_nearest(b, given, names, input->count);
    bool known_table = name->parts.count == 1;
    for (uint32_t i = 0; i < input->count && !known_table; i++)
        known_table =
            str_eq(input->columns[i].qualifier, name->parts.items[name->parts.count - 2].text);
    if (!known_table)
        bind_error(b, name->span, "E0201", NULL, "Table '" STR_FMT "' not found",
                   STR_ARG(name->parts.items[name->parts.count - 2].text));
    else
        bind_error(
            b, name->span, "E0201", near,
            name->parts.count > 1 ? "Column '" STR_FMT "' not found in table '" STR_FMT "'"
                                  : "Column '" STR_FMT "' not found in any table",
            STR_ARG(given),
            STR_ARG(name->parts.items[name->parts.count > 1 ? name->parts.count - 2 : 0].text));
}

const struct scope_column *relation_find(struct binder *b, const struct relation *input,
                                         const struct ast_name *name) {
    const struct scope_column *found = NULL;
    for (uint32_t i = 0; i < input->count; i++) {
        if (!column_matches(&input->columns[i], name)) continue;
        if (found) {
            bind_error(b, name->span, "E0209", "write the table's name before it",
                       "Column '" STR_FMT "' is ambiguous", STR_ARG(bind_source(b, name->span)));
            return NULL;
        }
        found = &input->columns[i];
    }
    if (!found) {
        unknown_column(b, input, name);
        return NULL;
    }
    if (!require_supported(b, &found->type, name->span,
                           arena_printf(b->job, "column '" STR_FMT "'", STR_ARG(found->name))))
        return NULL;
    if (found->role == ROLE_ROW_NUMBER) {
        bind_error(
            b, name->span, "E0322", "filter it in the query directly around: WHERE row_number = 1",
            "the row number '" STR_FMT "' can only be filtered with = 1", STR_ARG(found->name));
        return NULL;
    }
    return found;
}

static const struct expr *name_expr(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    bool known = false;
    if (ast->name.parts.count == 1 && !ast->name.parts.items[0].quoted) {
        const struct expr *call = bind_bare_call(scope, ast, &known);
        if (known) return call;
    }
    const struct scope_column *column = relation_find(b, scope->input, &ast->name);
    return column ? expr_column(b, column->column, column->type, ast->span) : NULL;
}

/* ---- operators ---- */

static const char *op_sign(enum ast_binary_op op) {
    static const char *const signs[AST_BINARY_OP_COUNT] = {
        [AST_OP_OR] = "OR",
        [AST_OP_AND] = "AND",
        [AST_OP_EQ] = "=",
        [AST_OP_NE] = "<>",
        [AST_OP_LT] = "<",
        [AST_OP_LE] = "<=",
        [AST_OP_GT] = ">",
        [AST_OP_GE] = ">=",
        [AST_OP_IS_DISTINCT] = "IS DISTINCT FROM",
        [AST_OP_IS_NOT_DISTINCT] = "IS NOT DISTINCT FROM",
        [AST_OP_OVERLAPS] = "OVERLAPS",
        [AST_OP_CONTAINS] = "CONTAINS",
        [AST_OP_EQUALS] = "EQUALS",
        [AST_OP_PRECEDES] = "PRECEDES",
        [AST_OP_SUCCEEDS] = "SUCCEEDS",
        [AST_OP_MEMBER_OF] = "MEMBER OF",
        [AST_OP_ADD] = "+",
        [AST_OP_SUB] = "-",
        [AST_OP_MUL] = "*",
        [AST_OP_DIV] = "/",
        [AST_OP_MOD] = "%",
        [AST_OP_CONCAT] = "||"};
    return signs[op];
}

static const struct expr *cannot_apply(struct binder *b, const struct ast_expr *ast, const char *op,
                                       const struct expr *l, const struct expr *r) {
    bind_error(b, ast->span, "E0205", "CAST one of them to the other's type",
               "Cannot apply '%s' to arguments of type '<" STR_FMT "> %s <" STR_FMT ">'", op,
               STR_ARG(type_text(b->job, &l->type)), op, STR_ARG(type_text(b->job, &r->type)));
    return NULL;
}

static bool illegal_null(struct binder *b, const struct expr *expr) {
    if (expr->type.id != TYPE_NULL) return false;
    bind_error(b, expr->span, "E0217", "CAST(NULL AS STRING), or the type that is meant",
               "Illegal use of 'NULL'");
    return true;
}

static enum function_id by_phys(enum phys phys, enum function_id i32, enum function_id i64,
                                enum function_id f64, enum function_id dec) {
    switch (phys) {
    case PHYS_I32: return i32;
    case PHYS_I64: return i64;
    case PHYS_F64: return f64;
    case PHYS_I128: return dec;
    case PHYS_BOOL:
    case PHYS_F32:
    case PHYS_STR:
    case PHYS_NESTED: return FUNCTION_COUNT;
    }
    return FUNCTION_COUNT;
}

static enum function_id arithmetic_function(enum ast_binary_op op, enum phys phys) {
    switch (op) {
    case AST_OP_ADD:
        return by_phys(phys, FUNCTION_ADD_I32, FUNCTION_ADD_I64, FUNCTION_ADD_F64,
                       FUNCTION_ADD_DEC);
    case AST_OP_SUB:
        return by_phys(phys, FUNCTION_SUB_I32, FUNCTION_SUB_I64, FUNCTION_SUB_F64,
                       FUNCTION_SUB_DEC);
    case AST_OP_MUL:
        return by_phys(phys, FUNCTION_MUL_I32, FUNCTION_MUL_I64, FUNCTION_MUL_F64,
                       FUNCTION_MUL_DEC);
    case AST_OP_DIV:
        return by_phys(phys, FUNCTION_DIV_I32, FUNCTION_DIV_I64, FUNCTION_DIV_F64,
                       FUNCTION_DIV_DEC);
    default:
        return by_phys(phys, FUNCTION_MOD_I32, FUNCTION_MOD_I64, FUNCTION_COUNT, FUNCTION_COUNT);
    }
}

static bool is_zero(const struct expr *expr) {
    if (expr->kind != EXPR_LITERAL || expr->literal.is_null) return false;
    switch (type_phys(expr->type.id)) {
    case PHYS_I32: return expr->literal.i32 == 0;
    case PHYS_I64: return expr->literal.i64 == 0;
    case PHYS_I128: return expr->literal.dec == 0;
    default: return false;
    }
}

static const struct expr *decimal_arithmetic(struct binder *b, const struct ast_expr *ast,
                                             const struct expr *l, const struct expr *r) {
    if (ast->binary.op == AST_OP_MOD) {
        bind_error(b, ast->span, "E0334", "CAST both to BIGINT",
                   "'%%' of DECIMAL is not supported");
        return NULL;
    }
    struct type result =
        type_nullable(type_decimal_result(ast->binary.op, &l->type, &r->type), true);
    struct type left = type_as_decimal(&l->type), right = type_as_decimal(&r->type);
    const struct expr *args[] = {coerce(b, l, &left), coerce(b, r, &right)};
    return expr_call(b, arithmetic_function(ast->binary.op, PHYS_I128), result, ast->span, 2, args);
}

/* ts + INTERVAL, ts - INTERVAL, INTERVAL + ts */
static const struct expr *shift_time(struct binder *b, const struct ast_expr *ast,
                                     const struct expr *l, const struct expr *r) {
    bool minus = ast->binary.op == AST_OP_SUB;
    if (!minus && type_is_instant(r->type.id)) {
        const struct expr *swap = l;
        l = r, r = swap;
    }
    struct type type = type_nullable(l->type, l->type.nullable || r->type.nullable);
    if (r->type.id == TYPE_INTERVAL_MS) {
        if (r->kind == EXPR_LITERAL && r->literal.i64 % 1000 != 0) type.precision = 3;
        const struct expr *args[] = {l, r};
        return expr_call(b, minus ? FUNCTION_SUB_I64 : FUNCTION_ADD_I64, type, ast->span, 2, args);
    }
    if (minus) r = expr_literal(b, r->type, (struct value){.i32 = -r->literal.i32}, r->span);
    const struct expr *args[] = {l, r};
    return expr_call(b, FUNCTION_ADD_MONTHS, type, ast->span, 2, args);
}

static bool is_interval(const struct expr *expr) {
    return expr->type.id == TYPE_INTERVAL_MS || expr->type.id == TYPE_INTERVAL_MONTH;
}

static bool is_time_shift(enum ast_binary_op op, const struct expr *l, const struct expr *r) {
    if (op == AST_OP_SUB) return type_is_instant(l->type.id) && is_interval(r);
    if (op != AST_OP_ADD) return false;
    return (type_is_instant(l->type.id) && is_interval(r)) ||
           (is_interval(l) && type_is_instant(r->type.id));
}

static const struct expr *arithmetic(struct binder *b, const struct ast_expr *ast,
                                     const struct expr *l, const struct expr *r) {
    enum ast_binary_op op = ast->binary.op;
    if (illegal_null(b, l) || illegal_null(b, r)) return NULL;
    if (is_time_shift(op, l, r)) return shift_time(b, ast, l, r);
    if (op == AST_OP_SUB && type_is_instant(l->type.id) && type_is_instant(r->type.id)) {
        bind_error(b, ast->span, "E0205", "TIMESTAMPDIFF(SECOND, b, a)",
                   "Cannot apply '-' to two timestamps");
        return NULL;
    }
    struct type common;
    if (!type_is_numeric(l->type.id) || !type_is_numeric(r->type.id) ||
        !type_common(&l->type, &r->type, &common))
        return cannot_apply(b, ast, op_sign(op), l, r);
    if ((op == AST_OP_DIV || op == AST_OP_MOD) && is_zero(r) && common.id != TYPE_DOUBLE) {
        bind_error(b, r->span, "E0205", NULL, "Division by zero");
        return NULL;
    }
    if (common.id == TYPE_DECIMAL) return decimal_arithmetic(b, ast, l, r);
    enum function_id function = arithmetic_function(op, type_phys(common.id));
    if (function == FUNCTION_COUNT) return cannot_apply(b, ast, op_sign(op), l, r);
    const struct expr *args[] = {coerce(b, l, &common), coerce(b, r, &common)};
    return expr_call(b, function, common, ast->span, 2, args);
}

static const struct expr *concat(struct binder *b, const struct ast_expr *ast, const struct expr *l,
                                 const struct expr *r) {
    if (illegal_null(b, l) || illegal_null(b, r)) return NULL;
    if (!type_is_text(l->type.id) || !type_is_text(r->type.id))
        return cannot_apply(b, ast, "||", l, r);
    uint32_t room = 2 + l->arg_count + r->arg_count;
    const struct expr **args = ARENA_NEW(b->job, room, const struct expr *);
    uint32_t count = flatten(r, FUNCTION_CONCAT, args, flatten(l, FUNCTION_CONCAT, args, 0));
    struct type type = type_nullable(type_string(), any_nullable(count, args));
    uint64_t length = (uint64_t)l->type.length + r->type.length;
    if (length < TYPE_LENGTH_MAX) type.length = (uint32_t)length;
    return expr_call(b, FUNCTION_CONCAT, type, ast->span, count, args);
}

/* ---- comparison ---- */

_Static_assert(FUNCTION_EQ_STR == FUNCTION_EQ_B + 5 && FUNCTION_NE_STR == FUNCTION_NE_B + 5 &&
                   FUNCTION_LT_STR == FUNCTION_LT_B + 5 && FUNCTION_LE_STR == FUNCTION_LE_B + 5,
               "functions.def lists comparisons as B I32 I64 F64 DEC STR");

static enum function_id compare_function(enum ast_binary_op op, enum phys phys) {
    static const enum function_id first[] = {[AST_OP_EQ] = FUNCTION_EQ_B,
                                             [AST_OP_NE] = FUNCTION_NE_B,
                                             [AST_OP_LT] = FUNCTION_LT_B,
                                             [AST_OP_LE] = FUNCTION_LE_B};
    static const struct {
        enum phys phys;
        unsigned step;
    } steps[] = {{PHYS_BOOL, 0}, {PHYS_I32, 1},  {PHYS_I64, 2},
                 {PHYS_F64, 3},  {PHYS_I128, 4}, {PHYS_STR, 5}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i].phys == phys) return (enum function_id)(first[op] + steps[i].step);
    return FUNCTION_COUNT;
}

/* Text meets a time or a BOOLEAN: the text is cast. Anything else of two families is refused. */
static bool comparison_type(const struct expr *l, const struct expr *r, struct type *out) {
    if (type_common(&l->type, &r->type, out)) return true;
    const struct type *text = &l->type, *other = &r->type;
    if (!type_is_text(text->id)) text = &r->type, other = &l->type;
    if (!type_is_text(text->id) || !(type_is_instant(other->id) || other->id == TYPE_BOOLEAN))
        return false;
    *out = *other;
    if (type_is_instant(out->id)) out->precision = 3;
    return true;
}

/* The name that stands in Flink's own sentence. */
static struct str calcite_name(struct binder *b, const struct type *type) {
    if (type->id == TYPE_INT) return STR("INTEGER");
    if (type->id == TYPE_VARCHAR) return STR("VARCHAR");
    if (type->id == TYPE_CHAR) return STR("CHAR");
    struct type plain = type_nullable(*type, true);
    return type_text(b->job, &plain);
}

/* DECIMALs are compared by value, each at its own scale. */
static const struct expr *operand_as(struct binder *b, const struct expr *expr,
                                     const struct type *common) {
    if (common->id != TYPE_DECIMAL || !type_is_numeric(expr->type.id))
        return coerce(b, expr, common);
    struct type own = type_as_decimal(&expr->type);
    return coerce(b, expr, &own);
}

const struct expr *expr_compare(struct binder *b, enum ast_binary_op op, const struct expr *l,
                                const struct expr *r, struct span span) {
    if (op == AST_OP_GT || op == AST_OP_GE) {
        const struct expr *swap = l;
        l = r, r = swap;
        op = op == AST_OP_GT ? AST_OP_LT : AST_OP_LE;
    }
    struct type common;
    if (!comparison_type(l, r, &common)) {
        bind_error(b, span, "E0206", "CAST one of them",
                   "implicit type conversion between " STR_FMT " and " STR_FMT
                   " is not supported now",
                   STR_ARG(calcite_name(b, &l->type)), STR_ARG(calcite_name(b, &r->type)));
        return NULL;
    }
    if (common.id == TYPE_NULL) common.id = TYPE_BOOLEAN;
    const struct expr *args[] = {operand_as(b, l, &common), operand_as(b, r, &common)};
    if (!args[0] || !args[1]) return NULL; /* the zone was refused */
    enum function_id function = compare_function(op, type_phys(common.id));
    return expr_call(b, function, boolean(any_nullable(2, args)), span, 2, args);
}

static struct expr *is_null(struct binder *b, const struct expr *expr, struct span span) {
    return expr_call(b, FUNCTION_IS_NULL, boolean(false), span, 1, &expr);
}

static struct expr *negate(struct binder *b, const struct expr *expr, struct span span) {
    return expr_call(b, FUNCTION_NOT, expr->type, span, 1, &expr);
}

/* a = b, where two NULLs are equal: COALESCE(a = b, a IS NULL AND b IS NULL) */
static const struct expr *distinct_from(struct binder *b, const struct ast_expr *ast,
                                        const struct expr *l, const struct expr *r) {
    const struct expr *equal = expr_compare(b, AST_OP_EQ, l, r, ast->span);
    if (!equal) return NULL;
    const struct expr *args[] = {equal, logic(b, FUNCTION_AND, is_null(b, l, ast->span),
                                              is_null(b, r, ast->span), ast->span)};
    const struct expr *same = expr_call(b, FUNCTION_COALESCE, boolean(false), ast->span, 2, args);
    return ast->binary.op == AST_OP_IS_DISTINCT ? negate(b, same, ast->span) : same;
}

const struct expr *expr_need_boolean(struct binder *b, const struct expr *expr, const char *what) {
    if (!expr) return NULL;
    struct type type = boolean(true);
    if (expr->type.id == TYPE_NULL) return coerce(b, expr, &type);
    if (expr->type.id == TYPE_BOOLEAN) return expr;
    bind_error(b, expr->span, "E0205", "compare it with something",
               "%s must be a BOOLEAN, but it is " STR_FMT, what,
               STR_ARG(type_text(b->job, &expr->type)));
    return NULL;
}

static const struct expr *binary(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    const struct expr *l = bind_expr(scope, ast->binary.left);
    const struct expr *r = bind_expr(scope, ast->binary.right);
    if (!l || !r) return NULL;
    enum ast_binary_op op = ast->binary.op;
    switch (op) {
    case AST_OP_AND:
    case AST_OP_OR:
        l = expr_need_boolean(b, l, op_sign(op));
        r = expr_need_boolean(b, r, op_sign(op));
        return l && r ? logic(b, op == AST_OP_AND ? FUNCTION_AND : FUNCTION_OR, l, r, ast->span)
                      : NULL;
    case AST_OP_EQ:
    case AST_OP_NE:
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE: return expr_compare(b, op, l, r, ast->span);
    case AST_OP_IS_DISTINCT:
    case AST_OP_IS_NOT_DISTINCT: return distinct_from(b, ast, l, r);
    case AST_OP_ADD:
    case AST_OP_SUB:
    case AST_OP_MUL:
    case AST_OP_DIV:
    case AST_OP_MOD: return arithmetic(b, ast, l, r);
    case AST_OP_CONCAT: return concat(b, ast, l, r);
    case AST_OP_OVERLAPS:
    case AST_OP_CONTAINS:
    case AST_OP_EQUALS:
    case AST_OP_PRECEDES:
    case AST_OP_SUCCEEDS:
    case AST_OP_MEMBER_OF:
    case AST_BINARY_OP_COUNT: break;
    }
    bind_error(b, ast->binary.op_span, "E0334",
               "compare the bounds with < and >=", "%s is not supported", op_sign(op));
    return NULL;
}

static const struct expr *negative_literal(struct binder *b, const struct expr *expr,
                                           struct span span) {
    struct value value = expr->literal;
    switch (type_phys(expr->type.id)) {
    case PHYS_I32: value.i32 = -value.i32; break;
    case PHYS_I64: value.i64 = -value.i64; break;
    case PHYS_F64: value.f64 = -value.f64; break;
    default: value.dec = -value.dec; break;
    }
    return expr_literal(b, expr->type, value, span);
}

static const struct expr *unary(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    const struct expr *operand = bind_expr(scope, ast->unary.operand);
    if (!operand) return NULL;
    if (ast->unary.op == AST_OP_NOT) {
        operand = expr_need_boolean(b, operand, "NOT");
        return operand ? negate(b, operand, ast->span) : NULL;
    }
    enum function_id function = by_phys(type_phys(operand->type.id), FUNCTION_NEG_I32,
                                        FUNCTION_NEG_I64, FUNCTION_NEG_F64, FUNCTION_NEG_DEC);
    if (!type_is_numeric(operand->type.id) || function == FUNCTION_COUNT) {
        bind_error(b, ast->span, "E0205", NULL,
                   "Cannot apply '-' to arguments of type '- <" STR_FMT ">'",
                   STR_ARG(type_text(b->job, &operand->type)));
        return NULL;
    }
    if (ast->unary.op == AST_OP_PLUS) return operand;
    if (operand->kind == EXPR_LITERAL && !operand->literal.is_null)
        return negative_literal(b, operand, ast->span);
    return expr_call(b, function, operand->type, ast->span, 1, &operand);
}

/* ---- predicates ---- */

static const struct expr *is_test(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    static const enum function_id functions_of[AST_IS_TEST_COUNT] = {
        [AST_IS_NULL] = FUNCTION_IS_NULL,
        [AST_IS_TRUE] = FUNCTION_IS_TRUE,
        [AST_IS_FALSE] = FUNCTION_IS_FALSE,
        [AST_IS_UNKNOWN] = FUNCTION_IS_NULL};
    if (ast->is.test > AST_IS_UNKNOWN) {
        bind_error(b, ast->span, "E0334", NULL, "IS JSON is not supported");
        return NULL;
    }
    const struct expr *operand = bind_expr(scope, ast->is.operand);
    if (operand && ast->is.test != AST_IS_NULL)
        operand = expr_need_boolean(b, operand, "IS TRUE, IS FALSE, IS UNKNOWN");
    if (!operand) return NULL;
    if (ast->is.negated && functions_of[ast->is.test] == FUNCTION_IS_NULL)
        return expr_call(b, FUNCTION_IS_NOT_NULL, boolean(false), ast->span, 1, &operand);
    const struct expr *test =
        expr_call(b, functions_of[ast->is.test], boolean(false), ast->span, 1, &operand);
    return ast->is.negated ? negate(b, test, ast->span) : test;
}

static const struct expr *within(struct binder *b, const struct expr *x, const struct expr *low,
                                 const struct expr *high, struct span span) {
    const struct expr *from = expr_compare(b, AST_OP_LE, low, x, span);
    const struct expr *to = expr_compare(b, AST_OP_LE, x, high, span);
    return from && to ? logic(b, FUNCTION_AND, from, to, span) : NULL;
}

static const struct expr *between(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    const struct expr *x = bind_expr(scope, ast->between.operand);
    const struct expr *low = bind_expr(scope, ast->between.low),
                      *high = bind_expr(scope, ast->between.high);
    if (!x || !low || !high) return NULL;
    const struct expr *result = within(b, x, low, high, ast->span);
    if (result && ast->between.symmetric) {
        const struct expr *mirrored = within(b, x, high, low, ast->span);
        result = mirrored ? logic(b, FUNCTION_OR, result, mirrored, ast->span) : NULL;
    }
    return result && ast->between.negated ? negate(b, result, ast->span) : result;
}

static enum function_id in_function(enum phys phys) {
    return phys == PHYS_STR
               ? FUNCTION_IN_STR
               : by_phys(phys, FUNCTION_IN_I32, FUNCTION_IN_I64, FUNCTION_IN_F64, FUNCTION_IN_DEC);
}

/* x = a OR x = b …: for lists that are not all literals. */
static const struct expr *in_as_or(struct binder *b, const struct expr **items, uint32_t count,
                                   struct span span) {
    const struct expr *any = NULL;
    for (uint32_t i = 1; i < count; i++) {
        const struct expr *equal = expr_compare(b, AST_OP_EQ, items[0], items[i], span);
        if (!equal) return NULL;
        any = any ? logic(b, FUNCTION_OR, any, equal, span) : equal;
    }
    return any;
}

static const struct expr *in_as_list(struct binder *b, const struct expr **items, uint32_t count,
                                     struct span span) {
    struct type common = items[0]->type;
    bool literals = true;
    for (uint32_t i = 1; i < count; i++) {
        literals = literals && items[i]->kind == EXPR_LITERAL;
        if (!type_common(&common, &items[i]->type, &common)) return in_as_or(b, items, count, span);
    }
    enum function_id function = in_function(type_phys(common.id));
    if (!literals || function == FUNCTION_COUNT || common.id == TYPE_NULL)
        return in_as_or(b, items, count, span);
    for (uint32_t i = 0; i < count; i++)
        items[i] = coerce(b, items[i], &common);
    return expr_call(b, function, boolean(any_nullable(count, items)), span, count, items);
}

static const struct expr *in_list(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    if (ast->in.query) {
        bind_error(b, ast->span, "E0329",
                   "write the values as a list, or mark the rows in the source topic",
                   "%sIN (SELECT …) is not supported (Flink: semi join)",
                   ast->in.negated ? "NOT " : "");
        return NULL;
    }
    uint32_t count = ast->in.list.count + 1;
    const struct expr **items = ARENA_NEW(b->job, count, const struct expr *);
    items[0] = bind_expr(scope, ast->in.operand);
    bool ok = items[0] != NULL;
    for (uint32_t i = 1; i < count; i++)
        ok = (items[i] = bind_expr(scope, ast->in.list.items[i - 1])) && ok;
    if (!ok) return NULL;
    const struct expr *result = in_as_list(b, items, count, ast->span);
    return result && ast->in.negated ? negate(b, result, ast->span) : result;
}

/* ---- CASE, CAST ---- */

static const struct expr *no_common(struct binder *b, struct span span) {
    bind_error(b, span, "E0205", "CAST the branches to one type",
               "Illegal mixing of types in CASE or COALESCE statement");
    return NULL;
}

/* Casts the values of a bound CASE (odd positions and the last) to their common type. */
const struct expr *expr_unify_case(struct binder *b, const struct expr **args, uint32_t count,
                                   struct span span) {
    struct type common = args[count - 1]->type;
    for (uint32_t i = 1; i < count; i += 2)
        if (!type_common(&common, &args[i]->type, &common)) return no_common(b, span);
    if (common.id == TYPE_NULL) {
        bind_error(b, span, "E0217", "CAST(NULL AS STRING), or the type that is meant",
                   "ELSE clause or at least one THEN clause must be non-NULL");
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        if (i % 2 == 1 || i == count - 1) args[i] = coerce(b, args[i], &common);
    return expr_case(b, common, span, count, args);
}

static const struct expr *switch_case(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    uint32_t whens = ast->switch_case.whens.count, count = 2 * whens + 1;
    const struct expr **args = ARENA_NEW(b->job, count, const struct expr *);
    const struct expr *operand =
        ast->switch_case.operand ? bind_expr(scope, ast->switch_case.operand) : NULL;
    bool ok = !ast->switch_case.operand || operand;
    for (uint32_t i = 0; i < whens; i++) {
        const struct expr *when = bind_expr(scope, ast->switch_case.whens.items[i].when);
        if (when && operand) when = expr_compare(b, AST_OP_EQ, operand, when, when->span);
        args[2 * i] = expr_need_boolean(b, when, "WHEN");
        args[2 * i + 1] = bind_expr(scope, ast->switch_case.whens.items[i].then);
        ok = args[2 * i] && args[2 * i + 1] && ok;
    }
    args[count - 1] =
        ast->switch_case.otherwise
            ? bind_expr(scope, ast->switch_case.otherwise)
            : expr_literal(b, type_of(TYPE_NULL), (struct value){.is_null = true}, ast->span);
    return ok && args[count - 1] ? expr_unify_case(b, args, count, ast->span) : NULL;
}

static const struct expr *cast(struct expr_scope *scope, const struct ast_expr *ast) {
    struct type type;
    const struct expr *operand = bind_expr(scope, ast->cast.operand);
    if (!bind_type(scope->b, ast->cast.type, &type) || !operand) return NULL;
    return cast_explicit(scope->b, operand, &type, ast->cast.safe, ast->span);
}

/* ---- everything ---- */

static const struct {
    enum ast_expr_kind kind;
    const char *code, *name, *instead;
} refused[] = {
    {AST_EXPR_LIKE, "E0334", "LIKE", "compare with =, or SUBSTRING(s, 1, n) = '…'"},
    {AST_EXPR_QUANTIFIED, "E0329", "ANY, ALL, SOME", "IN (list)"},
    {AST_EXPR_EXISTS, "E0329", "EXISTS (Flink: semi join)", "run this file on Flink unchanged"},
    {AST_EXPR_SUBQUERY, "E0329", "a scalar subquery", "run this file on Flink unchanged"},
    {AST_EXPR_ROW, "E0335", "ROW(…)", "use single columns"},
    {AST_EXPR_ARRAY, "E0335", "ARRAY[…]", "use single columns"},
    {AST_EXPR_MULTISET, "E0335", "MULTISET[…]", "use single columns"},
    {AST_EXPR_MAP, "E0335", "MAP[…]", "use single columns"},
    {AST_EXPR_COLLECTION, "E0335", "ARRAY(SELECT …)", "use single columns"},
    {AST_EXPR_INDEX, "E0335", "access by [ ]", "declare the member as a column of its own"},
    {AST_EXPR_FIELD, "E0335", "access to a field", "declare the member as a column of its own"},
    {AST_EXPR_INTERVAL, "E0335", "INTERVAL of an expression", "INTERVAL '5' SECOND"},
    {AST_EXPR_TIME_DIFFERENCE, "E0334", "(a - b) DAY TO SECOND", "TIMESTAMPDIFF(SECOND, b, a)"},
    {AST_EXPR_SYMBOL, "E0334", "a keyword as a value", NULL},
    {AST_EXPR_TABLE, "E0330", "TABLE as an argument",
     "TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))"},
    {AST_EXPR_DESCRIPTOR, "E0330", "DESCRIPTOR",
     "TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))"},
    {AST_EXPR_STAR, "E0330", "* as a value", "name the columns"},
};

static const struct expr *refuse(struct binder *b, const struct ast_expr *ast) {
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (refused[i].kind == ast->kind)
            bind_error(b, ast->span, refused[i].code, refused[i].instead, "%s is not supported",
                       refused[i].name);
    return NULL;
}

static const struct expr *bind_plain(struct expr_scope *scope, const struct ast_expr *ast) {
    switch (ast->kind) {
    case AST_EXPR_LITERAL: return literal(scope->b, ast);
    case AST_EXPR_NAME: return name_expr(scope, ast);
    case AST_EXPR_UNARY: return unary(scope, ast);
    case AST_EXPR_BINARY: return binary(scope, ast);
    case AST_EXPR_IS: return is_test(scope, ast);
    case AST_EXPR_BETWEEN: return between(scope, ast);
    case AST_EXPR_IN: return in_list(scope, ast);
    case AST_EXPR_CASE: return switch_case(scope, ast);
    case AST_EXPR_CAST: return cast(scope, ast);
    case AST_EXPR_CALL: return bind_call(scope, ast);
    case AST_EXPR_STAR:
    case AST_EXPR_LIKE:
    case AST_EXPR_QUANTIFIED:
    case AST_EXPR_EXISTS:
    case AST_EXPR_SUBQUERY:
    case AST_EXPR_ROW:
    case AST_EXPR_ARRAY:
    case AST_EXPR_MULTISET:
    case AST_EXPR_MAP:
    case AST_EXPR_COLLECTION:
    case AST_EXPR_INDEX:
    case AST_EXPR_FIELD:
    case AST_EXPR_INTERVAL:
    case AST_EXPR_TIME_DIFFERENCE:
    case AST_EXPR_SYMBOL:
    case AST_EXPR_TABLE:
    case AST_EXPR_DESCRIPTOR: break;
    }
    return refuse(scope->b, ast);
}

/* NULLIF and CASE x WHEN use an operand several times; nested, that grows without bound. */
static const struct expr *bounded(struct binder *b, const struct expr *expr, struct span span) {
    if (!expr || expr->size <= EXPR_SIZE_MAX) return expr;
    bind_error(b, span, "E0216", "compute its parts in a sub-query",
               "this expression is too large");
    return NULL;
}

const struct expr *bind_expr(struct expr_scope *scope, const struct ast_expr *ast) {
    if (!scope->aggregation) return bounded(scope->b, bind_plain(scope, ast), ast->span);
    /* In a grouped query a name, or a whole expression, may be a key. */
    const struct expr *key = bind_grouped_key(scope, ast);
    if (key) return key;
    if (ast->kind != AST_EXPR_NAME) return bounded(scope->b, bind_plain(scope, ast), ast->span);
    bool known = false;
    if (ast->name.parts.count == 1 && !ast->name.parts.items[0].quoted) {
        const struct expr *call = bind_bare_call(scope, ast, &known);
        if (known) return call;
    }
    if (relation_find(scope->b, scope->input, &ast->name))
        bind_error(scope->b, ast->span, "E0208", "put it into GROUP BY, or into MAX(…) or MIN(…)",
                   "Expression '" STR_FMT "' is not being grouped",
                   STR_ARG(bind_source(scope->b, ast->span)));
    return NULL;
}

const struct expr *bind_condition(struct expr_scope *scope, const struct ast_expr *ast) {
    const struct expr *expr = bind_expr(scope, ast);
    return expr_need_boolean(scope->b, expr, scope->clause);
}
