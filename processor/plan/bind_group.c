/* SPDX-License-Identifier: Apache-2.0 */
/* GROUP BY, aggregate functions and windows. A grouped SELECT becomes
 *
 *   calc (WHERE; keys, arguments, FILTER conditions) ─► group or window ─► calc (HAVING; the select list)
 *
 * While the list is bound, columns of the aggregation are numbered provisionally (bind.h), because how many
 * aggregates there are is known only at the end. */
#include "plan/bind.h"

/* ---- window table functions ---- */

static const struct ast_expr *argument(const struct ast_call *call, uint32_t position,
                                       const char *name) {
    for (uint32_t i = 0; i < call->arg_names.count; i++)
        if (str_eq_nocase(call->arg_names.items[i].text, str_of(name))) return call->args.items[i];
    if (call->arg_names.count || position >= call->args.count) return NULL;
    return call->args.items[position];
}

static bool interval_ms(struct binder *b, const struct ast_expr *ast, int64_t *out) {
    if (ast && ast->kind == AST_EXPR_LITERAL && ast->literal.kind == AST_LITERAL_MILLIS) {
        *out = ast->literal.value;
        return true;
    }
    struct span span = ast ? ast->span : (struct span){0, 0};
    if (ast && ast->kind == AST_EXPR_LITERAL && ast->literal.kind == AST_LITERAL_MONTHS)
        return bind_error(
            b, span, "E0321", "use INTERVAL '30' DAY",
            "Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit. MONTH and YEAR "
            "time unit are not supported yet.");
    return bind_error(b, span, "E0321", "INTERVAL '1' MINUTE",
                      "a window's size must be an interval literal");
}

static bool window_size(struct binder *b, const struct ast_expr *ast, int64_t *out) {
    if (!interval_ms(b, ast, out)) return false;
    if (*out > 0) return true;
    return bind_error(b, ast->span, "E0321", "INTERVAL '1' MINUTE",
                      "a window's size must be positive");
}

static bool is_window_name(struct str name, const char **instead) {
    static const struct {
        const char *name, *instead;
    } windows[] = {{"TUMBLE", NULL},
                   {"HOP", "TUMBLE, and add the windows up where they are read"},
                   {"CUMULATE", "GROUP BY TUMBLE(…) with 'table.exec.emit.early-fire.enabled'"},
                   {"SESSION", "GROUP BY a session id with STATE_TTL"}};
    for (size_t i = 0; i < ARRAY_LEN(windows); i++)
        if (str_eq_nocase(name, str_of(windows[i].name))) {
            *instead = windows[i].instead;
            return true;
        }
    return false;
}

/* The column must order the stream: LTZ ones need UTC because windows follow the wall clock. */
static bool check_time_column(struct binder *b, const struct type *type, struct span span,
                              bool table_function) {
    if (type->time == TIME_PROCESSING)
        return bind_error(b, span, "E0321", "use the table's WATERMARK column",
                          "windows over processing time are not supported");
    if (type->time == TIME_EVENT)
        return type->id != TYPE_TIMESTAMP_LTZ ||
               require_utc(b, span, "a window over TIMESTAMP_LTZ");
    struct str text = type_text(b->job, type);
    if (table_function)
        return bind_error(
            b, span, "E0221",
            "an expression on the row time loses it: select the WATERMARK column as it is",
            "The window function requires the timecol is a time attribute type, but is " STR_FMT
            ".",
            STR_ARG(text));
    return bind_error(
        b, span, "E0221",
        "an expression on the row time loses it: select the WATERMARK column as it is",
        "Window aggregate can only be defined over a time attribute column, but " STR_FMT
        " encountered.",
        STR_ARG(text));
}

static bool bind_window_input(struct binder *b, const struct ast_expr *ast, struct relation *out) {
    if (ast && ast->kind == AST_EXPR_TABLE) {
        struct ast_table_ref ref = {.kind = AST_TABLE_NAME, .span = ast->span};
        ref.table.name = ast->table.name;
        ref.table.hints = ast->table.hints;
        return bind_from(b, &ref, out);
    }
    if (ast && ast->kind == AST_EXPR_SUBQUERY) return bind_query(b, ast->query, out);
    return bind_error(b, ast ? ast->span : (struct span){0, 0}, "E0330",
                      "TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))",
                      "the first argument of a window function is a table");
}

static const struct scope_column *descriptor_column(struct binder *b, const struct ast_expr *ast,
                                                    const struct relation *input) {
    if (!ast || ast->kind != AST_EXPR_DESCRIPTOR || ast->descriptor.count != 1) {
        bind_error(b, ast ? ast->span : (struct span){0, 0}, "E0330", "DESCRIPTOR(ts)",
                   "the second argument of a window function is DESCRIPTOR(column)");
        return NULL;
    }
    struct ast_name name = {.parts = {.items = &ast->descriptor.items[0], .count = 1},
                            .span = ast->descriptor.items[0].span};
    const struct scope_column *column = relation_find(b, input, &name);
    return column && check_time_column(b, &column->type, name.span, true) ? column : NULL;
}

static const struct expr *window_bound(struct binder *b, const struct relation *relation,
                                       enum column_role role, struct span span) {
    const struct window_spec *w = &relation->window;
    struct type rowtime = relation->node->schema.columns[w->rowtime].type;
    const struct expr *column = expr_column(b, w->rowtime, rowtime, span);
    struct type type = type_not_null(type_timestamp(3));
    struct expr *start = expr_call(b, FUNCTION_TUMBLE_START, type, span, 1, &column);
    start->imm = w->size_ms;
    start->imm2 = w->offset_ms;
    if (role == ROLE_WINDOW_START) return start;
    const struct expr *args[] = {
        start, expr_i64(b, role == ROLE_WINDOW_END ? w->size_ms : w->size_ms - 1, span)};
    struct expr *end = expr_call(b, FUNCTION_ADD_I64, type, span, 2, args);
    if (role == ROLE_WINDOW_TIME) end->type = type_not_null(rowtime);
    return end;
}

/* The input's columns and window_start, window_end, window_time. */
static bool add_window_columns(struct binder *b, const struct relation *input, struct span span,
                               struct relation *out) {
    static const struct {
        const char *name;
        enum column_role role;
    } added[] = {{"window_start", ROLE_WINDOW_START},
                 {"window_end", ROLE_WINDOW_END},
                 {"window_time", ROLE_WINDOW_TIME}};
    struct projection list = {0};
    *out = *input;
    out->columns = ARENA_NEW(b->job, input->count + 4u, struct scope_column);
    memcpy(out->columns, input->columns, input->count * sizeof *out->columns);
    for (uint32_t i = 0; i < input->node->schema.count; i++)
        projection_append(b, &list, expr_column(b, i, input->node->schema.columns[i].type, span),
                          input->node->schema.columns[i].name);
    for (size_t i = 0; i < ARRAY_LEN(added); i++) {
        const struct expr *bound = window_bound(b, input, added[i].role, span);
        out->columns[out->count++] = (struct scope_column){STR(""), str_of(added[i].name),
                                                           list.count, bound->type, added[i].role};
        projection_append(b, &list, bound, str_of(added[i].name));
    }
    out->node = share_calc(b, input->node, NULL, &list, span);
    out->has_window = true;
    return true;
}

bool bind_table_function(struct binder *b, const struct ast_table_ref *ref, struct relation *out) {
    const struct ast_expr *ast = ref->function.call;
    const struct ast_call *call = ast->call;
    struct str name = call->name.parts.items[call->name.parts.count - 1].text;
    const char *instead = NULL;
    if (!is_window_name(name, &instead))
        return bind_error(b, ast->span, "E0330",
                          "built-in functions only: user-defined functions need a JVM",
                          "table function " STR_FMT " is not supported", STR_ARG(name));
    if (instead)
        return bind_error(b, ast->span, "E0320", instead, STR_FMT " windows are not supported",
                          STR_ARG(name));
    if (ref->function.bare)
        return bind_error(b, ast->span, "E0330", "FROM TABLE(TUMBLE(…))",
                          "FROM TUMBLE(…) without TABLE( ) parses only from Flink 2.0 on");
    struct relation input;
    if (!bind_window_input(b, argument(call, 0, "DATA"), &input)) return false;
    const struct scope_column *time = descriptor_column(b, argument(call, 1, "TIMECOL"), &input);
    const struct ast_expr *offset = argument(call, 3, "OFFSET");
    struct window_spec window = {.rowtime = time ? time->column : 0};
    bool ok = window_size(b, argument(call, 2, "SIZE"), &window.size_ms) && time;
    if (offset && !interval_ms(b, offset, &window.offset_ms)) ok = false;
    if (!ok) return false;
    if (input.has_window)
        return bind_error(
            b, ast->span, "E0321", "aggregate the first window before the second",
            "a window function over a window function without aggregation is not supported");
    input.window = window;
    return add_window_columns(b, &input, ast->span, out);
}

/* ---- aggregate functions ---- */

static struct str function_name(const struct ast_call *call) {
    return call->name.parts.items[0].text;
}

static bool sum_or_avg(struct binder *b, const struct ast_expr *ast, struct aggregate_use *use,
                       bool sum) {
    static const struct {
        enum type_id type;
        enum aggregate_id sum, avg;
    } rows[] = {{TYPE_INT, AGGREGATE_SUM_I32, AGGREGATE_AVG_I32},
                {TYPE_BIGINT, AGGREGATE_SUM_I64, AGGREGATE_AVG_I64},
                {TYPE_DOUBLE, AGGREGATE_SUM_F64, AGGREGATE_AVG_F64},
                {TYPE_DECIMAL, AGGREGATE_SUM_DEC, AGGREGATE_AVG_DEC}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (use->argument_type.id != rows[i].type) continue;
        use->id = sum ? rows[i].sum : rows[i].avg;
        use->result = type_nullable(use->argument_type, true);
        if (use->result.id == TYPE_DECIMAL) {
            uint8_t scale = use->argument_type.scale;
            use->result = type_decimal(38, sum || scale > 6 ? scale : 6);
        }
        return true;
    }
    return bind_error(b, ast->span, "E0205", "CAST the argument to a number",
                      "Cannot apply '%s' to arguments of type '%s(<" STR_FMT ">)'",
                      sum ? "SUM" : "AVG", sum ? "SUM" : "AVG",
                      STR_ARG(type_text(b->job, &use->argument_type)));
}

static bool min_or_max(struct binder *b, const struct ast_expr *ast, struct aggregate_use *use,
                       bool min) {
    static const enum aggregate_id ids[PHYS_STR + 1][2] = {
        [PHYS_BOOL] = {AGGREGATE_MAX_B, AGGREGATE_MIN_B},
        [PHYS_I32] = {AGGREGATE_MAX_I32, AGGREGATE_MIN_I32},
        [PHYS_I64] = {AGGREGATE_MAX_I64, AGGREGATE_MIN_I64},
        [PHYS_F64] = {AGGREGATE_MAX_F64, AGGREGATE_MIN_F64},
        [PHYS_I128] = {AGGREGATE_MAX_DEC, AGGREGATE_MIN_DEC},
        [PHYS_STR] = {AGGREGATE_MAX_STR, AGGREGATE_MIN_STR}};
    enum type_id id = use->argument_type.id;
    if (id == TYPE_NULL || id == TYPE_INTERVAL_MS || id == TYPE_INTERVAL_MONTH)
        return bind_error(b, ast->span, "E0205", NULL,
                          "Cannot apply '%s' to arguments of type '<" STR_FMT ">'",
                          min ? "MIN" : "MAX", STR_ARG(type_text(b->job, &use->argument_type)));
    use->id = ids[type_phys(id)][min];
    use->result = type_nullable(use->argument_type, true);
    return true;
}

static bool count_of(struct binder *b, const struct ast_expr *ast, struct aggregate_use *use) {
    const struct ast_call *call = ast->call;
    use->result = type_not_null(type_of(TYPE_BIGINT));
    if (call->distinct && use->argument_type.id == TYPE_NULL)
        return bind_error(b, ast->span, "E0217", NULL, "Illegal use of 'NULL'");
    use->id = call->distinct ? AGGREGATE_COUNT_DISTINCT : AGGREGATE_COUNT;
    /* COUNT(1) is COUNT(*) */
    if (!call->distinct && use->argument->kind == EXPR_LITERAL && !use->argument->literal.is_null) {
        use->id = AGGREGATE_COUNT_STAR;
        use->argument = NULL;
    }
    return true;
}

static bool aggregate_kind(struct binder *b, const struct ast_expr *ast,
                           struct aggregate_use *use) {
    struct str name = function_name(ast->call);
    if (str_eq_nocase(name, STR("COUNT"))) return count_of(b, ast, use);
    bool sum = str_eq_nocase(name, STR("SUM")), avg = str_eq_nocase(name, STR("AVG"));
    if (ast->call->distinct && (sum || avg))
        return bind_error(b, ast->span, "E0324", "COUNT(DISTINCT x)",
                          STR_FMT "(DISTINCT …) is not supported", STR_ARG(name));
    if (sum || avg) return sum_or_avg(b, ast, use, sum);
    return min_or_max(b, ast, use, str_eq_nocase(name, STR("MIN")));
}

static bool aggregate_argument(struct expr_scope *inner, const struct ast_expr *ast,
                               struct aggregate_use *use) {
    const struct ast_call *call = ast->call;
    if (call->star) {
        use->id = AGGREGATE_COUNT_STAR;
        use->result = type_not_null(type_of(TYPE_BIGINT));
        if (str_eq_nocase(function_name(call), STR("COUNT"))) return true;
        return bind_error(inner->b, ast->span, "E0205", NULL, "only COUNT takes *");
    }
    if (call->args.count != 1)
        return bind_error(inner->b, ast->span, call->distinct ? "E0324" : "E0205",
                          call->distinct ? "COUNT(DISTINCT a || '|' || b), where neither is NULL"
                                         : NULL,
                          call->distinct ? "We now only support the count of one field."
                                         : "Invalid number of arguments to function '" STR_FMT "'",
                          STR_ARG(function_name(call)));
    use->argument = bind_expr(inner, call->args.items[0]);
    if (!use->argument) return false;
    use->argument_type = use->argument->type;
    use->argument_type.time = TIME_NONE;
    return aggregate_kind(inner->b, ast, use);
}

static bool use_equal(const struct aggregate_use *a, const struct aggregate_use *b) {
    return a->id == b->id && !a->argument == !b->argument && !a->filter == !b->filter &&
           (!a->argument || expr_equal(a->argument, b->argument)) &&
           (!a->filter || expr_equal(a->filter, b->filter));
}

static uint32_t add_use(struct binder *b, struct aggregation *agg,
                        const struct aggregate_use *use) {
    for (uint32_t i = 0; i < agg->use_count; i++)
        if (use_equal(&agg->uses[i], use)) return i;
    BIND_GROW(b, agg->uses, agg->use_count, agg->use_capacity);
    agg->uses[agg->use_count] = *use;
    return agg->use_count++;
}

const struct expr *bind_aggregate(struct expr_scope *scope, const struct ast_expr *ast) {
    struct binder *b = scope->b;
    if (!scope->aggregation) {
        bind_error(b, ast->span, "E0220", "use HAVING, or aggregate in a sub-query",
                   "aggregate function " STR_FMT " is not allowed in %s",
                   STR_ARG(function_name(ast->call)), scope->clause);
        return NULL;
    }
    if (ast->call->order_by.count || ast->call->within_group.count ||
        ast->call->nulls != AST_NULLS_UNSPECIFIED) {
        bind_error(b, ast->span, "E0324", NULL,
                   "ORDER BY and IGNORE NULLS in an aggregate function are not supported");
        return NULL;
    }
    struct expr_scope inner = {
        .b = b, .input = scope->input, .clause = "another aggregate function"};
    struct aggregate_use use = {.span = ast->span, .argument_type = type_of(TYPE_BOOLEAN)};
    bool ok = aggregate_argument(&inner, ast, &use);
    inner.clause = "FILTER";
    if (ast->call->filter) ok = (use.filter = bind_condition(&inner, ast->call->filter)) && ok;
    if (!ok) return NULL;
    return expr_column(b, AGGREGATE_BASE + add_use(b, scope->aggregation, &use), use.result,
                       ast->span);
}

/* ---- window bounds of a group window ---- */

static const struct expr *bound_column(struct binder *b, enum column_role role,
                                       const struct type *rowtime, struct span span) {
    struct type type = type_not_null(type_timestamp(3));
    const struct expr *bound =
        expr_column(b, role == ROLE_WINDOW_START ? WINDOW_BASE : WINDOW_BASE + 1, type, span);
    if (role != ROLE_WINDOW_TIME) return bound;
    const struct expr *args[] = {bound, expr_i64(b, 1, span)};
    struct expr *time = expr_call(b, FUNCTION_SUB_I64, type, span, 2, args);
    time->type = type_not_null(*rowtime);
    return time;
}

static bool same_window(struct expr_scope *scope, const struct ast_call *call) {
    const struct aggregation *agg = scope->aggregation;
    int64_t size;
    if (!agg->group_window || call->args.count != agg->window_call->args.count) return false;
    struct expr_scope plain = {.b = scope->b, .input = scope->input, .clause = "GROUP BY"};
    scope->b->quiet++;
    const struct expr *time = bind_expr(&plain, call->args.items[0]);
    bool ok = time && time->kind == EXPR_COLUMN && time->column == agg->window.rowtime &&
              interval_ms(scope->b, call->args.items[1], &size) && size == agg->window.size_ms;
    scope->b->quiet--;
    return ok;
}

const struct expr *bind_window_auxiliary(struct expr_scope *scope, const struct ast_expr *ast) {
    struct str name = function_name(ast->call);
    struct binder *b = scope->b;
    if (!scope->aggregation || !str_eq_nocase(str_sub(name, 0, 6), STR("TUMBLE"))) {
        bind_error(b, ast->span, "E0321", "GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
                   "Call to auxiliary group function '" STR_FMT
                   "' must have matching call to group function in GROUP BY clause",
                   STR_ARG(name));
        return NULL;
    }
    if (!same_window(scope, ast->call)) {
        bind_error(b, ast->span, "E0321", "repeat the arguments of TUMBLE(…) exactly",
                   "Call to auxiliary group function '" STR_FMT
                   "' must have matching call to group function '$TUMBLE' in "
                   "GROUP BY clause",
                   STR_ARG(name));
        return NULL;
    }
    struct str part = str_from(name, 7);
    const struct type *rowtime =
        &scope->input->node->schema.columns[scope->aggregation->window.rowtime].type;
    if (str_eq_nocase(part, STR("START")))
        return bound_column(b, ROLE_WINDOW_START, rowtime, ast->span);
    if (str_eq_nocase(part, STR("END")))
        return bound_column(b, ROLE_WINDOW_END, rowtime, ast->span);
    if (str_eq_nocase(part, STR("ROWTIME")))
        return bound_column(b, ROLE_WINDOW_TIME, rowtime, ast->span);
    bind_error(b, ast->span, "E0321", "TUMBLE_ROWTIME(…)", "TUMBLE_PROCTIME is not supported");
    return NULL;
}

/* ---- keys ---- */

static bool is_named_window(const struct ast_expr *ast, struct str *name, const char **instead) {
    if (ast->kind != AST_EXPR_CALL || ast->call->name.parts.count != 1 || ast->call->over)
        return false;
    *name = function_name(ast->call);
    return is_window_name(*name, instead);
}

static bool group_window(struct expr_scope *scope, struct aggregation *agg,
                         const struct ast_expr *ast, const char *instead) {
    struct binder *b = scope->b;
    const struct ast_call *call = ast->call;
    if (instead)
        return bind_error(b, ast->span, "E0320", instead, STR_FMT " windows are not supported",
                          STR_ARG(function_name(call)));
    if (agg->window_call)
        return bind_error(b, ast->span, "E0321", NULL, "only one window in GROUP BY");
    if (call->args.count != 2)
        return bind_error(b, ast->span, "E0321", "TUMBLE(ts, INTERVAL '1' MINUTE)",
                          "TUMBLE takes a time column and an interval");
    const struct expr *time = bind_expr(scope, call->args.items[0]);
    if (!time || !window_size(b, call->args.items[1], &agg->window.size_ms)) return false;
    if (!check_time_column(b, &time->type, call->args.items[0]->span, false)) return false;
    agg->has_window = agg->group_window = true;
    agg->window_call = call;
    agg->window.rowtime = time->column;
    return settings_check_emit(b, ast->span);
}

static void add_key(struct binder *b, struct aggregation *agg, const struct expr *key,
                    struct str name) {
    for (uint32_t i = 0; i < agg->key_count; i++)
        if (expr_equal(agg->keys[i], key)) return;
    uint32_t capacity = agg->key_capacity;
    agg->keys = bind_grow(b->job, agg->keys, agg->key_count, &capacity, sizeof *agg->keys);
    BIND_GROW(b, agg->key_names, agg->key_count, agg->key_capacity);
    agg->keys[agg->key_count] = key;
    agg->key_names[agg->key_count++] = name;
}

static bool bind_key(struct expr_scope *scope, struct aggregation *agg,
                     const struct ast_expr *ast) {
    struct str window;
    const char *instead = NULL;
    if (is_named_window(ast, &window, &instead)) return group_window(scope, agg, ast, instead);
    if (ast->kind == AST_EXPR_ROW) {
        bool ok = true;
        for (uint32_t i = 0; i < ast->items.count; i++)
            ok = bind_key(scope, agg, ast->items.items[i]) && ok;
        return ok;
    }
    if (ast->kind == AST_EXPR_LITERAL)
        return bind_error(scope->b, ast->span, "E0208",
                          "name the column: Flink takes no positions in GROUP BY",
                          "GROUP BY a literal groups nothing");
    const struct expr *key = bind_expr(scope, ast);
    if (!key) return false;
    struct str name = ast->kind == AST_EXPR_NAME
                          ? ast->name.parts.items[ast->name.parts.count - 1].text
                          : arena_printf(scope->b->job, "$key%u", agg->key_count);
    add_key(scope->b, agg, key, name);
    return true;
}

static bool bind_keys(struct expr_scope *scope, struct aggregation *agg,
                      const struct ast_select *select) {
    static const char *const names[] = {[AST_GROUP_EXPR] = "",
                                        [AST_GROUP_EMPTY] = "",
                                        [AST_GROUP_SETS] = "GROUPING SETS",
                                        [AST_GROUP_ROLLUP] = "ROLLUP",
                                        [AST_GROUP_CUBE] = "CUBE"};
    bool ok = true;
    for (uint32_t i = 0; i < select->group_by.count; i++) {
        const struct ast_group_item *item = &select->group_by.items[i];
        if (item->kind == AST_GROUP_EXPR)
            ok = bind_key(scope, agg, item->expr) && ok;
        else if (item->kind != AST_GROUP_EMPTY)
            ok = bind_error(scope->b, item->span, "E0331", "one INSERT per grouping",
                            "%s is not supported", names[item->kind]);
    }
    return ok;
}

static enum column_role key_role(const struct relation *input, const struct expr *key) {
    if (key->kind != EXPR_COLUMN) return ROLE_PLAIN;
    for (uint32_t i = 0; i < input->count; i++)
        if (input->columns[i].column == key->column) return input->columns[i].role;
    return ROLE_PLAIN;
}

/* window_start and window_end among the keys of a window function's result make a window aggregate. */
static bool find_table_window(struct binder *b, struct aggregation *agg, struct span span) {
    const struct relation *input = agg->input;
    if (!input->has_window || agg->group_window) return true;
    bool start = false, end = false;
    for (uint32_t i = 0; i < agg->key_count; i++) {
        start = start || key_role(input, agg->keys[i]) == ROLE_WINDOW_START;
        end = end || key_role(input, agg->keys[i]) == ROLE_WINDOW_END;
    }
    if (start != end)
        bind_warn(
            b, span, "W0303", "GROUP BY window_start, window_end",
            "this is not a window aggregation: with only one of window_start and window_end in GROUP BY the "
            "groups never end and late rows count");
    if (!start || !end) return true;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < agg->key_count; i++)
        if (key_role(input, agg->keys[i]) == ROLE_PLAIN) {
            agg->keys[kept] = agg->keys[i];
            agg->key_names[kept++] = agg->key_names[i];
        }
    agg->key_count = kept;
    agg->has_window = true;
    agg->window = input->window;
    if (b->settings.early_fire_ms < 0 && b->settings.late_fire_ms < 0) return true;
    return bind_error(
        b, span, "E0318", "GROUP BY TUMBLE(ts, INTERVAL …), or RESET the table.exec.emit settings",
        "Currently, window table function based aggregate doesn't support early-fire and late-fire "
        "configuration 'table.exec.emit.early-fire.enabled' and 'table.exec.emit.late-fire.enabled'.");
}

static const struct expr *key_column(struct binder *b, const struct aggregation *agg,
                                     const struct expr *expr, struct span span) {
    for (uint32_t i = 0; i < agg->key_count; i++) {
        if (!expr_equal(agg->keys[i], expr)) continue;
        struct type type = agg->keys[i]->type;
        type.time = TIME_NONE;
        return expr_column(b, i, type, span);
    }
    return NULL;
}

static bool may_be_key(const struct aggregation *agg, const struct ast_expr *ast) {
    if (ast->kind == AST_EXPR_NAME) return true;
    if (ast->kind == AST_EXPR_LITERAL || ast->kind == AST_EXPR_SYMBOL || ast->kind == AST_EXPR_STAR)
        return false;
    for (uint32_t i = 0; i < agg->key_count; i++)
        if (agg->keys[i]->kind != EXPR_COLUMN) return true;
    return false;
}

const struct expr *bind_grouped_key(struct expr_scope *scope, const struct ast_expr *ast) {
    const struct aggregation *agg = scope->aggregation;
    if (!may_be_key(agg, ast)) return NULL;
    struct expr_scope plain = {.b = scope->b, .input = scope->input, .clause = scope->clause};
    scope->b->quiet++;
    const struct expr *expr = bind_expr(&plain, ast);
    scope->b->quiet--;
    if (!expr) return NULL;
    if (agg->has_window && !agg->group_window && expr->kind == EXPR_COLUMN) {
        enum column_role role = key_role(scope->input, expr);
        const struct type *rowtime = &scope->input->node->schema.columns[agg->window.rowtime].type;
        if (role != ROLE_PLAIN) return bound_column(scope->b, role, rowtime, ast->span);
    }
    return key_column(scope->b, agg, expr, ast->span);
}

/* ---- nodes ---- */

/* Arguments, filters and keys as columns of the calc under the aggregation. */
static struct aggregate_call *aggregate_calls(struct binder *b, const struct aggregation *agg,
                                              struct projection *list) {
    struct aggregate_call *calls = ARENA_NEW(b->job, agg->use_count + 1u, struct aggregate_call);
    for (uint32_t i = 0; i < agg->use_count; i++) {
        const struct aggregate_use *use = &agg->uses[i];
        calls[i] = (struct aggregate_call){.id = use->id,
                                           .argument = COLUMN_NONE,
                                           .filter = COLUMN_NONE,
                                           .argument_type = use->argument_type,
                                           .result = use->result,
                                           .span = use->span};
        if (use->argument) calls[i].argument = projection_add(b, list, use->argument, STR(""));
        if (use->filter) calls[i].filter = projection_add(b, list, use->filter, STR(""));
    }
    return calls;
}

/* Columns without a name of their own are called by what they are: SQL text, or the column they pass on. */
static void name_columns(struct binder *b, const struct relation *input, struct projection *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->columns[i].name.len) continue;
        const struct expr *expr = list->exprs[i];
        list->columns[i].name = expr->kind == EXPR_COLUMN
                                    ? input->node->schema.columns[expr->column].name
                                    : bind_label(b, expr->span);
    }
}

static struct plan_schema aggregate_schema(struct binder *b, const struct aggregation *agg) {
    uint32_t count = agg->key_count + agg->use_count + (agg->has_window ? 2 : 0);
    struct plan_column *columns = ARENA_NEW(b->job, count + 1u, struct plan_column);
    for (uint32_t i = 0; i < agg->key_count; i++) {
        columns[i] = (struct plan_column){agg->key_names[i], agg->keys[i]->type};
        columns[i].type.time = TIME_NONE;
    }
    for (uint32_t i = 0; i < agg->use_count; i++)
        columns[agg->key_count + i] =
            (struct plan_column){bind_label(b, agg->uses[i].span), agg->uses[i].result};
    if (agg->has_window) {
        struct type type = type_not_null(type_timestamp(3));
        columns[count - 2] = (struct plan_column){STR("window_start"), type};
        columns[count - 1] = (struct plan_column){STR("window_end"), type};
    }
    return (struct plan_schema){columns, count};
}

static struct plan_node *aggregate_node(struct binder *b, const struct aggregation *agg,
                                        const struct expr *where, int64_t ttl_ms,
                                        struct span span) {
    struct projection list = {0};
    uint32_t *keys = ARENA_NEW(b->job, agg->key_count + 1u, uint32_t);
    uint32_t rowtime = 0;
    for (uint32_t i = 0; i < agg->key_count; i++)
        keys[i] = projection_add(b, &list, agg->keys[i], agg->key_names[i]);
    if (agg->has_window) {
        const struct plan_column *column = &agg->input->node->schema.columns[agg->window.rowtime];
        rowtime = projection_add(b, &list, expr_column(b, agg->window.rowtime, column->type, span),
                                 column->name);
    }
    struct aggregate_call *calls = aggregate_calls(b, agg, &list);
    name_columns(b, agg->input, &list);
    struct plan_node proto = {.kind = agg->has_window ? NODE_WINDOW : NODE_GROUP,
                              .input = share_calc(b, agg->input->node, where, &list, span),
                              .schema = aggregate_schema(b, agg),
                              .span = span};
    if (!agg->has_window) {
        proto.group = (struct node_group){keys, agg->key_count, calls, agg->use_count, ttl_ms};
        return share_node(b, &proto);
    }
    bool emit = agg->group_window;
    proto.window =
        (struct node_window){.window = WINDOW_TUMBLE,
                             .group_window = agg->group_window,
                             .rowtime = rowtime,
                             .size_ms = agg->window.size_ms,
                             .offset_ms = agg->window.offset_ms,
                             .keys = keys,
                             .key_count = agg->key_count,
                             .aggregates = calls,
                             .aggregate_count = agg->use_count,
                             .early_fire_ms = emit ? b->settings.early_fire_ms : -1,
                             .late_fire_ms = emit ? b->settings.late_fire_ms : -1,
                             .allow_lateness_ms = emit ? b->settings.allow_lateness_ms : 0};
    return share_node(b, &proto);
}

/* Provisional column numbers to those of the node. */
struct renumber {
    struct binder *b;
    const struct aggregation *agg;
};

static const struct expr *final_column(void *self, const struct expr *column) {
    const struct renumber *r = self;
    uint32_t number = column->column;
    if (number >= WINDOW_BASE)
        number = r->agg->key_count + r->agg->use_count + (number - WINDOW_BASE);
    else if (number >= AGGREGATE_BASE)
        number = r->agg->key_count + (number - AGGREGATE_BASE);
    return expr_column(r->b, number, column->type, column->span);
}

/* ---- STATE_TTL ---- */

static bool has_ttl_hint(const struct ast_hints *hints) {
    for (uint32_t i = 0; i < hints->count; i++)
        if (str_eq_nocase(hints->items[i].name.text, STR("STATE_TTL"))) return true;
    return false;
}

static bool hint_ttl(struct binder *b, const struct ast_hint *hint, const struct relation *input,
                     int64_t *ttl_ms) {
    for (uint32_t i = 0; i < hint->args.count; i++) {
        const struct ast_option *arg = &hint->args.items[i];
        if (!str_eq(arg->key, input->name))
            return bind_error(
                b, arg->key_span, "E0336",
                bind_text(b, "STATE_TTL('" STR_FMT "' = '1 d')", STR_ARG(input->name)),
                "The options of following hints cannot match the name of input tables or views: '" STR_FMT
                "' in STATE_TTL",
                STR_ARG(arg->key));
        if (!parse_duration_ms(arg->value, ttl_ms) || *ttl_ms < 0)
            return bind_error(b, arg->value_span, "E0402", "a duration such as '1 d'",
                              "'" STR_FMT "' does not fit STATE_TTL", STR_ARG(arg->value));
    }
    return true;
}

static bool state_ttl(struct binder *b, const struct ast_hints *hints, const struct relation *input,
                      int64_t *ttl_ms) {
    *ttl_ms = b->settings.state_ttl_ms;
    for (uint32_t i = 0; i < hints->count; i++) {
        if (str_eq_nocase(hints->items[i].name.text, STR("STATE_TTL"))) {
            if (!hint_ttl(b, &hints->items[i], input, ttl_ms)) return false;
        } else {
            bind_notice(b, hints->items[i].span, "N0406", NULL,
                        "hint " STR_FMT " has no effect here", STR_ARG(hints->items[i].name.text));
        }
    }
    return true;
}

/* ---- the grouped SELECT ---- */

static bool has_aggregate(const struct ast_expr *ast);

static bool list_has_aggregate(const struct ast_exprs *list) {
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] && has_aggregate(list->items[i])) return true;
    return false;
}

static bool case_has_aggregate(const struct ast_expr *ast) {
    for (uint32_t i = 0; i < ast->switch_case.whens.count; i++)
        if (has_aggregate(ast->switch_case.whens.items[i].when) ||
            has_aggregate(ast->switch_case.whens.items[i].then))
            return true;
    return (ast->switch_case.operand && has_aggregate(ast->switch_case.operand)) ||
           (ast->switch_case.otherwise && has_aggregate(ast->switch_case.otherwise));
}

static bool has_aggregate(const struct ast_expr *ast) {
    switch (ast->kind) {
    case AST_EXPR_CALL:
        if (!ast->call->over && ast->call->name.parts.count == 1 && call_is_aggregate(ast->call))
            return true;
        return list_has_aggregate(&ast->call->args);
    case AST_EXPR_UNARY: return has_aggregate(ast->unary.operand);
    case AST_EXPR_BINARY:
        return has_aggregate(ast->binary.left) || has_aggregate(ast->binary.right);
    case AST_EXPR_IS: return has_aggregate(ast->is.operand);
    case AST_EXPR_BETWEEN:
        return has_aggregate(ast->between.operand) || has_aggregate(ast->between.low) ||
               has_aggregate(ast->between.high);
    case AST_EXPR_IN: return has_aggregate(ast->in.operand) || list_has_aggregate(&ast->in.list);
    case AST_EXPR_CASE: return case_has_aggregate(ast);
    case AST_EXPR_CAST: return has_aggregate(ast->cast.operand);
    default: return false;
    }
}

bool select_is_grouped(const struct ast_select *select) {
    if (select->group_by.count || select->having) return true;
    for (uint32_t i = 0; i < select->items.count; i++)
        if (has_aggregate(select->items.items[i].expr)) return true;
    return false;
}

static bool bind_items(struct expr_scope *scope, const struct ast_select *select,
                       const struct expr **exprs, struct str *names) {
    bool ok = true;
    for (uint32_t i = 0; i < select->items.count; i++) {
        const struct ast_select_item *item = &select->items.items[i];
        if (item->expr->kind == AST_EXPR_STAR)
            ok = bind_error(scope->b, item->expr->span, "E0208", "name the columns of GROUP BY",
                            "Expression '*' is not being grouped");
        else
            ok = (exprs[i] = bind_expr(scope, item->expr)) && ok;
        names[i] = select_item_name(scope->b, item, i);
    }
    return ok;
}

static bool refuse_updating(struct binder *b, const struct relation *input, struct span span) {
    if (!node_is_updating(input->node)) return true;
    return bind_error(
        b, span, "E0310",
        "aggregate once, over the source; or use windows, whose results are final",
        "an aggregation over an updating result (Flink: retraction) is not supported");
}

bool bind_grouped(struct binder *b, const struct ast_select *select, const struct relation *input,
                  const struct expr *where, struct relation *out) {
    struct aggregation agg = {.input = input};
    struct span span = select->group_by_span.end > select->group_by_span.start
                           ? select->group_by_span
                       : select->items.count ? select->items.items[0].expr->span
                                             : (struct span){0, 0};
    struct expr_scope plain = {.b = b, .input = input, .clause = "GROUP BY"};
    int64_t ttl_ms;
    bool ok = refuse_updating(b, input, span) && state_ttl(b, &select->hints, input, &ttl_ms);
    ok = bind_keys(&plain, &agg, select) && ok;
    if (!ok || !find_table_window(b, &agg, span)) return false;
    struct expr_scope scope = {.b = b, .input = input, .aggregation = &agg, .clause = "SELECT"};
    const struct expr **exprs = ARENA_NEW(b->job, select->items.count + 1u, const struct expr *);
    struct str *names = ARENA_NEW(b->job, select->items.count + 1u, struct str);
    ok = bind_items(&scope, select, exprs, names);
    const struct expr *having = NULL;
    scope.clause = "HAVING";
    if (select->having) ok = (having = bind_condition(&scope, select->having)) && ok;
    if (!ok) return false;
    struct renumber renumber = {b, &agg};
    for (uint32_t i = 0; i < select->items.count; i++)
        exprs[i] = expr_rewrite(b, exprs[i], final_column, &renumber);
    if (having) having = expr_rewrite(b, having, final_column, &renumber);
    struct relation grouped = {.node = aggregate_node(b, &agg, where, ttl_ms, span)};
    if (!agg.has_window && !has_ttl_hint(&select->hints))
        warn_unbounded(b, grouped.node, ttl_ms, span);
    return relation_project(b, &grouped, having, exprs, names, select->items.count, span, out);
}
