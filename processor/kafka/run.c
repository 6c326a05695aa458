/* SPDX-License-Identifier: Apache-2.0 */
#include "kafka/run.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fatal.h"
#include "common/log.h"
#include "kafka/status.h"

enum {
    DRAIN_RECORDS = 1024, /* of one partition per turn: one batch */
    SERVE_EVERY_MS = 100, /* callbacks of consumers and producers */
    STATUS_EVERY_MS = 1000,
    LOG_EVERY_MS = 10000,
    WAIT_MS = 50, /* for records when there are none */
    COMMITS_KEPT = 1024,
};

/* Offsets of a commit that wait for its rows to be acknowledged; only then do lag tools see them. */
struct pending_offsets {
    uint64_t group;
    struct commit commit;
    int64_t *next; /* all partitions of all scans, in order */
};

struct job {
    const struct run_options *options;
    const struct plan *plan;
    struct arena arena;
    struct source **sources;
    struct writer *writer;
    struct task *task;
    struct ops *ops;
    int wake[2];         /* pipe: librdkafka writes when a queue fills up */
    uint32_t partitions; /* of all scans */
    struct pending_offsets pending[COMMITS_KEPT];
    uint64_t pending_first, pending_end; /* ring positions */
    uint64_t commits;
    uint64_t delivered; /* newest group of rows that is acknowledged as a whole */
    struct commit last_commit;
    int64_t now_ms, started_ms, next_commit_ns, next_serve_ns, next_status_ns, next_log_ns;
    uint64_t status_records, status_upserts; /* at the last status */
    int64_t status_ns;
    double records_per_s, upserts_per_s;
    const char *state;
};

/* --- start and end --- */

static bool open_sources(struct job *job, struct error *err) {
    const struct run_options *options = job->options;
    for (uint32_t s = 0; s < job->plan->scan_count; s++) {
        struct source_options source = {.table = job->plan->scans[s]->scan.table,
                                        .bounded = options->until_end,
                                        .wait_ms = options->wait_ms,
                                        .wake_fd = job->wake[1]};
        consumer_settings(source.table, options->overrides, options->override_count, &job->arena,
                          &source.settings);
        if (!source_open(&source, &job->sources[s], err)) return false;
        job->partitions += source_partitions(job->sources[s]);
    }
    return true;
}

static bool on_upsert(void *self, const struct upsert *upsert, struct error *err) {
    return writer_upsert(self, upsert, err);
}

static bool on_dead_letter(void *self, const struct plan_node *scan, const struct record *record,
                           const struct bad_record *bad, struct error *err) {
    return writer_dead_letter(self, scan, record, bad, err);
}

static bool open_task(struct job *job, struct error *err) {
    struct task_config config = {.plan = job->plan};
    uint32_t *partitions = ARENA_NEW(&job->arena, job->plan->scan_count, uint32_t);
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        partitions[s] = source_partitions(job->sources[s]);
    config.partitions = partitions;
    config.output = (struct task_output){.upsert = on_upsert, .self = job->writer};
    if (job->plan->settings.dead_letter_topic.len) config.output.dead_letter = on_dead_letter;
    return writer_version_floor(job->writer, &config.version_floor, err) &&
           task_new(&config, &job->task, err);
}

static bool open_pipe(struct job *job, struct error *err) {
    if (pipe(job->wake) != 0) {
        job->wake[0] = job->wake[1] = -1;
        return error_set(err, ERROR_STOP, "E0802", "no pipe could be opened: too many open files");
    }
    for (int i = 0; i < 2; i++) {
        fcntl(job->wake[i], F_SETFL, O_NONBLOCK);
        fcntl(job->wake[i], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

static bool open_job(struct job *job, struct error *err) {
    struct writer_options writer = {job->plan, job->options->overrides,
                                    job->options->override_count, job->options->wait_ms};
    job->sources = ARENA_NEW(&job->arena, job->plan->scan_count, struct source *);
    if (!open_pipe(job, err) || !ops_start(job->options->ops, &job->ops, err) ||
        !writer_open(&writer, &job->writer, err) || !open_sources(job, err) || !open_task(job, err))
        return false;
    for (uint32_t i = 0; i < COMMITS_KEPT; i++)
        job->pending[i].next = ARENA_NEW(&job->arena, job->partitions, int64_t);
    return true;
}

static void close_job(struct job *job) {
    ops_stop(job->ops);
    task_free(job->task);
    for (uint32_t s = 0; job->sources && s < job->plan->scan_count; s++)
        source_close(job->sources[s]);
    writer_close(job->writer);
    for (int i = 0; i < 2; i++)
        if (job->wake[i] >= 0) close(job->wake[i]);
    arena_release(&job->arena);
}

/* --- status --- */

/* Commits of which every row is acknowledged. */
static uint64_t delivered_commits(const struct job *job) {
    if (job->pending_first == job->pending_end) return job->commits;
    return job->pending[job->pending_first % COMMITS_KEPT].commit.sequence - 1;
}

static struct job_status status_of(struct job *job) {
    return (struct job_status){
        .plan = job->plan,
        .task = job->task,
        .sources = job->sources,
        .writer = job->writer,
        .state = job->state,
        .ready = str_eq(str_of(job->state), STR("running")) && job->commits > 0,
        .now_ms = job->now_ms,
        .started_ms = job->started_ms,
        .commits = job->commits,
        .commit_clock_ms = job->last_commit.clock_ms,
        .commit_duration_ns = job->last_commit.duration_ns,
        .delivered_commits = delivered_commits(job),
        .records_per_s = job->records_per_s,
        .upserts_per_s = job->upserts_per_s,
    };
}

static uint64_t records_read(const struct job *job) {
    uint64_t records = 0;
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        records += task_scan_counters(job->task, s).records;
    return records;
}

static uint64_t upserts_written(const struct job *job) {
    uint64_t upserts = 0;
    for (uint32_t s = 0; s < job->plan->sink_count; s++)
        upserts += task_sink_counters(job->task, s).upserts;
    return upserts;
}

static void show_status(struct job *job, int64_t now_ns) {
    uint64_t records = records_read(job), upserts = upserts_written(job);
    double seconds = (double)(now_ns - job->status_ns) / 1e9;
    if (job->status_ns && seconds > 0) {
        job->records_per_s = (double)(records - job->status_records) / seconds;
        job->upserts_per_s = (double)(upserts - job->status_upserts) / seconds;
    }
    job->status_records = records;
    job->status_upserts = upserts;
    job->status_ns = now_ns;
    struct job_status status = status_of(job);
    ops_publish(job->ops, &status);
    struct buf line;
    buf_init(&line, 1024);
    status_line(&line, &status);
    if (log_is_terminal()) {
        log_status_line(buf_str(&line));
    } else if (now_ns >= job->next_log_ns) {
        log_event(LOG_INFO, "run", "status", "line=\"" STR_FMT "\"", STR_ARG(buf_str(&line)));
        job->next_log_ns = now_ns + (int64_t)LOG_EVERY_MS * 1000000;
    }
    buf_release(&line);
}

/* --- the loop --- */

/* What source_drain hands records to. */
struct feed {
    struct job *job;
    uint32_t scan;
};

static bool on_record(void *self, uint32_t partition, const struct record *record,
                      struct error *err) {
    const struct feed *feed = self;
    return task_record(feed->job->task, feed->scan, partition, record, feed->job->now_ms, err);
}

/* One turn: a batch from each partition of each source. */
static bool drain_all(struct job *job, uint64_t *drained, struct error *err) {
    *drained = 0;
    job->now_ms = clock_real_ms();
    for (uint32_t s = 0; s < job->plan->scan_count; s++) {
        struct feed feed = {job, s};
        for (uint32_t p = 0; p < source_partitions(job->sources[s]); p++) {
            uint32_t count;
            if (!source_drain(job->sources[s], p, DRAIN_RECORDS, on_record, &feed, &count, err))
                return false;
            *drained += count;
        }
    }
    return true;
}

/* Worth telling the group: other offsets, new rows, or a commit that is settled when the last one was not. */
static bool offsets_changed(const struct job *job, const struct pending_offsets *now) {
    if (job->pending_end == 0) return true;
    const struct pending_offsets *last = &job->pending[(job->pending_end - 1) % COMMITS_KEPT];
    return now->commit.upserts > 0 || now->commit.settled != last->commit.settled ||
           memcmp(now->next, last->next, job->partitions * sizeof *now->next) != 0;
}

static void remember_offsets(struct job *job, uint64_t group) {
    if (job->pending_end - job->pending_first == COMMITS_KEPT - 1)
        job->pending_first++; /* superseded anyway */
    struct pending_offsets *pending = &job->pending[job->pending_end % COMMITS_KEPT];
    pending->group = group;
    pending->commit = job->last_commit;
    uint32_t at = 0;
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        for (uint32_t p = 0; p < source_partitions(job->sources[s]); p++)
            pending->next[at++] = task_next_offset(job->task, s, p);
    if (offsets_changed(job, pending)) job->pending_end++;
}

/* Commits to the group the newest offsets whose rows are all acknowledged. */
static void commit_offsets(struct job *job, bool wait) {
    struct pending_offsets *newest = NULL;
    while (job->pending_first < job->pending_end &&
           job->pending[job->pending_first % COMMITS_KEPT].group <= job->delivered)
        newest = &job->pending[job->pending_first++ % COMMITS_KEPT];
    if (!newest) return;
    uint32_t at = 0;
    for (uint32_t s = 0; s < job->plan->scan_count; s++) {
        source_commit_offsets(job->sources[s], newest->next + at, &newest->commit, wait);
        at += source_partitions(job->sources[s]);
    }
}

static bool commit(struct job *job, struct error *err) {
    int64_t start_ns = clock_mono_ns();
    job->now_ms = clock_real_ms();
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        for (uint32_t p = 0; p < source_partitions(job->sources[s]); p++)
            task_idle(job->task, s, p, source_at_end(job->sources[s], p), job->now_ms);
    if (!task_commit(job->task, job->now_ms, &job->last_commit, err)) return false;
    job->last_commit.duration_ns = clock_mono_ns() - start_ns;
    job->commits++;
    remember_offsets(job, writer_seal(job->writer));
    return true;
}

static bool serve(struct job *job, struct error *err) {
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        source_serve(job->sources[s]);
    return writer_serve(job->writer, &job->delivered, err);
}

static void wait_for_records(struct job *job) {
    struct pollfd poll_fd = {.fd = job->wake[0], .events = POLLIN};
    char bytes[256];
    if (poll(&poll_fd, 1, WAIT_MS) > 0)
        while (read(job->wake[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes)
            continue;
}

static bool all_finished(const struct job *job) {
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        if (!source_finished(job->sources[s])) return false;
    return true;
}

/* What is due by the clock: callbacks, a commit, the status. */
static bool timers(struct job *job, struct error *err) {
    int64_t now_ns = clock_mono_ns();
    if (now_ns >= job->next_serve_ns) {
        job->next_serve_ns = now_ns + (int64_t)SERVE_EVERY_MS * 1000000;
        if (!serve(job, err)) return false;
        commit_offsets(job, false);
    }
    if (now_ns >= job->next_commit_ns) {
        if (!commit(job, err)) return false;
        job->next_commit_ns = now_ns + job->plan->settings.commit_interval_ms * 1000000;
    }
    if (now_ns >= job->next_status_ns) {
        show_status(job, now_ns);
        job->next_status_ns = now_ns + (int64_t)STATUS_EVERY_MS * 1000000;
    }
    return true;
}

static bool loop(struct job *job, struct error *err) {
    job->state = "running";
    job->next_commit_ns = clock_mono_ns() + job->plan->settings.commit_interval_ms * 1000000;
    volatile sig_atomic_t *stop = job->options->take_signals();
    writer_heed(job->writer, stop, job->options->drain_ms);
    while (!*stop) {
        uint64_t drained;
        if (!drain_all(job, &drained, err) || !timers(job, err)) return false;
        if (drained) continue;
        if (all_finished(job)) return task_finish(job->task, job->now_ms, err);
        wait_for_records(job);
    }
    return true;
}

/* The last commit, and the wait until all its rows are acknowledged. */
static bool finish(struct job *job, struct error *err) {
    job->state = "draining";
    show_status(job, clock_mono_ns());
    if (!commit(job, err) || !writer_flush(job->writer, job->options->drain_ms, err) ||
        !serve(job, err))
        return false;
    commit_offsets(job, true);
    return true;
}

static void announce(struct job *job) {
    for (uint32_t s = 0; s < job->plan->scan_count; s++)
        log_event(LOG_INFO, "run", "source",
                  "table=" STR_FMT " topic=" STR_FMT " partitions=%u records_to_read=%lld",
                  STR_ARG(job->plan->scans[s]->scan.table->name),
                  STR_ARG(job->plan->scans[s]->scan.table->kafka.topic),
                  source_partitions(job->sources[s]), (long long)source_lag(job->sources[s]));
    log_event(LOG_INFO, "run", "ready", "sinks=%u start_ms=%lld", job->plan->sink_count,
              (long long)(clock_real_ms() - job->started_ms));
}

bool run_job(const struct run_options *options, struct run_summary *summary, struct error *err) {
    struct job *job = memory_new(1, sizeof *job);
    job->options = options;
    job->plan = options->plan;
    job->state = "starting";
    job->wake[0] = job->wake[1] = -1;
    job->now_ms = job->started_ms = clock_real_ms();
    *summary = (struct run_summary){0};
    bool ok = open_job(job, err);
    if (ok) {
        announce(job);
        int64_t loop_ns = clock_mono_ns();
        ok = loop(job, err) && finish(job, err);
        summary->read_ms = (clock_mono_ns() - loop_ns) / 1000000;
        log_status_line(STR(""));
        struct buf text;
        buf_init(&text, 1 << 20);
        task_reconciliation(&text, job->task);
        struct str rest = buf_str(&text);
        for (bool more = rest.len > 0; more;) {
            struct str line = str_split(rest, '\n', &rest, &more);
            if (line.len)
                log_event(LOG_INFO, "run", "reconciled", "line=\"" STR_FMT "\"", STR_ARG(line));
        }
        buf_release(&text);
        summary->records = records_read(job);
        summary->upserts = upserts_written(job);
        summary->commits = job->commits;
    }
    summary->wall_ms = clock_real_ms() - job->started_ms;
    close_job(job);
    free(job);
    return ok;
}
