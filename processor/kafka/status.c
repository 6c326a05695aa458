/* SPDX-License-Identifier: Apache-2.0 */
#include "kafka/status.h"

#include "common/clock.h"

enum { NODES_MAX = 256 };

struct totals {
    uint64_t records, bytes, dropped, skipped, dead_letters, field_nulls;
    uint64_t late, duplicate, filtered, upserts, refused;
    uint64_t keys, state_bytes;
    int64_t lag, watermark_ms;
    bool has_watermark;
    char holder[300]; /* topic[partition] that holds the watermark back */
};

static void add_scan(struct totals *totals, const struct job_status *status, uint32_t scan) {
    struct scan_counters counters = task_scan_counters(status->task, scan);
    totals->records += counters.records;
    totals->bytes += counters.bytes;
    totals->dropped += scan_dropped(&counters);
    totals->skipped += counters.skipped;
    totals->dead_letters += counters.dead_letters;
    totals->field_nulls += counters.field_nulls;
    totals->lag += source_lag(status->sources[scan]);
    struct watermark_status watermark = graph_watermark(task_graph(status->task), scan);
    if (!watermark.has_watermark || watermark.watermark_ms == INT64_MIN) return;
    if (totals->has_watermark && watermark.watermark_ms >= totals->watermark_ms) return;
    totals->has_watermark = true;
    totals->watermark_ms = watermark.watermark_ms;
    struct buf text;
    buf_init(&text, sizeof totals->holder - 1);
    buf_printf(&text, STR_FMT "[%u]", STR_ARG(status->plan->scans[scan]->scan.table->kafka.topic),
               watermark.holder);
    memcpy(totals->holder, buf_c_string(&text), text.len + 1);
    buf_release(&text);
}

static struct totals add_up(const struct job_status *status) {
    struct totals totals = {0};
    for (uint32_t s = 0; s < status->plan->scan_count; s++)
        add_scan(&totals, status, s);
    for (uint32_t s = 0; s < status->plan->sink_count; s++) {
        struct task_sink_counters sink = task_sink_counters(status->task, s);
        totals.upserts += sink.upserts;
        totals.refused += sink.rows_refused;
        if (sink.rows.late > totals.late) totals.late = sink.rows.late;
        if (sink.rows.duplicate > totals.duplicate) totals.duplicate = sink.rows.duplicate;
    }
    struct node_stats nodes[NODES_MAX];
    uint32_t count = graph_state(task_graph(status->task), nodes, NODES_MAX);
    for (uint32_t n = 0; n < count; n++) {
        totals.keys += nodes[n].keys;
        totals.state_bytes += nodes[n].state_bytes;
    }
    return totals;
}

void status_line(struct buf *out, const struct job_status *status) {
    struct totals totals = add_up(status);
    struct civil now = civil_from_ms(status->now_ms);
    buf_printf(out, "%02d:%02d:%02d  in ", now.hour, now.minute, now.second);
    buf_append_grouped(out, (int64_t)status->records_per_s);
    buf_append(out, STR("/s  out "));
    buf_append_grouped(out, (int64_t)status->upserts_per_s);
    buf_append(out, STR("/s  lag "));
    buf_append_grouped(out, totals.lag);
    if (totals.has_watermark)
        buf_printf(out, "  watermark %.1f s behind",
                   (double)(status->now_ms - totals.watermark_ms) / 1000);
    buf_printf(out, "  late %llu  dropped %llu  state ", (unsigned long long)totals.late,
               (unsigned long long)totals.dropped);
    buf_append_grouped(out, (int64_t)totals.keys);
    buf_printf(out, " keys %.0f MB  commit %.0f ms", (double)totals.state_bytes / 1e6,
               (double)status->commit_duration_ns / 1e6);
    char problem[200];
    writer_problem(status->writer, problem, sizeof problem);
    if (problem[0]) buf_printf(out, "  kafka: %s", problem);
}

static void json_scan(struct buf *out, const struct job_status *status, uint32_t scan) {
    const struct table *table = status->plan->scans[scan]->scan.table;
    struct scan_counters counters = task_scan_counters(status->task, scan);
    struct watermark_status watermark = graph_watermark(task_graph(status->task), scan);
    buf_append(out, STR("{\"table\":\""));
    buf_append_json(out, table->name);
    buf_append(out, STR("\",\"topic\":\""));
    buf_append_json(out, table->kafka.topic);
    buf_printf(
        out, "\",\"partitions\":%u,\"records\":%llu,\"bytes\":%llu,\"rows\":%llu,\"skipped\":%llu",
        source_partitions(status->sources[scan]), (unsigned long long)counters.records,
        (unsigned long long)counters.bytes, (unsigned long long)counters.rows,
        (unsigned long long)counters.skipped);
    buf_printf(
        out, ",\"dropped\":%llu,\"dead_letters\":%llu,\"field_nulls\":%llu,\"lag_records\":%lld",
        (unsigned long long)scan_dropped(&counters), (unsigned long long)counters.dead_letters,
        (unsigned long long)counters.field_nulls, (long long)source_lag(status->sources[scan]));
    buf_append(out, STR(",\"dropped_by_reason\":{"));
    for (unsigned reason = 0; reason < BAD_REASON_COUNT; reason++)
        buf_printf(out, "%s\"%s\":%llu", reason ? "," : "",
                   bad_reason_name((enum bad_reason)reason),
                   (unsigned long long)counters.bad[reason]);
    buf_append_char(out, '}');
    if (watermark.has_watermark && watermark.watermark_ms != INT64_MIN)
        buf_printf(
            out,
            ",\"watermark_ms\":%lld,\"watermark_holder\":%u,\"idle_partitions\":%u,\"last_event_ms\":%lld",
            (long long)watermark.watermark_ms, watermark.holder, watermark.idle,
            (long long)watermark.last_event_ms);
    buf_append(out, STR(",\"next_offsets\":["));
    for (uint32_t p = 0; p < source_partitions(status->sources[scan]); p++)
        buf_printf(out, "%s%lld", p ? "," : "", (long long)task_next_offset(status->task, scan, p));
    buf_append(out, STR("]}"));
}

static void json_sink(struct buf *out, const struct job_status *status, uint32_t sink) {
    struct task_sink_counters counters = task_sink_counters(status->task, sink);
    struct record_fate fate = task_sink_records(status->task, sink);
    buf_append(out, STR("{\"table\":\""));
    buf_append_json(out, status->plan->sinks[sink]->sink.table->name);
    buf_printf(out,
               "\",\"in\":%llu,\"folded\":%llu,\"filtered\":%llu,\"duplicate\":%llu,\"late\":%llu",
               (unsigned long long)fate.records, (unsigned long long)counters.rows.folded,
               (unsigned long long)counters.rows.filtered,
               (unsigned long long)counters.rows.duplicate, (unsigned long long)counters.rows.late);
    buf_printf(
        out,
        ",\"skipped\":%llu,\"dropped\":%llu,\"upserts\":%llu,\"deletes\":%llu,\"bytes\":%llu,\"rows_refused\":%llu}",
        (unsigned long long)fate.skipped, (unsigned long long)fate.dropped,
        (unsigned long long)counters.upserts, (unsigned long long)counters.deletes,
        (unsigned long long)counters.bytes, (unsigned long long)counters.rows_refused);
}

void status_json(struct buf *out, const struct job_status *status) {
    struct totals totals = add_up(status);
    char time_text[CLOCK_TEXT_BYTES];
    clock_format_iso(status->now_ms, time_text);
    buf_append(out, STR("{\"schema\":\"decant.status/1\",\"job\":\""));
    buf_append_json(out, status->plan->settings.pipeline_name);
    buf_printf(out, "\",\"state\":\"%s\",\"ready\":%s,\"time\":\"%sZ\",\"uptime_s\":%.1f",
               status->state, status->ready ? "true" : "false", time_text,
               (double)(status->now_ms - status->started_ms) / 1000);
    buf_printf(
        out,
        ",\"records\":%llu,\"records_per_s\":%.1f,\"upserts\":%llu,\"upserts_per_s\":%.1f,\"lag_records\":%lld",
        (unsigned long long)totals.records, status->records_per_s,
        (unsigned long long)totals.upserts, status->upserts_per_s, (long long)totals.lag);
    buf_printf(
        out,
        ",\"late\":%llu,\"duplicate\":%llu,\"dropped\":%llu,\"dead_letters\":%llu,\"rows_refused\":%llu",
        (unsigned long long)totals.late, (unsigned long long)totals.duplicate,
        (unsigned long long)totals.dropped, (unsigned long long)totals.dead_letters,
        (unsigned long long)totals.refused);
    buf_printf(
        out,
        ",\"state_keys\":%llu,\"state_bytes\":%llu,\"commits\":%llu,\"delivered_commits\":%llu,\"commit_clock\":\"%lld\",\"commit_age_s\":%.3f,\"commit_ms\":%.3f",
        (unsigned long long)totals.keys, (unsigned long long)totals.state_bytes,
        (unsigned long long)status->commits, (unsigned long long)status->delivered_commits,
        (long long)status->commit_clock_ms,
        status->commits ? (double)(status->now_ms - status->commit_clock_ms) / 1000 : 0.0,
        (double)status->commit_duration_ns / 1e6);
    if (totals.has_watermark) {
        buf_printf(out, ",\"watermark_ms\":%lld,\"watermark_lag_s\":%.3f,\"watermark_holder\":\"",
                   (long long)totals.watermark_ms,
                   (double)(status->now_ms - totals.watermark_ms) / 1000);
        buf_append_json(out, str_of(totals.holder));
        buf_append_char(out, '"');
    }
    char problem[200];
    writer_problem(status->writer, problem, sizeof problem);
    buf_append(out, STR(",\"problem\":\""));
    buf_append_json(out, str_of(problem));
    buf_append(out, STR("\",\"sources\":["));
    for (uint32_t s = 0; s < status->plan->scan_count; s++) {
        if (s) buf_append_char(out, ',');
        json_scan(out, status, s);
    }
    buf_append(out, STR("],\"sinks\":["));
    for (uint32_t s = 0; s < status->plan->sink_count; s++) {
        if (s) buf_append_char(out, ',');
        json_sink(out, status, s);
    }
    buf_append(out, STR("]}\n"));
}

static void metric_head(struct buf *out, const char *name, const char *type, const char *help) {
    buf_printf(out, "# HELP decant_%s %s\n# TYPE decant_%s %s\n", name, help, name, type);
}

static void metric_name(struct buf *out, const char *name, const char *label, struct str value) {
    buf_printf(out, "decant_%s{%s=\"", name, label);
    buf_append_json(out, value); /* the same escapes for quote, backslash and line feed */
    buf_append(out, STR("\"} "));
}

/* One figure of every scan or sink. */
#define METRIC_PER(count, name, type, help, label, label_value, format, figure)                    \
    metric_head(out, name, type, help);                                                            \
    for (uint32_t i = 0; i < (count); i++) {                                                       \
        metric_name(out, name, label, label_value);                                                \
        buf_printf(out, format "\n", figure);                                                      \
    }

static void scan_metrics(struct buf *out, const struct job_status *status) {
    const struct plan *plan = status->plan;
    METRIC_PER(plan->scan_count, "records_in_total", "counter", "Records read from a source.",
               "table", plan->scans[i]->scan.table->name, "%llu",
               (unsigned long long)task_scan_counters(status->task, i).records)
    METRIC_PER(plan->scan_count, "bytes_in_total", "counter", "Key and value bytes read.", "table",
               plan->scans[i]->scan.table->name, "%llu",
               (unsigned long long)task_scan_counters(status->task, i).bytes)
    METRIC_PER(plan->scan_count, "consumer_lag_records", "gauge",
               "Records behind the newest offset.", "table", plan->scans[i]->scan.table->name,
               "%lld", (long long)source_lag(status->sources[i]))
    METRIC_PER(plan->scan_count, "watermark_timestamp_seconds", "gauge", "Watermark of a source.",
               "table", plan->scans[i]->scan.table->name, "%.3f",
               (double)graph_watermark(task_graph(status->task), i).watermark_ms / 1000)
    metric_head(out, "records_dropped_total", "counter", "Records dropped by the table's policy.");
    for (uint32_t i = 0; i < plan->scan_count; i++) {
        struct scan_counters counters = task_scan_counters(status->task, i);
        for (unsigned reason = 0; reason < BAD_REASON_COUNT; reason++) {
            buf_append(out, STR("decant_records_dropped_total{table=\""));
            buf_append_json(out, plan->scans[i]->scan.table->name);
            buf_printf(out, "\",reason=\"%s\"} %llu\n", bad_reason_name((enum bad_reason)reason),
                       (unsigned long long)counters.bad[reason]);
        }
    }
}

static void sink_metrics(struct buf *out, const struct job_status *status) {
    const struct plan *plan = status->plan;
    METRIC_PER(plan->sink_count, "records_out_total", "counter", "Upserts written to a sink.",
               "table", plan->sinks[i]->sink.table->name, "%llu",
               (unsigned long long)task_sink_counters(status->task, i).upserts)
    METRIC_PER(plan->sink_count, "rows_late_total", "counter", "Rows too late for their window.",
               "table", plan->sinks[i]->sink.table->name, "%llu",
               (unsigned long long)task_sink_counters(status->task, i).rows.late)
    METRIC_PER(plan->sink_count, "rows_duplicate_total", "counter",
               "Rows dropped by deduplication.", "table", plan->sinks[i]->sink.table->name, "%llu",
               (unsigned long long)task_sink_counters(status->task, i).rows.duplicate)
    METRIC_PER(plan->sink_count, "rows_filtered_total", "counter", "Rows that a condition removed.",
               "table", plan->sinks[i]->sink.table->name, "%llu",
               (unsigned long long)task_sink_counters(status->task, i).rows.filtered)
}
#undef METRIC_PER

void status_metrics(struct buf *out, const struct job_status *status) {
    struct totals totals = add_up(status);
    metric_head(out, "build_info", "gauge", "Version of the program.");
    buf_append(out, STR("decant_build_info{version=\"" DECANT_VERSION "\"} 1\n"));
    metric_head(out, "ready", "gauge", "1 while the job is ready.");
    buf_printf(out, "decant_ready %d\n", status->ready);
    scan_metrics(out, status);
    sink_metrics(out, status);
    metric_head(out, "state_keys", "gauge", "Entries in all state tables.");
    buf_printf(out, "decant_state_keys %llu\n", (unsigned long long)totals.keys);
    metric_head(out, "state_bytes", "gauge", "Bytes of all state tables.");
    buf_printf(out, "decant_state_bytes %llu\n", (unsigned long long)totals.state_bytes);
    metric_head(out, "commits_total", "counter", "Commits of the task.");
    buf_printf(out, "decant_commits_total %llu\n", (unsigned long long)status->commits);
    metric_head(out, "commit_duration_seconds", "gauge", "Duration of the last commit.");
    buf_printf(out, "decant_commit_duration_seconds %.6f\n",
               (double)status->commit_duration_ns / 1e9);
    metric_head(out, "commit_age_seconds", "gauge", "Time since the last commit.");
    buf_printf(out, "decant_commit_age_seconds %.3f\n",
               status->commits ? (double)(status->now_ms - status->commit_clock_ms) / 1000 : 0.0);
}
