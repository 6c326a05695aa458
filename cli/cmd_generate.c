/* SPDX-License-Identifier: Apache-2.0 */
/* `decant generate`: invents the events of a scenario and sends them on schedule.
 *
 * Event time has two modes. Live, without --start: event 0 is now, and event time passes as real
 * time does, so --rate is also the rate of event time. A data set, with --start: event time
 * passes at --event-rate (1,000 events per second) whatever the rate of sending, so that the
 * same flags give the same bytes as slowly or as fast as they are sent. */
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/support.h"
#include "common/clock.h"
#include "common/log.h"
#include "generator/produce.h"
#include "generator/run.h"

struct settings {
    double rate, event_rate, skew;
    double late, too_late, duplicates, out_of_order, nulls, bad, hostile; /* percent */
    int64_t count, for_ms, seed, users, partitions, wait_ms, drain_ms;
    const char *start, *season, *late_by, *to, *topic;
    struct option_list properties;
    bool values_only, json;
};

#define PERCENT_ROW(field, name, help)                                                             \
    OPTION_ROW(struct settings, field, name, 0, OPTION_NUMBER, "PCT", "0", 0, 100, help)

static const struct option table[] = {
    OPTION_ROW(struct settings, rate, "rate", 0, OPTION_RATE, "N/s", "1k/s", 0, 0,
               "records per second, or max"),
    OPTION_ROW(struct settings, count, "count", 'n', OPTION_INTEGER, "N", NULL, 1, 9e18,
               "stop after N records, duplicates included"),
    OPTION_ROW(struct settings, for_ms, "for", 0, OPTION_DURATION, "DUR", NULL, 1, 9e12,
               "stop after this time"),
    OPTION_ROW(struct settings, seed, "seed", 0, OPTION_INTEGER, "N", "1", 0, 9e18,
               "the same seed and flags give the same bytes"),
    OPTION_ROW(struct settings, start, "start", 0, OPTION_TEXT, "TIME", "now", 0, 0,
               "event time of the first event, 2026-01-01T00:00:00 (UTC)"),
    OPTION_ROW(struct settings, event_rate, "event-rate", 0, OPTION_RATE, "N/s", NULL, 0, 0,
               "events per second of event time; --rate, or 1k/s with --start or max"),
    OPTION_ROW(struct settings, season, "season", 0, OPTION_TEXT, "on|off", "off", 0, 0,
               "let the rate follow the hour and the weekend"),
    OPTION_ROW(struct settings, users, "users", 0, OPTION_INTEGER, "N", "100000", 1, 10000000,
               "how many users there are"),
    OPTION_ROW(struct settings, skew, "skew", 0, OPTION_NUMBER, "S", "1.0", 0, 4,
               "Zipf exponent of the products"),
    PERCENT_ROW(duplicates, "duplicates", "sent again, 1 to 1,000 events later"),
    PERCENT_ROW(out_of_order, "out-of-order", "held back 1 to 4 s of event time"),
    PERCENT_ROW(late, "late", "held back for --late-by"),
    OPTION_ROW(struct settings, late_by, "late-by", 0, OPTION_TEXT, "FROM..TO", "30s..5m", 0, 0,
               "how long late events are held back, in event time"),
    PERCENT_ROW(too_late, "too-late", "held back 20 to 60 minutes of event time"),
    PERCENT_ROW(nulls, "nulls", "one field null or missing, in turn"),
    PERCENT_ROW(bad, "bad", "malformed in nine ways, in turn"),
    PERCENT_ROW(hostile, "hostile", "1 MB strings, NUL, year 9999, null and long keys, in turn"),
    OPTION_ROW(struct settings, to, "to", 0, OPTION_TEXT, "WHERE", "kafka", 0, 0,
               "kafka, stdout, null, or a file: lines of KEY <tab> VALUE"),
    OPTION_ROW(struct settings, values_only, "values-only", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "lines without the key"),
    OPTION_ROW(struct settings, topic, "topic", 't', OPTION_TEXT, "NAME", NULL, 0, 0,
               "topic; shop writes raw-events"),
    OPTION_ROW(struct settings, partitions, "partitions", 0, OPTION_INTEGER, "N", "4", 1, 10000,
               "of the topic, if it does not exist yet"),
    OPTION_ROW(struct settings, properties, "property", 'X', OPTION_LIST, "KEY=VALUE", NULL, 0, 0,
               "Kafka client property, e.g. bootstrap.servers=HOST:PORT; may be repeated"),
    OPTION_ROW(struct settings, wait_ms, "wait", 0, OPTION_DURATION, "DUR", "30s", 0, 86400000,
               "how long to look for a broker at the start"),
    OPTION_ROW(struct settings, drain_ms, "drain", 0, OPTION_DURATION, "DUR", "30s", 0, 86400000,
               "how long to wait for the last acknowledgements"),
    OPTION_ROW(struct settings, json, "json", 0, OPTION_FLAG, NULL, NULL, 0, 0,
               "print the summary as JSON"),
};

static const struct command_help help = {
    .verb = "generate",
    .synopsis = "shop [--flags]",
    .summary = "invents events, the same ones for the same seed, and sends them on schedule",
    .example =
        "decant generate shop --rate 50k/s --count 1000000 --late 1 --duplicates 2 --bad 0.1\n"
        "decant generate shop --start 2026-01-01T00:00:00 --rate max -n 1000 --to stdout",
};

static bool bad_value(struct error *err, const char *flag, const char *value, const char *wanted) {
    error_set(err, ERROR_USER, "E0402", "'%s' does not fit; wanted is %s", value, wanted);
    return error_place(err, "%s", flag);
}

static bool parse_late_by(const char *text, struct fault_settings *faults, struct error *err) {
    struct str s = str_of(text);
    size_t at;
    if (str_find(s, STR(".."), &at) && parse_duration_ms(str_sub(s, 0, at), &faults->late_min_ms) &&
        parse_duration_ms(str_from(s, at + 2), &faults->late_max_ms) && faults->late_min_ms > 0 &&
        faults->late_min_ms <= faults->late_max_ms && faults->late_max_ms <= 86400000)
        return true;
    return bad_value(err, "--late-by", text, "two durations up to a day, for example 30s..5m");
}

static bool set_faults(const struct settings *settings, struct fault_settings *faults,
                       struct error *err) {
    *faults = (struct fault_settings){.percent = {
                                          [FAULT_DUPLICATE] = settings->duplicates,
                                          [FAULT_OUT_OF_ORDER] = settings->out_of_order,
                                          [FAULT_LATE] = settings->late,
                                          [FAULT_TOO_LATE] = settings->too_late,
                                          [FAULT_NULLS] = settings->nulls,
                                          [FAULT_BAD] = settings->bad,
                                          [FAULT_HOSTILE] = settings->hostile,
                                      }};
    double sum = 0;
    for (uint32_t fault = 0; fault < FAULTS; fault++)
        sum += faults->percent[fault];
    if (sum > 100)
        return error_set(err, ERROR_USER, "E0402",
                         "the faults add up to %g percent; an event gets at most one of them", sum);
    return parse_late_by(settings->late_by, faults, err);
}

static bool is_live(const struct settings *settings) {
    return str_eq(str_of(settings->start), STR("now"));
}

static bool set_start(const struct settings *settings, struct stream_settings *stream,
                      struct error *err) {
    return is_live(settings) || parse_instant_ms(str_of(settings->start), &stream->start_ms) ||
           bad_value(err, "--start", settings->start, "now, or a time like 2026-01-01T00:00:00");
}

static bool set_event_rate(const struct settings *settings, double *event_rate, struct error *err) {
    bool live = is_live(settings) && isfinite(settings->rate);
    *event_rate = settings->event_rate > 0 ? settings->event_rate : live ? settings->rate : 1000;
    if (*event_rate >= 0.001 && *event_rate <= 1e9) return true;
    return error_set(err, ERROR_USER, "E0402", "--event-rate must lie between 0.001/s and 1000M/s");
}

static bool set_stream(const struct settings *settings, const struct scenario *scenario,
                       struct stream_settings *stream, struct error *err) {
    *stream = (struct stream_settings){.scenario = scenario, .count = (uint64_t)settings->count};
    struct scenario_settings *inner = &stream->scenario_settings;
    *inner = (struct scenario_settings){
        .seed = (uint64_t)settings->seed, .users = settings->users, .skew = settings->skew};
    stream->season = str_eq(str_of(settings->season), STR("on"));
    if (!stream->season && !str_eq(str_of(settings->season), STR("off")))
        return bad_value(err, "--season", settings->season, "on or off");
    return set_start(settings, stream, err) &&
           set_event_rate(settings, &inner->events_per_second, err) &&
           set_faults(settings, &stream->faults, err);
}

static bool find_scenario(const struct option_list *positional, const struct scenario **out,
                          struct error *err) {
    size_t count;
    const char *const *names = scenario_names(&count);
    if (positional->count != 1)
        return error_set(err, ERROR_USER, "E0400", "generate needs one scenario, for example: %s",
                         names[0]);
    struct str given = str_of(positional->items[0]);
    *out = scenario_find(given);
    if (*out) return true;
    const char *near = nearest_name(given, names, count);
    error_set(err, ERROR_USER, "E0400", "there is no scenario '" STR_FMT "'", STR_ARG(given));
    return error_help(err, near ? "did you mean %s?" : "for example: %s", near ? near : names[0]);
}

static bool open_output(const struct settings *settings, const struct scenario *scenario,
                        const volatile sig_atomic_t *stop, struct arena *job, struct output **out,
                        struct error *err) {
    struct str to = str_of(settings->to);
    if (str_eq(to, STR("null"))) {
        *out = output_null_new();
        return true;
    }
    if (str_eq(to, STR("stdout"))) return output_file_new(NULL, settings->values_only, out, err);
    if (!str_eq(to, STR("kafka")))
        return output_file_new(settings->to, settings->values_only, out, err);
    struct produce_settings produce = {
        .topic = settings->topic ? settings->topic : scenario->topic,
        .partitions = settings->partitions,
        .wait_ms = settings->wait_ms,
        .properties = settings->properties,
        .stop = stop,
    };
    return output_kafka_new(&produce, job, out, err);
}

/* The live line on a terminal; elsewhere a log line every ten seconds. */
static void show_progress(void *self, const struct run_report *report) {
    unsigned *seconds = self;
    if (!log_is_terminal()) {
        if (++*seconds % 10 == 0)
            log_event(LOG_INFO, "generate", "progress", "events=%llu rate=%.0f behind_ms=%lld",
                      (unsigned long long)report->counts.records, report->reached,
                      (long long)report->behind_ms);
        return;
    }
    struct buf line;
    buf_init(&line, 512);
    report_progress(report, &line);
    log_status_line(buf_str(&line));
    buf_release(&line);
}

static void print_summary(const struct settings *settings, const struct scenario *scenario,
                          const struct run_report *report) {
    struct buf out;
    buf_init(&out, 1 << 16);
    log_status_line(STR(""));
    if (settings->json)
        report_json(report, str_of(scenario->name), (uint64_t)settings->seed, &out);
    else
        report_text(report, &out);
    bool to_stdout = settings->json && !str_eq(str_of(settings->to), STR("stdout"));
    if (out.len) fwrite(out.ptr, 1, out.len, to_stdout ? stdout : stderr);
    buf_release(&out);
}

/* A file that cannot be created differs from one that cannot be written any more. */
static int report_error(const struct error *err) {
    enum exit_status status = fail(err, STR("generate"), STR(""));
    if (!str_eq(str_of(err->code), STR("E0405"))) return (int)status;
    return err->kind == ERROR_USER ? EXIT_CREATE : EXIT_WRITE;
}

static int run(const struct settings *settings, const struct scenario *scenario,
               struct stream_settings *stream_settings, struct arena *job) {
    struct error err = {0};
    struct output *output;
    const volatile sig_atomic_t *stop = stop_on_signals();
    signal(SIGPIPE, SIG_IGN);
    if (!open_output(settings, scenario, stop, job, &output, &err)) return report_error(&err);
    struct stream stream;
    if (is_live(settings))
        stream_settings->start_ms = clock_real_ms(); /* finding a broker took time */
    stream_open(&stream, stream_settings, job);
    unsigned seconds = 0;
    const struct run_settings run_settings = {
        .rate = settings->rate,
        .speed = settings->rate / stream_settings->scenario_settings.events_per_second,
        .for_ms = settings->for_ms,
        .drain_ms = settings->drain_ms,
        .clock = clock_system(),
        .stop = stop,
        .progress = show_progress,
        .self = &seconds,
    };
    struct run_report report;
    bool ok = generator_run(&stream, output, &run_settings, &report, &err);
    if (!output->closed || *stop) print_summary(settings, scenario, &report); /* else | head */
    stream_close(&stream);
    output->close(output);
    return ok ? EXIT_OK : report_error(&err);
}

int cmd_generate(int argc, char **argv) {
    struct arena job = {0};
    struct settings settings = {0};
    struct option_list positional = {0};
    struct error err = {0};
    const struct scenario *scenario;
    struct stream_settings stream;
    int status = EXIT_OK;
    if (parse_command(&help, table, ARRAY_LEN(table), argc, argv, &job, &settings, &positional,
                      &status)) {
        bool ok = find_scenario(&positional, &scenario, &err) &&
                  set_stream(&settings, scenario, &stream, &err);
        status = ok ? run(&settings, scenario, &stream, &job) : report_error(&err);
    }
    arena_release(&job);
    return status;
}
