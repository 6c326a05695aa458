/* SPDX-License-Identifier: Apache-2.0 */
#include "generator/run.h"

#include <math.h>

#include "generator/delays.h"

enum {
    BURST = 64,          /* records between two looks at the clock */
    WAIT_MAX_MS = 100,   /* so that signals and progress are served */
    FOR_GRACE_MS = 1000, /* how far --for may be overrun to send what was due in time */
};

struct run {
    struct stream *stream;
    struct output *output;
    const struct run_settings *settings;
    struct run_report *report;
    struct delays delays;
    int64_t started_ns, now_ns, progress_ns; /* now and progress count from the start */
    struct event event;                      /* the next one to go out */
    int64_t due_ns;
};

static void read_clock(struct run *run) {
    const struct clock *clock = &run->settings->clock;
    run->now_ns = clock->mono_ns(clock->self) - run->started_ns;
}

/* Takes back that the drawn event was sent. */
static void uncount(struct run *run) {
    run->stream->counts.records--;
    run->stream->counts.fault[run->event.fault]--;
    run->stream->counts.defect[run->event.defect]--;
}

/* Draws the next event; false at the end of the stream or of the time asked for. */
static bool take_next(struct run *run) {
    const struct run_settings *settings = run->settings;
    int64_t for_ns = settings->for_ms * 1000000;
    bool paced = isfinite(settings->rate);
    if (for_ns && run->now_ns >= for_ns + (paced ? FOR_GRACE_MS * INT64_C(1000000) : 0))
        return false;
    double due_ms;
    if (!stream_next(run->stream, &run->event, &due_ms)) return false;
    run->due_ns = paced ? (int64_t)fmin(due_ms * 1e6 / settings->speed, 9e18) : run->now_ns;
    if (!for_ns || run->due_ns < for_ns) return true;
    uncount(run);
    return false;
}

static bool send_one(struct run *run, struct error *err) {
    struct record record;
    stream_render(run->stream, &run->event, &record);
    if (!run->output->write(run->output, &record, err)) {
        uncount(run);
        return false;
    }
    run->report->bytes += record.key.len + record.value.len;
    if (isfinite(run->settings->rate)) delays_add(&run->delays, run->now_ns - run->due_ns);
    return true;
}

static void fill_report(struct run *run) {
    struct run_report *report = run->report;
    report->counts = run->stream->counts;
    report->seconds = (double)run->now_ns / 1e9;
    report->asked = run->settings->rate;
    report->reached = report->seconds > 0 ? (double)report->counts.records / report->seconds : 0;
    report->delay_p50_us = delays_us(&run->delays, 0.50);
    report->delay_p99_us = delays_us(&run->delays, 0.99);
    int64_t behind_ns = run->now_ns - run->due_ns;
    report->behind_ms = behind_ns > 0 ? behind_ns / 1000000 : 0;
}

static void show_progress(struct run *run) {
    if (!run->settings->progress || run->now_ns - run->progress_ns < 1000000000) return;
    run->progress_ns = run->now_ns;
    fill_report(run);
    run->settings->progress(run->settings->self, run->report);
}

static int wait_ms(const struct run *run) {
    int64_t ns = run->due_ns - run->now_ns;
    if (ns <= 0) return 0;
    return ns > WAIT_MAX_MS * INT64_C(1000000) ? WAIT_MAX_MS : (int)((ns + 999999) / 1000000);
}

/* Open loop: what is due goes out at once, in bursts; what is not due is waited for. */
static bool send_all(struct run *run, struct error *err) {
    bool more = take_next(run);
    while (more && !*run->settings->stop && !run->output->closed) {
        for (int i = 0; i < BURST && more && run->due_ns <= run->now_ns; i++) {
            if (!send_one(run, err)) return false;
            more = take_next(run);
        }
        if (!run->output->wait(run->output, more ? wait_ms(run) : 0, err)) return false;
        read_clock(run);
        show_progress(run);
    }
    run->report->stopped = more;
    if (more) uncount(run);
    return true;
}

bool generator_run(struct stream *stream, struct output *output,
                   const struct run_settings *settings, struct run_report *report,
                   struct error *err) {
    struct run run = {.stream = stream, .output = output, .settings = settings, .report = report};
    *report = (struct run_report){0};
    run.started_ns = settings->clock.mono_ns(settings->clock.self);
    bool sent = send_all(&run, err);
    read_clock(&run);
    fill_report(&run);
    bool finished =
        output->finish(output, settings->drain_ms, &report->delivery, sent ? err : NULL);
    read_clock(&run);
    report->drain_seconds = (double)run.now_ns / 1e9 - report->seconds;
    return finished && sent;
}
