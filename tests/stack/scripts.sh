#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The stack's scripts without Kafka and Pinot: ports, processes, errors.

set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
unset DECANT_PORT_BASE
export DECANT_STACK_DIR=$work/stack
# shellcheck source=stack/lib.sh
. "$here/../../stack/lib.sh"
mkdir -p "$stack_dir"
helpers=()
trap '{ kill -KILL "${helpers[@]}"; wait; } 2>/dev/null; rm -rf "$work"' EXIT
failed=0

check() { # check WHAT EXPECTED GOT
    if [ "$2" = "$3" ]; then
        say "ok: $1"
    else
        say "FAIL: $1: expected '$2', got '$3'"
        failed=1
    fi
}

contains() { # contains WHAT PART TEXT
    case $3 in *"$2"*) check "$1" "$2" "$2" ;; *) check "$1" "$2" "$3" ;; esac
}

# A listener on a port that the kernel chooses, so that no other program is in the way.
python3 -c 'import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(600)' >"$work/port" &
listener=$!
helpers+=("$listener")
until [ -s "$work/port" ]; do sleep 0.1; done
taken=$(cat "$work/port")

# --- ports ---
load_ports
check "usual ports" "9092 9000 8099 8080 9464" \
    "${port[kafka]} ${port[pinot_controller]} ${port[pinot_broker]} ${port[dashboard]} ${port[ops]}"
DECANT_PORT_BASE=31000 load_ports
check "ports from a base" "31002 31004 31005 31000" \
    "${port[kafka]} ${port[pinot_controller]} ${port[pinot_broker]} ${port[dashboard]}"
DECANT_PORT_BASE=31000 DECANT_PORT_KAFKA=31500 load_ports
check "one port by name" "31500 31004" "${port[kafka]} ${port[pinot_controller]}"
for base in x 80 70000 -1; do
    (DECANT_PORT_BASE=$base load_ports) 2>/dev/null
    check "base $base is refused" 78 $?
done
DECANT_PORT_BASE=31000 load_ports
keep_ports
load_ports
check "ports stay with the data" 31002 "${port[kafka]}"
text=$( (DECANT_PORT_BASE=32000 load_ports) 2>&1)
check "another base on the same data is refused" 78 $?
contains "and says why" "was made with kafka on port 31002, not 32002" "$text"
rm "$stack_dir/ports"

port_taken "$taken"
check "a taken port is seen" 0 $?
contains "its holder is named" "pid $listener (" "$(port_holder "$taken")"
text=$( (port[kafka]=$taken; need_free kafka) 2>&1)
check "a taken port is an error" 69 $?
contains "that names it" "port $taken (kafka) is taken by pid $listener" "$text"

# --- processes ---
sleep 600 &
other=$!
helpers+=("$other")
write_pid "$work/pid" $other
check "a running process is found" $other "$(running_pid "$work/pid")"
echo "$other 1" >"$work/stale"
end_process "$work/stale" 5
kill -0 $other
check "a process that only has the same number is left alone" 0 $?
end_process "$work/pid" 5
kill -0 $other 2>/dev/null
check "SIGTERM ends it" 1 $?

bash -c 'trap "" TERM; echo >"$0"; while :; do sleep 0.1; done' "$work/deaf" &
deaf=$!
helpers+=("$deaf")
until [ -e "$work/deaf" ]; do sleep 0.1; done
write_pid "$work/pid" $deaf
end_process "$work/pid" 1 2>/dev/null
process_start $deaf >/dev/null
check "SIGKILL ends one that ignores SIGTERM" 1 $?

# --- readiness ---
http_get "$taken" / >/dev/null 2>&1
check "a silent port is not an answer" 1 $?
kafka_answers "$taken"
check "a silent port is not Kafka" 1 $?
check "no log, no lines" "" "$(last_lines kafka)"
mkdir -p "$log_dir" "$stack_dir/kafka"
printf 'a\nb\nc\nd\ne\nf\n' >"$log_dir/kafka.out"
text=$( (wait_for kafka 5 false) 2>&1)
check "a child that died ends the waiting" 69 $?
contains "with its last lines" "$(printf 'b\nc\nd\ne\nf')" "$text"

# --- commands ---
"$root/stack/down"
check "down without anything running" 0 $?
text=$("$root/stack/status")
check "status without anything running" 1 $?
contains "says so" "kafka  stopped" "$text"
"$root/stack/status" --json | python3 -c 'import json, sys; sys.exit([p["state"] for p in json.load(sys.stdin)["parts"]] != ["stopped"] * 2)'
check "status --json" 0 $?
"$root/stack/up" nonsense 2>/dev/null
check "up with nonsense" 64 $?
mkdir "$work/empty-path"
for tool in bash dirname flock mkdir grep sleep cat mv; do ln -s "$(command -v $tool)" "$work/empty-path/"; done
text=$(PATH=$work/empty-path "$root/stack/up" kafka 2>&1)
check "up without Java" 69 $?
contains "names what is missing" "java is not on PATH" "$text"
# Nothing installed, and not root: the one line, and nothing else happens.
mkdir "$work/fake"
printf '#!/bin/sh\necho 1000\n' >"$work/fake/id"
printf '#!/bin/sh\nexit 1\n' >"$work/fake/dpkg-query"
chmod +x "$work/fake/"*
text=$(PATH=$work/fake:$PATH "$root/stack/setup" packages build 2>&1)
check "packages missing, and not root" 69 $?
contains "prints the line to run" "sudo apt-get install -y --no-install-recommends" "$text"
contains "with what is missing" " libjansson-dev " "$text"

"$root/demo" --seconds x 2>/dev/null
check "demo with a wrong number" 64 $?
write_pid "$work/pid" $$
mkdir -p "$stack_dir/demo"
write_pid "$stack_dir/demo/pid" $$
echo http://127.0.0.1:1/ >"$stack_dir/demo/url"
text=$("$root/demo")
check "a second demo" 0 $?
contains "names the first" "a demo runs already (pid $$): http://127.0.0.1:1/" "$text"
text=$("$root/demo" --clean --yes 2>&1)
check "no cleaning under a running demo" 69 $?
rm "$stack_dir/demo/pid"
touch "$stack_dir/mine"
"$root/demo" --clean </dev/null >/dev/null 2>&1
check "cleaning asks" 64 $?
"$root/demo" --clean --yes >/dev/null
check "cleaning leaves what is not ours" mine "$(ls "$stack_dir")"
exit $failed
