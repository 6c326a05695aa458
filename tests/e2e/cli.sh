#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The command line without any server: help of each verb, each exit status that a user can reach, and that an error
# names its place, its code and the next step. Every code that the program can print has an explanation.
#
# Needs DECANT (the program), as ./check sets it. Servers are addresses where nobody listens.
# shellcheck source=tests/e2e/support.bash
. "${BASH_SOURCE[0]%/*}/support.bash"
job=pipelines/shop.sql
nobody=127.0.0.1:1
holder=''
cases=0

trap 'rm -rf "$work"; [ -z "$holder" ] || kill "$holder"' EXIT

# try STATUS COMMAND...: expect, and the codes that it prints are collected.
try() {
    cases=$((cases + 1))
    expect "$@"
    grep -hoE '(error|warning|notice) [EWN][0-9]{4}' "$work/out" "$work/err" | cut -d' ' -f2 >>"$work/codes"
}

# refuse STATUS PLACE CODE HELP COMMAND...: an error in its full form.
refuse() {
    local status=$1 place=$2 code=$3 help=$4
    shift 4
    try "$status" "$@"
    says "^$place: error $code: " "^  more: decant explain $code$"
    [ -z "$help" ] || says "^  help: .*$help"
}

# --- help ---
try 64 "$decant"
verbs=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$work/err")
[ "$(wc -w <<<"$verbs")" -ge 10 ] || fail "decant without arguments lists: $verbs"
try 0 "$decant" --help
for verb in $verbs; do
    try 0 "$decant" "$verb" --help
    [ "$(wc -l <"$work/out")" -le 40 ] || fail "$verb --help has more than 40 lines"
    [ "$(wc -L <"$work/out")" -le 140 ] || fail "$verb --help has a line of $(wc -L <"$work/out") characters"
    says "^decant $verb" '^example$' "^  decant $verb"
    cp "$work/out" "$work/help"
    try 0 "$decant" help "$verb"
    cmp -s "$work/out" "$work/help" || fail "decant help $verb says something else than $verb --help"
done
try 0 "$decant" version
says '^decant [0-9]+\.[0-9]+' '^librdkafka +[0-9]' '^flink +1\.20'
try 0 "$decant" --version

# --- 0: right files ---
try 0 "$decant" check $job
says '^ok: 5 tables, 1 view, 4 inserts'
try 0 "$decant" explain $job
try 0 "$decant" plan $job --pinot-version 1.5.1
try 0 "$decant" test pipelines
try 0 "$decant" explain e0801
says '^E0801: '

# --- 64: usage ---
refuse 64 decant E0400 'did you mean decant check' "$decant" chek
refuse 64 decant E0400 'lists the verbs' "$decant" frobnicate
for verb in $verbs; do
    refuse 64 "$verb" E0400 '' "$decant" "$verb" --no-such-flag
done
refuse 64 check E0400 'did you mean --max-errors' "$decant" check --max-error 3 $job
refuse 64 run E0400 'decant run FILE.sql' "$decant" run
refuse 64 run E0400 'decant run FILE.sql' "$decant" run $job $job
try 64 "$decant" check
try 64 "$decant" explain E9999

# --- 65 and 1: wrong SQL, tests, sinks ---
cat >"$work/wrong.sql" <<'SQL'
CREATE TABLE ev (k STRING, v INT) WITH ('connector' = 'kafka', 'topic' = 'ev',
  'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE o (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'o',
  'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw', 'value.format' = 'avro');
INSERT INTO o SELECT kk, COUNT(*) FROM ev GROUP BY kk;
SQL
for verb in check run explain plan verify apply; do
    status=65
    [ $verb != check ] || status=1
    refuse $status "$work/wrong.sql:5:[0-9]+" 'E02[0-9]{2}' '' "$decant" $verb "$work/wrong.sql"
    says 'INSERT INTO o SELECT kk' '\^'
done
printf 'SELECT FROM;\nCREATE TABEL x;\n' >"$work/syntax.sql"
refuse 65 "$work/syntax.sql:1:[0-9]+" 'E01[0-9]{2}' '' "$decant" run "$work/syntax.sql"
says "^$work/syntax.sql:2:"
printf 'case nothing expected\nsql\n  SELECT 1;\n' >"$work/empty.test"
refuse 65 "$work/empty.test:1" E0805 '' "$decant" test "$work/empty.test"
sed 's/^  /&/; s/^case .*/case wrong/' tests/sql/run/dedup_and_bad_input.test | sed '/^case/,$!d' |
    awk '/^case/ { n++ } n == 1' | sed 's/^  a  21$/  a  22/' >"$work/wrong.test"
try 1 "$decant" test "$work/wrong.test"
says 'expected a  22' 'got +a  21'
try 1 "$decant" test "$work/wrong.test" --filter 'no such case'
refuse 65 $job E0804 'name of a sink' "$decant" verify $job --table no_such_table
printf '{"title": ' >"$work/board.json"
try 65 "$decant" serve "$work/board.json"
says 'error E09'

# --- 66: files ---
for verb in check explain plan apply run verify test serve; do
    try 66 "$decant" $verb "$work/missing"
    says "$work/missing" 'error E0403' 'No such file or directory'
done

# --- 69: nobody there ---
for verb in run plan apply verify; do
    try 69 "$decant" $verb $job -X bootstrap.servers=$nobody --wait 1s
    says "^kafka://$nobody: error E0501: no Kafka broker answered" "$nobody .*Connection refused" \
        'from   -X bootstrap.servers' 'help: .*bootstrap.servers=HOST:PORT'
done
try 69 "$decant" generate shop -X bootstrap.servers=$nobody --wait 1s
says "^kafka://$nobody: error E0501"
try 69 "$decant" run $job -X bootstrap.servers=no-such-host.invalid:9092 --wait 1s
says 'error E0501' 'no-such-host.invalid.*resolve'
python3 -c '
import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(300)' \
    >"$work/port" &
holder=$!
until [ -s "$work/port" ]; do sleep 0.05; done
taken=127.0.0.1:$(cat "$work/port")
refuse 69 '.*' E0406 '' "$decant" serve --listen "$taken"
says 'in use' "$taken"
refuse 69 '.*' E0406 '--ops' "$decant" run $job --ops "$taken" -X bootstrap.servers=$nobody --wait 1s

# --- 73, 74: files that cannot be written ---
try 73 "$decant" generate shop -n 1 --rate max --to "$work/missing/file"
says 'error E0405'
try 74 "$decant" generate shop -n 100 --rate max --to /dev/full
says 'No space left'
for command in "check $job" "explain $job" "plan $job --pinot-version 1.5.1" version 'run --help'; do
    try 74 bash -c "'$decant' $command >/dev/full"
    says '^stdout: error E0405: the output could not be written'
done
try 0 bash -c "set -o pipefail; '$decant' version | head -n 1"

# --- 78: settings ---
refuse 78 '-X decant.commit.interval' E0402 '10 ms to 60 s' "$decant" run $job -X decant.commit.interval=soon
refuse 78 '-X decant.commit.interval' E0402 '' "$decant" run $job -X decant.commit.interval=5
refuse 78 '-X decant.comit.interval' E0401 'decant.commit.interval' "$decant" run $job -X decant.comit.interval=1s
refuse 78 '-X lingr.ms' E0401 'linger.ms' "$decant" run $job -X lingr.ms=5
refuse 78 '-X' E0402 'key=value|-X ' "$decant" run $job -X bootstrap.servers
refuse 78 '-X plugin.library.paths' E0404 '' "$decant" run $job -X plugin.library.paths=x
refuse 78 '--wait' E0402 '' "$decant" run $job --wait 5
refuse 78 '.*' E0402 '' "$decant" run $job --until tomorrow
refuse 78 '.*' E0402 '' "$decant" plan $job --pinot-version 9.9
try 78 env DECANT_WAIT=soon "$decant" run $job
says 'error E0402' DECANT_WAIT
try 1 "$decant" check $job -X decant.comit.interval=1s

# --- 128 + n: the first signal asks, the second ends at once ---
"$decant" generate shop --rate 1k/s --to null 2>"$work/err" >"$work/out" &
pid=$!
sleep 0.5
kill -TERM $pid
wait $pid || fail "generate: exit $? after SIGTERM"
"$decant" run $job -X bootstrap.servers=$nobody --wait 60s --ops off 2>"$work/err" >"$work/out" &
pid=$!
sleep 0.5
kill -TERM $pid
wait $pid
status=$?
[ $status = 143 ] || fail "exit $status instead of 143: nothing is at stake before Kafka answers"

# --- every code has its text: those seen here, and those that the sources name ---
grep -rhoE '"[EWN][0-9]{4}"' --include='*.c' --include='*.h' --include='*.y' --include='*.def' \
    cli common dashboard generator pinot processor runner verify | tr -d '"' >>"$work/codes"
sort -u "$work/codes" >"$work/all"
[ "$(wc -l <"$work/all")" -ge 50 ] || fail "only $(wc -l <"$work/all") codes found"
while read -r code; do
    try 0 "$decant" explain "$code"
    says "^$code: .{5}"
    [ "$(wc -l <"$work/out")" -ge 3 ] || fail "$code is not explained: $(cat "$work/out")"
done <"$work/all"

[ $failed = 0 ] && echo "cli: $cases commands, $(wc -l <"$work/all") codes, all good"
exit $failed
