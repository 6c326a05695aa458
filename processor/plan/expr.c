/* SPDX-License-Identifier: Apache-2.0 */
/* Typed expressions: the function table, structural equality, and the text that EXPLAIN shows. */
#include "plan/expr.h"

#include "plan/plan.h"

const struct function functions[FUNCTION_COUNT] = {
#define FUNCTION(id, name, nulls, doc) [FUNCTION_##id] = {#id, name, nulls, doc},
#include "plan/functions.def"
#undef FUNCTION
};

const struct aggregate_row aggregate_rows[AGGREGATE_ID_COUNT] = {
#define AGGREGATE(id, name, argument, result, doc)                                                 \
    [AGGREGATE_##id] = {#id, name, argument, result, doc},
#include "plan/aggregates.def"
#undef AGGREGATE
};

bool expr_equal(const struct expr *a, const struct expr *b) {
    if (a == b) return true;
    if (!a || !b) return false;
    if (a->kind != b->kind || !type_equal(&a->type, &b->type)) return false;
    switch (a->kind) {
    case EXPR_COLUMN: return a->column == b->column;
    case EXPR_LITERAL: return value_equal(type_phys(a->type.id), &a->literal, &b->literal);
    case EXPR_CALL:
        if (a->function != b->function || a->imm != b->imm || a->imm2 != b->imm2) return false;
        break;
    case EXPR_CASE: break;
    }
    if (a->arg_count != b->arg_count) return false;
    for (uint32_t i = 0; i < a->arg_count; i++)
        if (!expr_equal(a->args[i], b->args[i])) return false;
    return true;
}

/* ---- text ---- */

/* Binding strength of what is printed, so that brackets appear only where they are needed. */
enum strength { WEAK_OR, WEAK_AND, WEAK_NOT, COMPARE, SUM, PRODUCT, ATOM };

static enum strength strength_of(const struct expr *expr) {
    if (expr->kind != EXPR_CALL) return ATOM;
    const char *name = functions[expr->function].name;
    switch (expr->function) {
    case FUNCTION_OR: return WEAK_OR;
    case FUNCTION_AND: return WEAK_AND;
    case FUNCTION_NOT: return WEAK_NOT;
    case FUNCTION_CONCAT: return SUM;
    default: break; /* by the operator's sign */
    }
    if (expr->arg_count == 1 && name[0] == '-') return ATOM;
    if (name[0] == '+' || name[0] == '-') return SUM;
    if (name[0] == '*' || name[0] == '/' || name[0] == '%') return PRODUCT;
    if (name[0] == '=' || name[0] == '<') return COMPARE;
    if (str_starts(str_of(name), STR("IS ")) || str_eq(str_of(name), STR("IN"))) return COMPARE;
    return ATOM;
}

static void print(struct buf *out, const struct expr *expr, const struct plan_schema *input,
                  enum strength least);

static void print_list(struct buf *out, const struct expr *expr, uint32_t from,
                       const struct plan_schema *input, const char *separator,
                       enum strength least) {
    for (uint32_t i = from; i < expr->arg_count; i++) {
        if (i > from) buf_append(out, str_of(separator));
        print(out, expr->args[i], input, least);
    }
}

static const char *unit_name(const struct expr *expr) {
    if (expr->function == FUNCTION_TIMESTAMPDIFF_MONTH)
        return expr->imm == 12 ? "YEAR" : expr->imm == 3 ? "QUARTER" : "MONTH";
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{1000, "SECOND"}, {60000, "MINUTE"}, {3600000, "HOUR"}, {86400000, "DAY"}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (units[i].ms == expr->imm) return units[i].name;
    return "WEEK";
}

static void print_call(struct buf *out, const struct expr *expr, const struct plan_schema *input) {
    const char *name = functions[expr->function].name;
    enum strength own = strength_of(expr);
    if (expr->function == FUNCTION_NOT || (expr->arg_count == 1 && name[0] == '-')) {
        buf_append(out, str_of(name[0] == '-' ? "-" : "NOT "));
        print(out, expr->args[0], input, name[0] == '-' ? ATOM : WEAK_NOT);
    } else if (str_starts(str_of(name), STR("IS "))) {
        print(out, expr->args[0], input, SUM);
        buf_printf(out, " %s", name);
    } else if (str_eq(str_of(name), STR("IN"))) {
        print(out, expr->args[0], input, SUM);
        buf_append(out, STR(" IN ("));
        print_list(out, expr, 1, input, ", ", WEAK_OR);
        buf_append_char(out, ')');
    } else if (own < ATOM) {
        char separator[16];
        size_t n = strlen(name);
        separator[0] = ' ';
        memcpy(separator + 1, name, n);
        separator[n + 1] = ' ', separator[n + 2] = 0;
        print_list(out, expr, 0, input, separator, (enum strength)(own + 1));
    } else if (str_ends(str_of(name), STR("CAST"))) {
        buf_printf(out, "%s(", name);
        print(out, expr->args[0], input, WEAK_OR);
        buf_append(out, STR(" AS "));
        struct type target = type_nullable(expr->type, true);
        type_print(out, &target, false);
        buf_append_char(out, ')');
    } else {
        buf_printf(out, "%s(", name);
        if (str_eq(str_of(name), STR("TIMESTAMPDIFF"))) buf_printf(out, "%s, ", unit_name(expr));
        print_list(out, expr, 0, input, ", ", WEAK_OR);
        if (expr->function == FUNCTION_TUMBLE_START) {
            buf_append(out, STR(", "));
            duration_print(out, expr->imm);
        }
        buf_append_char(out, ')');
    }
}

static void print_case(struct buf *out, const struct expr *expr, const struct plan_schema *input) {
    buf_append(out, STR("CASE"));
    for (uint32_t i = 0; i + 1 < expr->arg_count; i += 2) {
        buf_append(out, STR(" WHEN "));
        print(out, expr->args[i], input, WEAK_OR);
        buf_append(out, STR(" THEN "));
        print(out, expr->args[i + 1], input, WEAK_OR);
    }
    buf_append(out, STR(" ELSE "));
    print(out, expr->args[expr->arg_count - 1], input, WEAK_OR);
    buf_append(out, STR(" END"));
}

static void print_text_literal(struct buf *out, struct str text) {
    buf_append_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'') buf_append_char(out, '\'');
        if ((unsigned char)text.ptr[i] < 0x20)
            buf_printf(out, "\\x%02x", (unsigned char)text.ptr[i]);
        else
            buf_append_char(out, text.ptr[i]);
    }
    buf_append_char(out, '\'');
}

static void print_literal(struct buf *out, const struct expr *expr) {
    if (expr->literal.is_null) {
        buf_append(out, STR("NULL"));
    } else if (type_is_text(expr->type.id)) {
        print_text_literal(out, expr->literal.str);
    } else if (type_is_instant(expr->type.id)) {
        buf_printf(out, "%s '", expr->type.id == TYPE_TIMESTAMP ? "TIMESTAMP" : "TIMESTAMP_LTZ");
        value_print(out, &expr->type, &expr->literal);
        buf_append_char(out, '\'');
    } else if (expr->type.id == TYPE_INTERVAL_MS) {
        duration_print(out, expr->literal.i64);
    } else if (expr->type.id == TYPE_INTERVAL_MONTH) {
        buf_printf(out, "%d month", expr->literal.i32);
    } else {
        value_print(out, &expr->type, &expr->literal);
    }
}

static void print(struct buf *out, const struct expr *expr, const struct plan_schema *input,
                  enum strength least) {
    bool brackets = strength_of(expr) < least;
    if (brackets) buf_append_char(out, '(');
    switch (expr->kind) {
    case EXPR_COLUMN:
        if (input && expr->column < input->count && input->columns[expr->column].name.len)
            buf_append(out, input->columns[expr->column].name);
        else
            buf_printf(out, "$%u", expr->column);
        break;
    case EXPR_LITERAL: print_literal(out, expr); break;
    case EXPR_CALL: print_call(out, expr, input); break;
    case EXPR_CASE: print_case(out, expr, input); break;
    }
    if (brackets) buf_append_char(out, ')');
}

void expr_print(struct buf *out, const struct expr *expr, const struct plan_schema *input) {
    print(out, expr, input, WEAK_OR);
}

void duration_print(struct buf *out, int64_t ms) {
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (ms % units[i].ms != 0 || (ms == 0 && units[i].ms != 1000)) continue;
        buf_append_i64(out, ms / units[i].ms);
        buf_printf(out, " %s", units[i].name);
        return;
    }
}
