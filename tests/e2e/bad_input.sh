#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Records that no job wants, and a broker that goes away, on real Kafka: what the table's policy says happens, every
# record is accounted for, the original bytes stay, nothing crashes.
#
# Needs DECANT (the program) and DECANT_KAFKA_BOOTSTRAP (a broker), as ./check sets them. The last part starts a
# broker of its own, 300 ports above DECANT_PORT_BASE, because it kills it.
# shellcheck source=tests/e2e/support.bash
. "${BASH_SOURCE[0]%/*}/support.bash"
need DECANT_KAFKA_BOOTSTRAP
bootstrap=$DECANT_KAFKA_BOOTSTRAP
run=bad-input-$$
own_base=$((${DECANT_PORT_BASE:-25700} + 300))
run_pid='' own_stack=''

# shellcheck disable=SC2317 # called by the trap
on_exit() {
    [ -z "$run_pid" ] || kill "$run_pid" 2>/dev/null
    [ -z "$own_stack" ] || own_stack down
    rm -rf "$work"
}
trap on_exit EXIT

topics() { python3 tests/e2e/create_topics.py "$bootstrap" "$@" || fail "creating $*"; }
# send TOPIC FILE…: each file is one record of partition 0, byte for byte.
send() {
    local topic=$1
    shift
    kcat -P -b "$bootstrap" -t "$topic" -p 0 -X message.max.bytes=2000000 "$@" || fail "sending to $topic"
}
# rows TOPIC: the newest row of each key.
rows() { kcat -C -e -q -b "$bootstrap" -t "$1" -f '%s\n' | jq -cs 'map(del(._version, ._deleted)) | group_by([.w, .k]) | map(.[-1])'; }

# job NAME OPTIONS [SETTINGS]: a job over topic $run-NAME-in that writes $run-NAME-totals and $run-NAME-minutes.
job() {
    local name=$1 kafka="'properties.bootstrap.servers' = 'localhost:9092'"
    cat >"$work/$name.sql" <<SQL
${3:-}
CREATE TABLE ev (
  k STRING, v INT, t TIMESTAMP(3),
  ts AS COALESCE(t, TIMESTAMP '1970-01-01 00:00:00'),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = '$run-$name-in', $kafka, 'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'$2);
CREATE TABLE totals (k STRING, n BIGINT, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka',
  'topic' = '$run-$name-totals', $kafka, 'key.format' = 'raw', 'value.format' = 'json');
CREATE TABLE minutes (w TIMESTAMP(3), n BIGINT, PRIMARY KEY (w) NOT ENFORCED) WITH ('connector' = 'upsert-kafka',
  'topic' = '$run-$name-minutes', $kafka, 'key.format' = 'json', 'value.format' = 'json');
EXECUTE STATEMENT SET BEGIN
INSERT INTO totals SELECT k, COUNT(*), SUM(CAST(v AS BIGINT)) FROM ev WHERE k IS NOT NULL GROUP BY k;
INSERT INTO minutes SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), COUNT(*) FROM ev WHERE t IS NOT NULL
GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);
END;
SQL
}
# bounded STATUS NAME: runs a job over what its topics hold now.
bounded() { expect "$1" "$decant" run "$work/$2.sql" --until end --ops off --wait 3s -X bootstrap.servers="$bootstrap"; }

# --- the records ---
long() { head -c "$1" /dev/zero | tr '\0' x; }
cd "$work" || exit 1
printf '{"k":"a","v":1,"t":"2026-01-01 10:00:00"}' >good
printf '{"k":"a","v":' >torn
printf '[{"k":"a"}]' >array
printf 'hello' >word
printf '{"k":"\377","v":1}' >utf8
printf '{"k":"a\0b","v":1}' >nul
printf '{"k":"a","v":"many"}' >wrong_type
printf '{}' >missing
printf '{"k":null,"v":1}' >null_key
printf '{"k":"n\\u0000l","v":1}' >nul_escape
printf '{"k":"a","v":2,"pad":"%s"}' "$(long 1000000)" >megabyte
printf '{"k":"%s","v":1}' "$(long 1000000)" >megabyte_key
printf '{"k":"a","pad":"%s"' "$(long 1000000)" >megabyte_torn
printf '{"k":"a","s":"%s"}' "$(long 1000000)" >megabyte_text
printf '{"k":"%s","v":1}' "$(long 512)" >key_512
printf '{"k":"%s","v":1}' "$(long 513)" >key_513
printf '{"k":"a","v":4,"t":"9999-12-31 23:59:59"}' >year_9999
printf '{"k":"a","v":8,"t":"2026-01-01 10:00:30"}' >after
: >empty
cd "$OLDPWD" || exit 1
bad=(torn array word utf8)
kept=(wrong_type missing null_key nul nul_escape megabyte megabyte_key key_512 key_513 year_9999 after)

# --- topics: missing ones and empty ones ---
job t ", 'json.ignore-parse-errors' = 'true'"
bounded 69 t
says "^kafka://$bootstrap: error E0502: topic '$run-t-(totals|minutes)'" 'help: .*decant apply'
topics 1 "$run-t-totals" "$run-t-minutes"
bounded 69 t
says "^kafka://$bootstrap: error E0502: topic '$run-t-in'" 'help: .*decant (apply|generate)'
topics 2 "$run-t-in"
bounded 0 t
[ "$(rows "$run-t-totals")" = '[]' ] || fail "rows out of an empty topic: $(rows "$run-t-totals")"
say "topics: missing and empty"

# --- fail, which is Flink's default: the place, the value and the remedy ---
topics 1 "$run"-strict-{in,totals,minutes} "$run"-field-{in,totals,minutes} "$run"-key-{in,totals,minutes}
job strict ''
send "$run-strict-in" "$work"/{good,good,torn,good}
bounded 65 strict
says "^$run-strict-in\[0\]@2: error E0801: a record cannot be decoded" "help: .*'json.ignore-parse-errors' = 'true'" \
    'decant.dead-letter.topic' 'more: decant explain E0801'
job field ''
send "$run-field-in" "$work"/{good,wrong_type}
bounded 65 field
says "^$run-field-in\[0\]@1: error E0801: .*'v' INT .*\"many\"" 'TRY_CAST'
job key ''
send "$run-key-in" "$work"/key_513
bounded 65 key
says 'error E0704: .*512' 'help: '
say "strict: fails and says where"

# --- drop and count, and keep the bytes ---
topics 1 "$run"-lenient-{in,totals,minutes}
job lenient ", 'json.ignore-parse-errors' = 'true'" "SET 'decant.dead-letter.topic' = '$run-dead';"
send "$run-lenient-in" "$work/good"
for name in "${bad[@]}"; do send "$run-lenient-in" -k "key of $name" "$work/$name"; done
for name in "${kept[@]}"; do send "$run-lenient-in" "$work/$name"; done
printf 'gone:' | kcat -P -Z -K: -b "$bootstrap" -t "$run-lenient-in" -p 0 || fail "sending a tombstone"
bounded 0 lenient
in=$((1 + ${#bad[@]} + ${#kept[@]} + 1))
# missing and null_key have no key; the tombstone is no row. Flink's JSON takes control bytes in texts, NUL too.
says "totals: in $in = folded 10 \+ filtered 2 \+ duplicate 0 \+ late 0 \+ dropped ${#bad[@]} \+ null values 1; upserts 4, rows refused 2" \
    "minutes: in $in = folded 3 \+ filtered 9 \+ duplicate 0 \+ late 0 \+ dropped ${#bad[@]} \+ null values 1; upserts 2"
want=$(jq -cn --arg long "$(long 512)" '[{k:"a",n:5,s:15}, {k:"a\u0000b",n:1,s:1}, {k:"n\u0000l",n:1,s:1}, {k:$long,n:1,s:1}]')
[ "$(rows "$run-lenient-totals")" = "$want" ] || fail "totals: $(rows "$run-lenient-totals")"
# The year 9999 did not move the watermark: the record after it was not late.
want='[{"w":"2026-01-01 10:00:00","n":2},{"w":"9999-12-31 23:59:00","n":1}]'
[ "$(rows "$run-lenient-minutes")" = "$want" ] || fail "minutes: $(rows "$run-lenient-minutes")"
number=0
for name in "${bad[@]}"; do
    record() { kcat -C -e -q -b "$bootstrap" -t "$run-dead" -p 0 -o $number -c 1 -f "$1"; }
    record %s | cmp - "$work/$name" || fail "the dead letter of $name has other bytes"
    [ "$(record %k)" = "key of $name" ] || fail "the dead letter of $name has the key $(record %k)"
    [ "$(record %h)" = "reason=document,topic=$run-lenient-in,partition=0,offset=$((number + 1))" ] ||
        fail "headers of $name: $(record %h)"
    number=$((number + 1))
done
[ "$(kcat -C -e -q -b "$bootstrap" -t "$run-dead" -f x)" = xxxx ] || fail "not four dead letters"
say "lenient: drops, counts, keeps the bytes"

# --- records and rows that are too large for what we write: cut, or counted; never the end of the job ---
topics 1 "$run"-large-{in,totals,minutes}
job large ", 'json.ignore-parse-errors' = 'true'" "SET 'decant.dead-letter.topic' = '$run-large-dead';"
sed -i 's/k STRING, v INT,/k STRING, s STRING, v INT,/; s/n BIGINT, s BIGINT,/n BIGINT, s BIGINT, text STRING,/; s/SUM(CAST(v AS BIGINT)) FROM/SUM(CAST(v AS BIGINT)), MAX(s) FROM/' "$work/large.sql"
send "$run-large-in" "$work"/{megabyte_torn,good,megabyte_text}
bounded 0 large
says 'totals: in 3 = folded 2 .* dropped 1; upserts [01], rows refused 1'
[ "$(kcat -C -e -q -b "$bootstrap" -t "$run-large-dead" -f '%S %h')" = \
    "819200 reason=document,topic=$run-large-in,partition=0,offset=0,value-bytes=1000017" ] ||
    fail "large dead letter: $(kcat -C -e -q -b "$bootstrap" -t "$run-large-dead" -f '%S %h')"
say "large: cut and counted"

# --- the generator's nine ways to be malformed, and its hostile records ---
topics 4 "$run"-many-{totals,minutes}
job many ", 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'"
columns='session_id STRING, quantity INT, event_timestamp TIMESTAMP(3),\n  k AS session_id, v AS quantity, t AS event_timestamp,'
sed -i "s/k STRING, v INT, t TIMESTAMP(3),$/$columns/; s/COALESCE(t,/COALESCE(event_timestamp,/" "$work/many.sql"
"$decant" generate shop --rate max --count 30000 --seed 3 --bad 5 --hostile 0.5 --nulls 5 --partitions 4 --topic "$run-many-in" \
    -X bootstrap.servers="$bootstrap" >"$work/generate.log" 2>&1 || fail "generate: $(tail -3 "$work/generate.log")"
bounded 0 many
says 'minutes: in 30,000 = folded [0-9]{2},' 'totals: in 30,000 = folded [0-9]{2},.*rows refused [1-9]'
reconciled() { # every line adds up
    grep -hoE '(totals|minutes): in [^"]*' "$work/err" | tr -d , | awk '{
        sum = 0; for (i = 4; i <= NF; i++) if ($i == "=" || $i == "+") { for (j = i + 1; $j !~ /^[0-9]+;?$/; j++); sum += $j }
        if (sum != $3) { print; bad = 1 } } END { exit bad || NR < 2 }'
}
reconciled || fail "counters do not add up: $(grep -o 'totals: in.*' "$work/err")"
grep -qiE 'sanitizer|assert' "$work/err" && fail "$(grep -iE 'sanitizer|assert' "$work/err")"
say "generated faults: $(grep -oE 'totals: in [^"]*' "$work/err")"

# --- a broker that is killed while a job runs ---
own_stack() { DECANT_STACK_DIR=$own_stack DECANT_PORT_BASE=$own_base stack/"$1" "${@:2}"; }
own_stack=$work/stack
own_stack up kafka >"$work/stack.log" 2>&1 || { fail "own broker: $(tail -5 "$work/stack.log")"; exit 1; }
bootstrap=127.0.0.1:$((own_base + 2))
ops=127.0.0.1:$((own_base + 1))
status() { curl -fsS "http://$ops/status.json" 2>/dev/null; }
wait_for() { # SECONDS WHAT JQ-CONDITION
    local end=$((SECONDS + $1))
    until [ "$(status | jq -r "$3" 2>/dev/null)" = true ]; do
        if [ $SECONDS -ge $end ]; then
            fail "no $2 within $1 s: $(status | head -c 600) $(tail -5 "$work/run.log")"
            return 1
        fi
        sleep 0.2
    done
}
topics 1 "$run"-broker-{in,totals,minutes}
job broker ", 'json.ignore-parse-errors' = 'true'"
send "$run-broker-in" "$work"/{good,after}
"$decant" run "$work/broker.sql" --ops "$ops" -X bootstrap.servers="$bootstrap" >"$work/run.log" 2>&1 &
run_pid=$!
wait_for 30 "first rows" '.records == 2 and .upserts >= 1 and .lag_records == 0'
read -r broker _ <"$own_stack/kafka/pid"
kill -9 "$broker"
sleep 3
kill -0 $run_pid 2>/dev/null || fail "the job ended with its broker: $(tail -5 "$work/run.log")"
[ "$(status | jq .records)" = 2 ] || fail "no status without the broker"
own_stack up kafka >"$work/stack.log" 2>&1 || fail "own broker, again: $(tail -5 "$work/stack.log")"
send "$run-broker-in" "$work"/{good,torn,after}
wait_for 60 "rows after the broker came back" '.records == 5 and .dropped == 1 and .lag_records == 0'
sleep 1
kill -TERM $run_pid
wait $run_pid
code=$?
run_pid=''
[ $code = 0 ] || fail "exit $code after SIGTERM: $(tail -5 "$work/run.log")"
[ "$(rows "$run-broker-totals")" = '[{"k":"a","n":4,"s":18}]' ] || fail "totals: $(rows "$run-broker-totals")"
grep -qiE 'sanitizer|assert' "$work/run.log" && fail "$(grep -iE 'sanitizer|assert' "$work/run.log")"
say "the job survived its broker"

# --- records that nobody acknowledges: 75 ---
"$decant" generate shop --rate 1k/s --topic "$run-broker-in" --drain 1s -X bootstrap.servers="$bootstrap" >"$work/out" 2>"$work/err" &
run_pid=$!
sleep 1
read -r broker _ <"$own_stack/kafka/pid"
kill -STOP "$broker"
sleep 0.5
kill -TERM $run_pid
wait $run_pid
code=$?
run_pid=''
kill -CONT "$broker"
[ $code = 75 ] || fail "exit $code instead of 75: $(cat "$work/err")"
says 'error E0503' 'help: '

[ $failed = 0 ] && say "bad input: all good"
exit $failed
