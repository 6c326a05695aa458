/* SPDX-License-Identifier: Apache-2.0 */
/* What a run tells: one line for people, faults on a second, and the same as JSON. */
#include <math.h>

#include "generator/run.h"

enum { TOO_SLOW_US = 1000000 };

/* 284 MB, 12 kB */
static void put_bytes(struct buf *out, uint64_t bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1000 && unit + 1 < ARRAY_LEN(units); unit++)
        value /= 1000;
    buf_printf(out, value < 10 && unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void put_rate(struct buf *out, double rate) {
    if (isinf(rate)) {
        buf_append(out, STR("max"));
        return;
    }
    if (rate < 10)
        buf_printf(out, "%.3g", rate);
    else
        buf_append_grouped(out, (int64_t)rate);
    buf_append(out, STR("/s"));
}

static void put_delay(struct buf *out, uint64_t us) {
    if (us < 1000)
        buf_printf(out, "%u us", (unsigned)us);
    else if (us < 10000000)
        buf_printf(out, "%.1f ms", (double)us / 1000);
    else
        buf_printf(out, "%.1f s", (double)us / 1e6);
}

static void put_counted(struct buf *out, uint64_t count, const char *what) {
    buf_append_grouped(out, (int64_t)count);
    buf_printf(out, " %s", what);
}

static void put_faults(struct buf *out, const struct stream_counts *counts) {
    const char *separator = "faults: ";
    for (uint32_t fault = FAULT_NONE + 1; fault < FAULTS; fault++) {
        if (!counts->fault[fault]) continue;
        buf_printf(out, "%s%s ", separator, fault_name((enum fault)fault));
        buf_append_grouped(out, (int64_t)counts->fault[fault]);
        separator = ", ";
    }
    if (counts->early) {
        buf_append(out, STR("; at the end of the stream "));
        put_counted(out, counts->early, "came before their time");
    }
    if (separator[0] == ',') buf_append_char(out, '\n');
}

void report_text(const struct run_report *report, struct buf *out) {
    put_counted(out, report->counts.records, "events, ");
    put_bytes(out, report->bytes);
    buf_printf(out, " in %.1f s: ", report->seconds);
    put_rate(out, report->asked);
    buf_append(out, STR(" asked, "));
    put_rate(out, report->reached);
    buf_append(out, STR(" sent; "));
    if (isfinite(report->asked)) {
        buf_append(out, STR("schedule delay p50 "));
        put_delay(out, report->delay_p50_us);
        buf_append(out, STR(", p99 "));
        put_delay(out, report->delay_p99_us);
        buf_append(out, STR("; "));
    }
    if (report->drain_seconds >= 0.1) buf_printf(out, "drained in %.1f s; ", report->drain_seconds);
    put_counted(out, report->delivery.acknowledged, "acknowledged, ");
    put_counted(out, report->delivery.failed, "failed");
    if (report->delivery.outstanding) {
        buf_append(out, STR(", "));
        put_counted(out, report->delivery.outstanding, "without an answer");
    }
    buf_append_char(out, '\n');
    put_faults(out, &report->counts);
    if (isfinite(report->asked) && report->delay_p99_us >= TOO_SLOW_US)
        buf_printf(out, "too slow: the last record left %.1f s after it was due\n",
                   (double)report->behind_ms / 1000);
}

void report_progress(const struct run_report *report, struct buf *out) {
    put_counted(out, report->counts.records, "events  ");
    put_rate(out, report->reached);
    if (isfinite(report->asked))
        buf_printf(out, "  behind %.1f s", (double)report->behind_ms / 1000);
}

void report_json(const struct run_report *report, struct str scenario, uint64_t seed,
                 struct buf *out) {
    const struct stream_counts *counts = &report->counts;
    buf_printf(out, "{\"schema\":\"decant.generate/1\",\"scenario\":\"" STR_FMT "\",\"seed\":%llu",
               STR_ARG(scenario), (unsigned long long)seed);
    buf_printf(out, ",\"events\":%llu,\"size_bytes\":%llu,\"duration_s\":%.3f,\"drain_s\":%.3f",
               (unsigned long long)counts->records, (unsigned long long)report->bytes,
               report->seconds, report->drain_seconds);
    if (isfinite(report->asked)) {
        buf_printf(out, ",\"asked_per_s\":%.3f", report->asked);
        buf_printf(out, ",\"delay_p50_us\":%llu,\"delay_p99_us\":%llu",
                   (unsigned long long)report->delay_p50_us,
                   (unsigned long long)report->delay_p99_us);
    } else {
        buf_append(out, STR(",\"asked_per_s\":null"));
    }
    buf_printf(out, ",\"reached_per_s\":%.3f", report->reached);
    buf_printf(out, ",\"acknowledged\":%llu,\"failed\":%llu,\"outstanding\":%llu,\"stopped\":%s",
               (unsigned long long)report->delivery.acknowledged,
               (unsigned long long)report->delivery.failed,
               (unsigned long long)report->delivery.outstanding,
               report->stopped ? "true" : "false");
    buf_append(out, STR(",\"faults\":{"));
    for (uint32_t fault = FAULT_NONE + 1; fault < FAULTS; fault++)
        buf_printf(out, "%s\"%s\":%llu", fault > 1 ? "," : "", fault_name((enum fault)fault),
                   (unsigned long long)counts->fault[fault]);
    buf_append(out, STR("},\"defects\":{"));
    for (uint32_t defect = DEFECT_NONE + 1; defect < DEFECTS; defect++)
        buf_printf(out, "%s\"%s\":%llu", defect > 1 ? "," : "", defect_name((enum defect)defect),
                   (unsigned long long)counts->defect[defect]);
    buf_printf(out, "},\"early\":%llu}\n", (unsigned long long)counts->early);
}
