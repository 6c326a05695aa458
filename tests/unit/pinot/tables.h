/* SPDX-License-Identifier: Apache-2.0 */
/* A sink table built by hand, so that tests need no SQL. */
#ifndef TESTS_PINOT_TABLES_H
#define TESTS_PINOT_TABLES_H

#include "plan/catalog.h"

#define COLUMN(text, column_type)                                                                  \
    { .name = STR_INIT(text), .type = column_type, .kind = COLUMN_PHYSICAL }
#define NULLABLE(type_name)                                                                        \
    { .id = type_name, .nullable = true, .precision = 3 }
#define TEXT_TYPE                                                                                  \
    { .id = TYPE_VARCHAR, .nullable = true, .length = TYPE_LENGTH_MAX }

/* key = raw over one text column, lifetime totals */
static struct column product_columns[] = {
    COLUMN("product_id", TEXT_TYPE),
    COLUMN("product_name", TEXT_TYPE),
    COLUMN("views", NULLABLE(TYPE_BIGINT)),
    COLUMN("revenue", NULLABLE(TYPE_DOUBLE)),
    COLUMN("hot", NULLABLE(TYPE_BOOLEAN)),
    COLUMN("first_time", NULLABLE(TYPE_TIMESTAMP)),
    COLUMN("update_time", NULLABLE(TYPE_TIMESTAMP)),
};
static const uint32_t product_key[] = {0};
static struct table products = {
    .name = STR_INIT("products"),
    .columns = product_columns,
    .column_count = 7,
    .primary_key = product_key,
    .primary_key_count = 1,
    .key_fields = product_key,
    .key_field_count = 1,
    .connector = CONNECTOR_UPSERT_KAFKA,
    .key_format = {.format = FORMAT_RAW},
    .value_format = {.format = FORMAT_AVRO},
    .kafka = {.topic = STR_INIT("products"), .bootstrap_servers = STR_INIT("localhost:9092")},
};

#endif
