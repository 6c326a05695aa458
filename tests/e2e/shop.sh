#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job, end to end, on real Kafka and Pinot: faulty load, a live verify, kill -9 of the processor in the
# middle, a restart that recomputes, the final comparison with SQLite, counters that reconcile, and what happens
# without Kafka.
#
# Needs DECANT (the program), DECANT_KAFKA_BOOTSTRAP, DECANT_PINOT_CONTROLLER, DECANT_PINOT_BROKER, as ./check sets
# them, and a stack without the job's topics. DECANT_OPS_PORT: a free port (19464).
# shellcheck source=tests/e2e/support.bash
. "${BASH_SOURCE[0]%/*}/support.bash"
need DECANT_KAFKA_BOOTSTRAP DECANT_PINOT_CONTROLLER DECANT_PINOT_BROKER
bootstrap=$DECANT_KAFKA_BOOTSTRAP controller=$DECANT_PINOT_CONTROLLER broker=$DECANT_PINOT_BROKER
ops=127.0.0.1:${DECANT_OPS_PORT:-19464}
job=pipelines/shop.sql
count=${DECANT_E2E_EVENTS:-60000}
run_pid='' generate_pid=''

on_exit() {
    [ -z "$generate_pid" ] || kill "$generate_pid" 2>/dev/null
    [ -z "$run_pid" ] || kill "$run_pid" 2>/dev/null
    rm -rf "$work"
}
trap on_exit EXIT

status() { curl -fsS "http://$ops/status.json" 2>/dev/null; }
wait_for() { # SECONDS WHAT JQ-CONDITION
    local end=$((SECONDS + $1))
    until [ "$(status | jq -r "$3" 2>/dev/null)" = true ]; do
        if [ $SECONDS -ge $end ]; then
            fail "no $2 within $1 s: $(status | head -c 600)"
            tail -5 "$work"/run.log >&2
            return 1
        fi
        sleep 0.3
    done
}
start_run() {
    "$decant" run $job -X bootstrap.servers="$bootstrap" --ops "$ops" >>"$work/run.log" 2>&1 &
    run_pid=$!
    wait_for 60 "running job" '.ready'
}
verify() { "$decant" verify $job "$@" -X bootstrap.servers="$bootstrap" --pinot-controller "$controller" --pinot-broker "$broker"; }

# --- without servers: a message, and the exit code ---
expect 69 "$decant" run $job -X bootstrap.servers=127.0.0.1:1 --wait 2s --ops off
grep -q 'kafka://127.0.0.1:1: error E0501' "$work/err" || fail "no E0501: $(cat "$work/err")"
grep -q 'Connection refused' "$work/err" || fail "the cause is missing: $(cat "$work/err")"
expect 69 "$decant" apply $job -X bootstrap.servers="$bootstrap" --pinot-controller http://127.0.0.1:1 --wait 2s
grep -q 'E0601' "$work/err" || fail "no E0601: $(cat "$work/err")"

# --- set up, twice ---
expect 0 "$decant" apply $job -X bootstrap.servers="$bootstrap" --pinot-controller "$controller" --wait 120s
expect 0 "$decant" apply $job -X bootstrap.servers="$bootstrap" --pinot-controller "$controller" --wait 120s
expect 0 "$decant" plan $job --check -X bootstrap.servers="$bootstrap" --pinot-controller "$controller"
say "applied"

# --- live: 5 % duplicates, 5 % late, 1 % malformed ---
"$decant" generate shop --rate 2000/s --count "$count" --seed 11 --duplicates 5 --late 5 --late-by 30s..2m --out-of-order 5 --bad 1 \
    -X bootstrap.servers="$bootstrap" >"$work/generate.log" 2>&1 &
generate_pid=$!
start_run
wait_for 60 "rows" '.upserts > 100 and .records > 5000'
say "running: $(status | jq -c '{records, upserts, lag_records}')"
verify --from-raw || fail "verify on live data"
say "verified while running"
kill -9 "$run_pid"
wait "$run_pid" 2>/dev/null
say "killed the processor"
start_run
say "started again"
verify || fail "verify after kill -9"
wait $generate_pid || fail "generate: $(tail -3 "$work/generate.log")"
generate_pid=''
wait_for 60 "end of the topic" '.lag_records == 0 and .delivered_commits >= .commits - 1'
sleep 2 # two commits: everything is folded, published and committed
say "caught up: $(status | jq -c '{records, upserts, dropped, duplicate, late}')"

# --- the same answer from three sides, and from SQLite ---
verify --from-raw || fail "verify at the end"
tests/recompute/run "$bootstrap" "$broker" || fail "SQLite computes something else"

# --- verify can say no: the same topics against a job that counts something else ---
sed "s/event_type = 'add_to_cart')/event_type = 'product_view')/" $job >"$work/other.sql"
expect 1 "$decant" verify "$work/other.sql" --from-raw -X bootstrap.servers="$bootstrap" --pinot-controller "$controller" --pinot-broker "$broker"
grep -qE 'raw cart_adds=[0-9]+  topic cart_adds=[0-9]+' "$work/out" || fail "no differing key: $(head -5 "$work/out")"

# --- every record is accounted for ---
status >"$work/status.json"
jq -e '.sinks | all(.in == .folded + .filtered + .duplicate + .late + .dropped + .skipped)' "$work/status.json" >/dev/null ||
    fail "counters do not reconcile: $(jq -c .sinks "$work/status.json")"
jq -e '.dropped > 0 and .duplicate > 0 and .dead_letters == .dropped' "$work/status.json" >/dev/null ||
    fail "faults were not seen: $(jq -c '{dropped, duplicate, dead_letters}' "$work/status.json")"

# --- hostile records: megabyte strings, NUL bytes, the year 9999, null and over-long keys ---
"$decant" generate shop --rate max --count 5000 --seed 12 --hostile 2 -X bootstrap.servers="$bootstrap" >"$work/generate.log" 2>&1 ||
    fail "generate --hostile: $(tail -3 "$work/generate.log")"
wait_for 60 "end of the hostile records" '.lag_records == 0'
sleep 2
verify || fail "verify after hostile records"
status >"$work/status.json"
jq -e '.sinks | all(.in == .folded + .filtered + .duplicate + .late + .dropped + .skipped)' "$work/status.json" >/dev/null ||
    fail "counters do not reconcile after hostile records: $(jq -c .sinks "$work/status.json")"

# --- SIGTERM commits and exits 0 ---
kill -TERM "$run_pid"
wait "$run_pid"
code=$?
run_pid=''
[ $code = 0 ] || fail "SIGTERM: exit $code: $(tail -3 "$work/run.log")"
grep -q 'event=reconciled' "$work/run.log" || fail "no reconciliation line: $(tail -3 "$work/run.log")"
grep -qiE 'sanitizer|assert' "$work/run.log" && fail "$(grep -iE 'sanitizer|assert' "$work/run.log")"

[ $failed = 0 ] && say "e2e: all good"
exit $failed
