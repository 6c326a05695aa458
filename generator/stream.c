/* SPDX-License-Identifier: Apache-2.0 */
#include "generator/stream.h"

#include <assert.h>
#include <stdlib.h>

#include "common/fatal.h"

enum { HELD_FIRST = 1024 };

void stream_open(struct stream *stream, const struct stream_settings *settings, struct arena *job) {
    *stream = (struct stream){.scenario = settings->scenario,
                              .count = settings->count ? settings->count : UINT64_MAX};
    stream->state = settings->scenario->open(&settings->scenario_settings, job);
    faults_init(&stream->faults, &settings->faults, settings->scenario_settings.seed);
    schedule_init(&stream->schedule, settings->start_ms,
                  settings->scenario_settings.events_per_second, settings->season);
    stream->next_ms = schedule_next(&stream->schedule);
    bool hostile = settings->faults.percent[FAULT_HOSTILE] > 0;
    stream->out = arena_alloc(job, RECORD_BYTES + (hostile ? LONG_STRING_BYTES : 0));
}

void stream_close(struct stream *stream) {
    if (stream->state) stream->scenario->close(stream->state);
    free(stream->held);
    *stream = (struct stream){0};
}

static bool held_before(const struct held *a, const struct held *b) {
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void held_swap(struct held *a, struct held *b) {
    struct held c = *a;
    *a = *b;
    *b = c;
}

static void held_put(struct stream *stream, const struct event *event, double due_ms) {
    if (stream->held_count == stream->held_capacity) {
        stream->held_capacity = stream->held_capacity ? stream->held_capacity * 2 : HELD_FIRST;
        stream->held = memory_resize(stream->held, stream->held_capacity, sizeof *stream->held);
    }
    uint32_t at = stream->held_count++;
    stream->held[at] = (struct held){due_ms, stream->held_order++, *event};
    for (uint32_t up; at && held_before(&stream->held[at], &stream->held[up = (at - 1) / 2]);
         at = up)
        held_swap(&stream->held[at], &stream->held[up]);
}

static struct held held_take(struct stream *stream) {
    struct held *heap = stream->held, first = heap[0];
    heap[0] = heap[--stream->held_count];
    for (uint32_t at = 0;;) {
        uint32_t down = 2 * at + 1;
        if (down >= stream->held_count) return first;
        if (down + 1 < stream->held_count && held_before(&heap[down + 1], &heap[down])) down++;
        if (!held_before(&heap[down], &heap[at])) return first;
        held_swap(&heap[at], &heap[down]);
        at = down;
    }
}

/* Makes the next event on the schedule. False: it waits among the held ones. */
static bool make_event(struct stream *stream, struct event *event, double *due_ms) {
    const struct schedule *schedule = &stream->schedule;
    *due_ms = stream->next_ms;
    event->time_ms = schedule->start_ms + (int64_t)stream->next_ms;
    stream->scenario->next(stream->state, schedule->factor, event);
    stream->next_ms = schedule_next(&stream->schedule);
    stream->planned++;
    struct hold hold = faults_decide(&stream->faults, event);
    if (hold.ms) {
        held_put(stream, event, *due_ms + (double)hold.ms);
        return false;
    }
    if (event->fault == FAULT_DUPLICATE) {
        if (stream->planned < stream->count) {
            stream->planned++;
            held_put(stream, event, *due_ms + hold.events * schedule->gap_ms);
        }
        event->fault = FAULT_NONE; /* the copy is the duplicate */
    }
    return true;
}

static bool held_is_next(const struct stream *stream) {
    if (!stream->held_count) return false;
    return stream->held[0].due_ms <= stream->next_ms || stream->planned >= stream->count ||
           stream->held_count == HELD_MAX;
}

bool stream_next(struct stream *stream, struct event *event, double *due_ms) {
    for (;;) {
        if (held_is_next(stream)) {
            struct held held = held_take(stream);
            *event = held.event;
            bool early = held.due_ms > stream->next_ms;
            *due_ms = early ? stream->next_ms : held.due_ms;
            stream->counts.early += early;
            break;
        }
        if (stream->planned >= stream->count) return false;
        if (make_event(stream, event, due_ms)) break;
    }
    stream->counts.records++;
    stream->counts.fault[event->fault]++;
    stream->counts.defect[event->defect]++;
    return true;
}

void stream_render(struct stream *stream, const struct event *event, struct record *record) {
    stream->scenario->render(stream->state, event, stream->out, record);
    assert(record->value.len <= RECORD_BYTES ||
           (event->defect == DEFECT_LONG_STRING &&
            record->value.len <= RECORD_BYTES + LONG_STRING_BYTES));
    if (event->defect) faults_apply(event, record);
}
