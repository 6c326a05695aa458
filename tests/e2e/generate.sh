#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The generator as a user meets it: the same bytes for the same seed, sound JSON, faults that can be
# counted, every record in Kafka and in its partition, a summary after Ctrl-C, telling errors.
#
# Needs DECANT (the program) and DECANT_KAFKA_BOOTSTRAP (a broker), as ./check sets them.
# shellcheck source=tests/e2e/support.bash
. "${BASH_SOURCE[0]%/*}/support.bash"
need DECANT_KAFKA_BOOTSTRAP
bootstrap=$DECANT_KAFKA_BOOTSTRAP
trap 'rm -rf "$work"' EXIT
start='--start 2026-01-01T00:00:00'

generate() {
    # shellcheck disable=SC2086 # $start is two words
    "$decant" generate shop $start "$@" 2>>"$work/log"
}

judge() { python3 tests/e2e/generate.py "$@"; }

same_seed_same_bytes() {
    local fast slow other faults='--late 2 --duplicates 2 --bad 1 --nulls 1 --out-of-order 3'
    # shellcheck disable=SC2086
    {
        fast=$(generate --rate max --count 20000 $faults --to stdout | sha256sum)
        slow=$(generate --rate 40k/s --count 20000 $faults --to stdout | sha256sum)
        other=$(generate --rate max --count 20000 $faults --to stdout --seed 2 | sha256sum)
    }
    [ "$fast" = "$slow" ] || fail "the rate changes the bytes"
    [ "$fast" != "$other" ] || fail "the seed does not change the bytes"
    generate --rate max --count 20000 --to "$work/file" || fail "writing a file"
    generate --rate max --count 20000 --to stdout | cmp -s - "$work/file" ||
        fail "file and stdout differ"
}

sound_events() {
    generate --rate max --event-rate 10/s --count 200000 --to stdout | judge facts || fail "facts"
}

faults_are_counted() {
    generate --rate max --count 100000 --duplicates 2 --out-of-order 2 --late 2 --late-by 10s..40s \
        --nulls 3 --bad 4 --hostile 0.1 --to "$work/lines" --json >"$work/summary" || fail "faults"
    judge faults "$work/summary" <"$work/lines" || fail "faults do not reconcile"
}

# As fast as the broker takes them: everything arrives, nothing twice, tombstones and NUL bytes too.
records_reach_kafka() {
    local topic=generate-e2e-$$
    local flags=(--rate max --count 100000 --duplicates 2 --late 2 --bad 2 --hostile 0.05)
    generate "${flags[@]}" --to "$work/lines" || fail "file"
    generate "${flags[@]}" --topic "$topic" -X "bootstrap.servers=$bootstrap" --json \
        >"$work/summary" || fail "kafka"
    grep -q '"acknowledged":100000,"failed":0,"outstanding":0' "$work/summary" ||
        fail "not all acknowledged: $(cat "$work/summary")"
    kcat -C -e -q -b "$bootstrap" -t "$topic" -f '%p %K %S %k%s' | judge topic "$work/lines" ||
        fail "topic"
}

stops_in_good_order() {
    local topic=generate-stop-$$ pid count
    "$decant" generate shop --rate 2k/s --topic "$topic" -X "bootstrap.servers=$bootstrap" --json \
        >"$work/out" 2>"$work/err" &
    pid=$!
    for _ in $(seq 100); do # until something has arrived
        count=$(kcat -C -e -q -b "$bootstrap" -t "$topic" -c 1 -f x 2>"$work/kcat")
        [ -z "$count" ] || break
        sleep 0.1
    done
    kill -TERM "$pid"
    wait "$pid" || fail "exit $? after SIGTERM: $(cat "$work/err")"
    count=$(kcat -C -e -q -b "$bootstrap" -t "$topic" -f x | wc -c)
    [ "$count" -gt 0 ] || fail "nothing arrived before SIGTERM"
    grep -q "\"events\":$count,.*\"acknowledged\":$count,.*\"stopped\":true" "$work/out" ||
        fail "$count records in the topic, the summary says $(cat "$work/out")"
}

errors_tell() {
    expect 69 "$decant" generate shop --wait 1s -X bootstrap.servers=127.0.0.1:1
    says 'kafka://127.0.0.1:1: error E0501: no Kafka broker answered within 1 s'
    says '127.0.0.1:1 .*Connection refused'
    says 'from   -X bootstrap.servers'
    says 'help: .*--wait'
    expect 64 "$decant" generate shop --rat 5
    says 'did you mean --rate'
    expect 64 "$decant" generate shoop
    says 'did you mean shop'
    expect 64 "$decant" generate
    expect 78 "$decant" generate shop --rate 0
    expect 78 "$decant" generate shop --late 60 --bad 60
    says 'add up to 120 percent'
    expect 78 "$decant" generate shop --start 2026-02-30T00:00:00
    expect 78 "$decant" generate shop -X linger.ms=soon -X "bootstrap.servers=$bootstrap"
    expect 73 "$decant" generate shop --to "$work/missing/file"
    expect 74 "$decant" generate shop --rate max --count 10 --to /dev/full
    says 'No space left'
    "$decant" generate shop --rate max --to stdout 2>"$work/err" | head -n 1 >"$work/out" ||
        fail "a reader that goes away is an error"
    [ ! -s "$work/err" ] || fail "not quiet: $(cat "$work/err")"
    expect 0 "$decant" generate --help
    [ "$(wc -l <"$work/out")" -le 40 ] || fail "more than 40 lines of help"
}

same_seed_same_bytes
sound_events
faults_are_counted
records_reach_kafka
stops_in_good_order
errors_tell
exit $failed
