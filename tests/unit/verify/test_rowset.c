/* SPDX-License-Identifier: Apache-2.0 */
/* Rows by key and version, and the comparison that `decant verify` stands on: it must see every difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verify/rowset.h"

enum { COLUMNS = 5, KEY = 1, NAME = 3 }; /* NAME: of the persisted columns */

/* (computed, id STRING KEY, n BIGINT, total DOUBLE, name STRING): rows have the four persisted columns. */
static struct column columns[COLUMNS];
static uint32_t key_columns[] = {KEY};
static struct table table;

static int table_new(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum type_id type;
        enum column_kind kind;
    } all[COLUMNS] = {{"proc", TYPE_BIGINT, COLUMN_COMPUTED},
                      {"id", TYPE_VARCHAR, COLUMN_PHYSICAL},
                      {"n", TYPE_BIGINT, COLUMN_PHYSICAL},
                      {"total", TYPE_DOUBLE, COLUMN_PHYSICAL},
                      {"name", TYPE_VARCHAR, COLUMN_PHYSICAL}};
    for (size_t i = 0; i < COLUMNS; i++) {
        struct type type = all[i].type == TYPE_VARCHAR ? type_string() : type_of(all[i].type);
        columns[i] =
            (struct column){.name = str_of(all[i].name), .type = type, .kind = all[i].kind};
    }
    table = (struct table){.name = STR("t"),
                           .columns = columns,
                           .column_count = COLUMNS,
                           .primary_key = key_columns,
                           .primary_key_count = 1};
    return 0;
}

struct row_values {
    struct value values[COLUMNS - 1];
};

static struct row_values row_of(const char *id, int64_t n, double total, const char *name) {
    return (struct row_values){
        {{.str = str_of(id)},
         {.i64 = n},
         {.f64 = total},
         name ? (struct value){.str = str_of(name)} : (struct value){.is_null = true}}};
}

static void the_highest_version_wins(void **state) {
    (void)state;
    static const struct {
        int64_t version, n, kept;
    } steps[] = {{10, 1, 1},
                 {12, 2, 2},
                 {11, 3, 2} /* a late replay */,
                 {12, 4, 4} /* a tie: the later call */};
    struct rowset set;
    rowset_init(&set, &table);
    assert_int_equal(set.column_count, COLUMNS - 1);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct row_values row = row_of("a", steps[i].n, 0, "x");
        rowset_put(&set, row.values, steps[i].version, false);
        assert_int_equal(rowset_find(&set, STR("id=a"))->values[1].i64, steps[i].kept);
    }
    assert_int_equal(set.row_count, 1);
    assert_null(rowset_find(&set, STR("id=b")));
    rowset_release(&set);
}

static void a_deletion_is_a_row_too(void **state) {
    (void)state;
    struct rowset set;
    struct row_values row = row_of("a", 1, 0, "x");
    rowset_init(&set, &table);
    rowset_put(&set, row.values, 1, false);
    rowset_put(&set, row.values, 2, true);
    assert_true(rowset_find(&set, STR("id=a"))->deleted);
    rowset_put(&set, row.values, 3, false);
    assert_false(rowset_find(&set, STR("id=a"))->deleted);
    rowset_release(&set);
}

static void versions_of_a_key_stay_apart(void **state) {
    (void)state;
    struct rowset set;
    rowset_init(&set, &table);
    for (int64_t version = 1; version <= 3; version++) {
        struct row_values row = row_of("a", version * 10, 0, "x");
        rowset_add(&set, row.values, version, false);
    }
    assert_int_equal(set.row_count, 3);
    assert_int_equal(rowset_find_version(&set, STR("id=a"), 2)->values[1].i64, 20);
    assert_null(rowset_find_version(&set, STR("id=a"), 4));
    rowset_release(&set);
}

static void text_is_copied(void **state) {
    (void)state;
    struct rowset set;
    char id[] = "a", name[] = "before";
    struct row_values row = row_of(id, 1, 0, name);
    rowset_init(&set, &table);
    rowset_put(&set, row.values, 1, false);
    id[0] = 'z';
    name[0] = 'z';
    const struct row *kept = rowset_find(&set, STR("id=a"));
    assert_non_null(kept);
    assert_true(str_eq(kept->values[3].str, STR("before")));
    rowset_release(&set);
}

static void many_keys_are_found_again(void **state) {
    (void)state;
    enum { KEYS = 5000 }; /* the table grows more than once */
    struct rowset set;
    struct arena arena = {0};
    rowset_init(&set, &table);
    for (int64_t i = 0; i < KEYS; i++) {
        struct row_values row = row_of(arena_printf(&arena, "k%lld", (long long)i).ptr, i, 0, NULL);
        rowset_put(&set, row.values, 1, false);
    }
    assert_int_equal(set.row_count, KEYS);
    for (int64_t i = 0; i < KEYS; i++) {
        const struct row *row = rowset_find(&set, arena_printf(&arena, "id=k%lld", (long long)i));
        assert_non_null(row);
        assert_int_equal(row->values[1].i64, i);
    }
    arena_release(&arena);
    rowset_release(&set);
}

static void every_difference_is_seen(void **state) {
    (void)state;
    static const struct {
        struct row_values a, b;
        double tolerance;
        int32_t column;
    } cases[] = {
#define VALUES(n, total, name) {{{.str = {"a", 1}}, {.i64 = n}, {.f64 = total}, name}}
#define TEXT(literal)                                                                              \
    {                                                                                              \
        .str = { "" literal "", sizeof(literal) - 1 }                                              \
    }
#define NOTHING                                                                                    \
    { .is_null = true }
        {VALUES(1, 2.0, TEXT("x")), VALUES(1, 2.0, TEXT("x")), 0, -1},
        {VALUES(1, 2.0, NOTHING), VALUES(1, 2.0, NOTHING), 0, -1},
        {VALUES(1, 2.0, TEXT("x")), VALUES(2, 2.0, TEXT("x")), 1,
         1}, /* whole numbers have no tolerance */
        {VALUES(1, 2.0, TEXT("x")), VALUES(1, 2.0, TEXT("X")), 1, 3},
        {VALUES(1, 2.0, TEXT("x")), VALUES(1, 2.0, TEXT("x ")), 1, 3},
        {VALUES(1, 2.0, TEXT("")), VALUES(1, 2.0, NOTHING), 1, 3}, /* NULL is no empty text */
        {VALUES(1, 2.0, TEXT("x")), VALUES(1, 2.0000001, TEXT("x")), 0, 2},
        {VALUES(1, 1e9, TEXT("x")), VALUES(1, 1e9 + 1, TEXT("x")), 1e-8, -1},
        {VALUES(1, 1e9, TEXT("x")), VALUES(1, 1e9 + 100, TEXT("x")), 1e-8, 2},
        {VALUES(1, -5.0, TEXT("x")), VALUES(1, 5.0, TEXT("x")), 0.5, 2},
        {VALUES(1, 0.0, TEXT("x")), VALUES(1, 1e-30, TEXT("x")), 1e-9,
         2}, /* relative, not absolute */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rowset set;
        struct row_values a = cases[i].a, b = cases[i].b;
        struct row left = {.values = a.values}, right = {.values = b.values};
        rowset_init(&set, &table);
        assert_int_equal(row_difference(&set, &left, &right, cases[i].tolerance), cases[i].column);
        assert_int_equal(row_difference(&set, &right, &left, cases[i].tolerance), cases[i].column);
        rowset_release(&set);
    }
}

static void foreign_text_is_made_visible(void **state) {
    (void)state;
    struct rowset set;
    struct buf out;
    struct row_values row = row_of("a", 1, 0, "\x1b[2J");
    rowset_init(&set, &table);
    buf_init(&out, 1024);
    rowset_put(&set, row.values, 1, false);
    row_print_column(&out, &set, rowset_find(&set, STR("id=a")), NAME);
    assert_string_equal(buf_c_string(&out), "name=\\x1b[2J");
    buf_release(&out);
    rowset_release(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_version_wins),     cmocka_unit_test(a_deletion_is_a_row_too),
        cmocka_unit_test(versions_of_a_key_stay_apart), cmocka_unit_test(text_is_copied),
        cmocka_unit_test(many_keys_are_found_again),    cmocka_unit_test(every_difference_is_seen),
        cmocka_unit_test(foreign_text_is_made_visible),
    };
    return cmocka_run_group_tests(tests, table_new, NULL);
}
