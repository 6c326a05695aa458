#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# plan and apply on real Kafka and Pinot: they create what a job needs, do nothing the second time, refuse what
# would lose rows; and the table that they create has upsert semantics: the highest version of a key wins,
# whatever the order of arrival.
#
# Needs DECANT (the program), DECANT_KAFKA_BOOTSTRAP, DECANT_PINOT_CONTROLLER, DECANT_PINOT_BROKER, as ./check sets
# them. Uses topics and tables of its own, named after its process number.
# shellcheck source=tests/e2e/support.bash
. "${BASH_SOURCE[0]%/*}/support.bash"
need DECANT_KAFKA_BOOTSTRAP DECANT_PINOT_CONTROLLER DECANT_PINOT_BROKER
bootstrap=$DECANT_KAFKA_BOOTSTRAP controller=$DECANT_PINOT_CONTROLLER broker=$DECANT_PINOT_BROKER
trap 'rm -rf "$work"' EXIT
job=$work/job.sql
name=e2e_$$

servers=(-X "bootstrap.servers=$bootstrap" --pinot-controller "$controller")
# shellcheck disable=SC2317 # called through expect
plan() { "$decant" plan "$job" "${servers[@]}" "$@"; }
# shellcheck disable=SC2317
apply() { "$decant" apply "$job" "${servers[@]}" --pinot-broker "$broker" --wait 60s "$@"; }

answers() { # STATUS TEXT COMMAND…: TEXT is a pattern that output or errors must hold
    local want=$1 text=$2
    shift 2
    expect "$want" "$@"
    says "$text"
}

# write_job [COLUMNS [KEY [SELECT [TOPIC]]]]
write_job() {
    local columns=${1:-'name STRING, n BIGINT, amount DOUBLE, flag BOOLEAN, happened TIMESTAMP(3)'}
    cat >"$job" <<SQL
CREATE TABLE events (id STRING, name STRING, n BIGINT, amount DOUBLE, flag BOOLEAN, happened TIMESTAMP(3))
WITH ('connector' = 'kafka', 'topic' = '${name}_raw', 'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset', 'value.format' = 'json');
CREATE TABLE $name (id STRING, $columns, PRIMARY KEY (${2:-id}) NOT ENFORCED)
WITH ('connector' = 'upsert-kafka', 'topic' = '${4:-$name}', 'properties.bootstrap.servers' = 'localhost:9092',
  'key.format' = 'json', 'value.format' = 'avro');
INSERT INTO $name SELECT id, ${3:-MAX(name), MAX(n), MAX(amount), COUNT(*) > 1, MAX(happened)}
FROM events GROUP BY id;
SQL
}

# --- nothing there: a plan, and nothing written ---
write_job
sed -i "s/'key.format' = 'json'/'key.format' = 'raw'/" "$job"
cp "$job" "$work/good.sql"
answers 0 '^\+ table +'"$name"'_REALTIME +upsert FULL' "$decant" plan "$job" --pinot-version 0.11.0
answers 1 '^4 to create' plan --check
answers 1 '^4 to create' plan --check
[ "$(curl -s -o /dev/null -w '%{http_code}' "$controller/schemas/$name")" = 404 ] || fail "plan has written a schema"
answers 69 E0601 "$decant" plan "$job" -X "bootstrap.servers=$bootstrap" --pinot-controller http://127.0.0.1:1 --wait 1s
answers 69 E0501 "$decant" apply "$job" -X bootstrap.servers=127.0.0.1:1 --pinot-controller "$controller" --wait 1s
answers 69 E0605 "$decant" plan "$job" -X "bootstrap.servers=$bootstrap" --pinot-controller "$broker" --wait 1s
say "nothing was written"

# --- create, then nothing to change ---
answers 0 '^applied in ' apply
grep -qE "^\[1/4\] topic ${name}_raw +created, 4 partitions" "$work/out" || fail "the raw topic is not mentioned: $(cat "$work/out")"
grep -qE "^\[4/4\] consuming $name +4 of 4 partitions, first query answered" "$work/out" || fail "not consuming: $(cat "$work/out")"
answers 0 '^nothing to change' apply
answers 0 '^nothing to change' plan --check
plan --json | jq -e --arg name "$name" '.schema == "decant.plan/1" and .create == 0 and .tables[0].tableName == $name and
    (.items | all(.change == "same"))' >/dev/null || fail "plan --json: $(plan --json | head -c 400)"
say "created, and not again"

# --- upsert semantics, with rows written by somebody else ---
# row ID NAME N AMOUNT VERSION DELETED: the Avro value of the table; '-' is NULL; the time is always NULL but for n > 0
row() {
    python3 - "$@" >"$work/row" <<'PYTHON'
import struct, sys
def long(n):
    n, out = (n << 1) ^ (n >> 63), b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])
def text(s): return long(len(s.encode())) + s.encode()
def nullable(s, write): return long(0) if s == "-" else long(1) + write(s)
ident, name, n, amount, version, deleted = sys.argv[1:]
sys.stdout.buffer.write(
    text(ident) + nullable(name, text) + nullable(n, lambda s: long(int(s))) +
    nullable(amount, lambda s: struct.pack("<d", float(s))) + nullable("-", text) +
    long(1) + long(1700000000123) + long(int(version)) + bytes([deleted == "true"]))
PYTHON
    kcat -P -b "$bootstrap" -t "$name" -X partitioner=murmur2_random -k "$1" "$work/row" || fail "kcat cannot write"
}
ask() { # SQL
    curl -sS -m 5 -H 'Content-Type: application/json' "$broker/query/sql" -d "$(jq -n --arg sql "SET enableNullHandling=true; $1" '{sql: $sql}')" |
        jq -c 'if .exceptions | length > 0 then .exceptions[0].message else .resultTable.rows | sort end'
}
shows() { # WHAT SQL ROWS
    local end=$((SECONDS + 30)) got
    until got=$(ask "$2") && [ "$got" = "$3" ]; do
        [ $SECONDS -lt $end ] || { fail "$1: $got instead of $3"; return; }
        sleep 0.2
    done
}
# Sorted here: Pinot 0.11 forgets NULL in a selection with ORDER BY.
visible="SELECT id, name, n, amount, CAST(happened AS LONG) FROM $name WHERE _deleted = false LIMIT 100"
row a first 1 1.5 100 false
row b '😀 text' 77 -2.25 100 false
row c - - - 100 false
row a second 2 2.5 200 false
row a older 3 3.5 150 false
row d here 1 1 100 false
row d here 1 1 110 true
row e tie 1 1 100 false
row e later 1 1 100 false
: | kcat -P -b "$bootstrap" -t "$name" -X partitioner=murmur2_random -Z -k b -l /dev/null
row z end 0 0 1 false
shows "upserts" "$visible" '[["a","second",2,2.5,1700000000123],["b","😀 text",77,-2.25,1700000000123],["c",null,null,null,1700000000123],["e","later",1,1,1700000000123],["z","end",0,0,1700000000123]]'
row d again 9007199254740993 5 120 false
shows "a newer row after a delete" "SELECT name, CAST(n AS STRING) FROM $name WHERE id = 'd' AND _deleted = false LIMIT 10" '[["again","9007199254740993"]]'
say "rows replace each other by version"

# --- what would lose rows is refused, and nothing is written ---
before=$(curl -s "$controller/tableConfigs/$name" | jq -S .)
refused() { # WHAT PATTERN
    answers 65 E0616 apply
    grep -qE "$2" "$work/err" || fail "$1: '$2' is missing: $(cat "$work/err")"
    answers 1 "^! .*$2.*blocked: " plan --check
}
write_job 'name STRING, n BIGINT, amount DOUBLE, flag BOOLEAN, happened TIMESTAMP(3)' 'id, name' # no longer raw: two columns
sed -i 's/GROUP BY id/GROUP BY id, name/; s/SELECT id, MAX(name)/SELECT id, name/' "$job"
refused "another key" 'key \(id\) → \(id, name\)'
write_job 'name STRING, n BIGINT, amount DOUBLE, happened TIMESTAMP(3)' id 'MAX(name), MAX(n), MAX(amount), MAX(happened)'
refused "a dropped column" 'column flag dropped'
write_job 'name STRING, n DOUBLE, amount DOUBLE, flag BOOLEAN, happened TIMESTAMP(3)' id 'MAX(name), MAX(amount), MAX(amount), COUNT(*) > 1, MAX(happened)'
refused "a retyped column" 'column n LONG → DOUBLE'
write_job 'name STRING, n BIGINT, amount DOUBLE, flag BOOLEAN, happened TIMESTAMP(3), more BIGINT' id 'MAX(name), MAX(n), MAX(amount), COUNT(*) > 1, MAX(happened), COUNT(*)'
refused "an added column" 'column more added'
write_job '' id '' "${name}_raw" # a topic that was not made for upserts
refused "a topic that forgets keys" 'cleanup.policy delete → compact'
cp "$work/good.sql" "$job"
answers 65 '4 partitions → 8' apply --partitions 8
write_job 'name STRING, n BIGINT, amount DECIMAL(10, 2), flag BOOLEAN, happened TIMESTAMP(3)' id 'MAX(name), MAX(n), CAST(MAX(amount) AS DECIMAL(10, 2)), COUNT(*) > 1, MAX(happened)'
answers 65 'E0603: Pinot cannot hold column .amount.' plan
[ "$before" = "$(curl -s "$controller/tableConfigs/$name" | jq -S .)" ] || fail "a refused change was written"
say "refused what would lose rows"

# --- what is safe is changed in place, after a yes ---
cp "$work/good.sql" "$job"
other=${bootstrap/127.0.0.1/localhost}
[ "$other" != "$bootstrap" ] || other=${bootstrap/localhost/127.0.0.1}
answers 1 'broker.list .* → .*safe, in place' plan --check -X "decant.pinot.bootstrap.servers=$other"
answers 64 E0617 apply -X "decant.pinot.bootstrap.servers=$other"
answers 0 '^applied in ' apply -X "decant.pinot.bootstrap.servers=$other" --yes
answers 0 '^nothing to change' plan --check -X "decant.pinot.bootstrap.servers=$other"
shows "rows after the change" "SELECT COUNT(*) FROM $name WHERE _deleted = false LIMIT 1" '[[6]]'
say "changed in place"

# --- leave nothing: the topics stay, Kafka keeps them small ---
curl -sS -X DELETE "$controller/tables/$name?type=realtime" >/dev/null
curl -sS -X DELETE "$controller/schemas/$name" >/dev/null
[ $failed = 0 ] && echo "ok: plan and apply on Pinot $(curl -s "$controller/version" | jq -r '."pinot-spi"' | cut -d- -f1)"
exit $failed
