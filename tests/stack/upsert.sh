#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The stack keeps what it is told: a row written to a topic is visible through Pinot's SQL, the
# higher version wins, and both survive a stop, and a kill -9 of both processes. Uses the running
# stack of DECANT_STACK_DIR, and leaves it running.

set -u
# shellcheck source=stack/lib.sh
. "$(dirname "$0")/../../stack/lib.sh"
load_ports
topic=stack_upsert_$$
controller=http://127.0.0.1:${port[pinot_controller]}
broker=http://127.0.0.1:${port[pinot_broker]}
kafka=127.0.0.1:${port[kafka]}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    say "FAIL: $*"
    exit 1
}

topics() {
    java -cp "$(cat "$stack_dir/classpath/kafka-$KAFKA_VERSION")" \
        "-Dlog4j.configuration=file:$root/stack/kafka/log4j.properties" "-Dstack.log=$work" \
        org.apache.kafka.tools.TopicCommand --bootstrap-server "$kafka" "$@"
}

# The two spellings of what differs between Pinot 0.x and 1.x.
dialect() {
    case $(cat "$stack_dir/pinot/version") in
    0.*) compare='"comparisonColumn":"_version"' factory=kafka20 ;;
    *) compare='"comparisonColumns":["_version"]' factory=kafka30 ;;
    esac
}

table() {
    local avro
    avro='{"type":"record","name":"r","fields":[{"name":"id","type":"string"},{"name":"amount","type":"long"},{"name":"_version","type":"long"}]}'
    cat <<JSON
{"tableName":"$topic",
 "schema":{"schemaName":"$topic","primaryKeyColumns":["id"],
  "dimensionFieldSpecs":[{"name":"id","dataType":"STRING"}],
  "metricFieldSpecs":[{"name":"amount","dataType":"LONG"}],
  "dateTimeFieldSpecs":[{"name":"_version","dataType":"LONG","format":"1:MILLISECONDS:EPOCH","granularity":"1:MILLISECONDS"}]},
 "realtime":{"tableName":"$topic","tableType":"REALTIME",
  "segmentsConfig":{"schemaName":"$topic","timeColumnName":"_version","replication":"1","replicasPerPartition":"1"},
  "tenants":{},"metadata":{},"routing":{"instanceSelectorType":"strictReplicaGroup"},
  "upsertConfig":{"mode":"FULL",$compare},
  "tableIndexConfig":{"loadMode":"MMAP","streamConfigs":{
   "streamType":"kafka","stream.kafka.consumer.type":"lowlevel","stream.kafka.topic.name":"$topic",
   "stream.kafka.broker.list":"$kafka","stream.kafka.consumer.prop.auto.offset.reset":"smallest",
   "stream.kafka.consumer.factory.class.name":"org.apache.pinot.plugin.stream.$factory.KafkaConsumerFactory",
   "stream.kafka.decoder.class.name":"org.apache.pinot.plugin.inputformat.avro.SimpleAvroMessageDecoder",
   "stream.kafka.decoder.prop.schema":$(jq -Rn --arg s "$avro" '$s'),
   "realtime.segment.flush.threshold.rows":"1000"}}}}
JSON
}

# zigzag N: one Avro long below 64
zigzag() { printf '%b' "\\x$(printf '%02x' $(($1 * 2)))"; }

# put ID AMOUNT VERSION
put() {
    { zigzag ${#1}; printf '%s' "$1"; zigzag "$2"; zigzag "$3"; } >"$work/row"
    kcat -P -b "$kafka" -t "$topic" -X partitioner=murmur2_random -k "$1" "$work/row" ||
        fail "kcat could not write to $topic"
}

answer() {
    curl -sS -m 5 -H 'Content-Type: application/json' "$broker/query/sql" \
        -d "{\"sql\":\"SELECT id, amount FROM $topic ORDER BY id LIMIT 100\"}" |
        jq -c '.resultTable.rows' 2>/dev/null
}

# expect ROWS: within 30 s
expect() {
    local end=$((SECONDS + 30)) got
    until got=$(answer) && [ "$got" = "$1" ]; do
        [ $SECONDS -lt $end ] || fail "$2: expected $1, Pinot answers $got"
        sleep 0.2
    done
    say "ok: $2"
}

dialect
topics --create --topic "$topic" --partitions 2 --config cleanup.policy=compact >/dev/null || fail "no topic"
table >"$work/table.json"
curl -sS -m 60 -H 'Content-Type: application/json' "$controller/tableConfigs" -d "@$work/table.json" \
    >"$work/answer" || fail "no answer from $controller"
grep -q 'successfully added' "$work/answer" || fail "$(cat "$work/answer")"

put a 1 1
put b 2 1
expect '[["a",1],["b",2]]' "rows are visible"
put a 10 3
put a 9 2
expect '[["a",10],["b",2]]' "the higher version wins, also when the lower one comes later"

"$root/stack/down" || fail "stop"
"$root/stack/up" >/dev/null || fail "start"
expect '[["a",10],["b",2]]' "rows survive a stop"

kill -KILL "$(running_pid "$stack_dir/kafka/pid")" "$(running_pid "$stack_dir/pinot/pid")"
"$root/stack/up" >/dev/null || fail "start after kill -9"
put b 20 2
expect '[["a",10],["b",20]]' "rows survive kill -9, and new ones arrive"

meters=$(http_get "${port[pinot_meters]}" /)
case $meters in *"$topic"*realtimeRowsConsumed*) say "ok: meters are published" ;; *) fail "no meters of $topic" ;; esac
curl -sS -m 30 -X DELETE "$controller/tableConfigs/$topic" >/dev/null
topics --delete --topic "$topic" || fail "cannot delete $topic"
