/* SPDX-License-Identifier: Apache-2.0 */
/* What a probe of the keyed table costs, by number of keys: hash, index and slab alone.
 *
 *   bench_state [PROBES]       one JSON line per table size; default 16,000,000
 *
 * "first" is the first insert of each key with its page faults, "again" a probe of a known key and a
 * counter. Exit 1 when a count is wrong or known keys allocate. */
#include "tests/bench/count_mallocs.h"
#include "tests/bench/cpu_time.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/prng.h"
#include "state/keyed.h"

struct table {
    struct arena job;
    struct vec column;
    struct keys keys;
    struct keyed keyed;
    uint32_t rows[BATCH_ROWS], ids[BATCH_ROWS];
    uint64_t created[BATCH_WORDS];
};

static void put(struct table *table) {
    static const uint32_t first[] = {0};
    keys_encode(&table->keys, &table->column, first, 1, table->rows, BATCH_ROWS, NULL);
    keyed_put(&table->keyed, &table->keys, table->ids, table->created);
    for (uint32_t i = 0; i < BATCH_ROWS; i++)
        ++*(uint64_t *)(void *)keyed_state(&table->keyed, table->ids[i]);
}

static bool measure(uint32_t keys, uint64_t probes) {
    static struct table table;
    struct prng prng = {5};
    uint64_t total = 0, inserts = (keys + BATCH_ROWS - 1) / BATCH_ROWS * BATCH_ROWS;
    int64_t first_ns = 0, again_ns = 0;
    memset(&table, 0, sizeof table);
    vec_init(&table.column, PHYS_I64, &table.job);
    memset(table.column.valid, 0xff, BATCH_WORDS * sizeof *table.column.valid);
    keyed_init(&table.keyed, 32, false, 12345);
    for (uint32_t i = 0; i < BATCH_ROWS; i++)
        table.rows[i] = i;
    for (uint64_t at = 0; at < inserts; at += BATCH_ROWS) {
        for (uint32_t i = 0; i < BATCH_ROWS; i++)
            table.column.i64[i] = (int64_t)((at + i) % keys);
        int64_t start = cpu_ns();
        put(&table);
        first_ns += cpu_ns() - start;
    }
    uint64_t mallocs = malloc_count, count = probes / BATCH_ROWS * BATCH_ROWS;
    for (uint64_t at = 0; at < count; at += BATCH_ROWS) {
        for (uint32_t i = 0; i < BATCH_ROWS; i++)
            table.column.i64[i] = prng_below(&prng, keys);
        int64_t start = cpu_ns();
        put(&table);
        again_ns += cpu_ns() - start;
    }
    mallocs = malloc_count - mallocs;
    for (uint32_t id = 0; id < table.keyed.used; id++)
        total += *(uint64_t *)(void *)keyed_state(&table.keyed, id);
    printf("{\"bench\":\"keyed\",\"keys\":%u,\"first_ns\":%.1f,\"again_ns\":%.1f,"
           "\"bytes_per_key\":%.1f,\"mallocs\":%llu}\n",
           keys, (double)first_ns / (double)inserts, (double)again_ns / (double)(count ? count : 1),
           (double)keyed_bytes(&table.keyed) / keys, (unsigned long long)mallocs);
    bool ok = total == inserts + count && table.keyed.live == keys && mallocs == 0;
    if (!ok) fprintf(stderr, "%u keys: wrong counts or allocations\n", keys);
    keyed_release(&table.keyed);
    keys_release(&table.keys);
    arena_release(&table.job);
    return ok;
}

int main(int argc, char **argv) {
    static const uint32_t sizes[] = {1000, 30000, 250000, 1000000, 8000000};
    uint64_t probes = argc > 1 ? strtoull(argv[1], NULL, 10) : 16000000;
    bool ok = true;
    for (uint32_t i = 0; i < ARRAY_LEN(sizes) && (i == 0 || sizes[i] <= probes); i++)
        ok = measure(sizes[i], probes) && ok;
    return ok ? 0 : 1;
}
