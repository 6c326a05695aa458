# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What stack/setup, stack/up, stack/down, stack/status, ./demo and ./check share: ports, processes,
# readiness, progress. Sourced, never run. Needs bash, coreutils and /proc only, so that it works
# before anything is installed.

# shellcheck disable=SC2034  # read by the scripts that source this file
{
    KAFKA_VERSION=3.9.2
    PINOT_VERSION=1.5.1
    PINOT_FALLBACK_VERSION=0.11.0
}
export LC_ALL=C.UTF-8 # numbers with a point, whatever the user speaks
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
stack_dir=${DECANT_STACK_DIR:-$root/.stack}
[ "${stack_dir#/}" != "$stack_dir" ] || stack_dir=$PWD/$stack_dir
log_dir=$stack_dir/log

# Exit codes of sysexits.h, as everywhere in Decant.
EX_USAGE=64 EX_UNAVAILABLE=69 EX_CONFIG=78

say() { printf '%s\n' "$*" >&2; }

# die CODE LINE...: an error in one line, then lines of evidence and what to do.
die() {
    local code=$1
    shift
    say "error: $1"
    shift
    [ $# = 0 ] || printf '  %s\n' "$@" >&2
    exit "$code"
}

# --- ports -------------------------------------------------------------------------------------

# name, offset from DECANT_PORT_BASE, usual port when no base is set
port_table='
dashboard         0 8080
ops               1 9464
kafka             2 9092
kafka_controller  3 9093
pinot_controller  4 9000
pinot_broker      5 8099
pinot_server      6 8098
pinot_admin       7 8097
pinot_grpc        8 8090
pinot_minion      9 9514
pinot_meters     10 8096
zookeeper        11 2123
'
kafka_ports='kafka kafka_controller'
pinot_ports='pinot_controller pinot_broker pinot_server pinot_admin pinot_grpc pinot_minion pinot_meters zookeeper'
declare -A port

# load_ports: fills port[NAME]. DECANT_PORT_<NAME> beats DECANT_PORT_BASE beats the ports that this
# stack directory had before (Pinot keeps addresses in its data) beats the usual port.
load_ports() {
    local name offset usual variable base=${DECANT_PORT_BASE:-}
    local -A kept=()
    case $base in
    '') ;;
    *[!0-9]* | ??????*) die $EX_CONFIG "DECANT_PORT_BASE is '$base'; it must be a number, 1024 to 65000" ;;
    *) ((10#$base >= 1024 && 10#$base <= 65000)) ||
        die $EX_CONFIG "DECANT_PORT_BASE is $base; it must be a number, 1024 to 65000" ;;
    esac
    if [ -f "$stack_dir/ports" ]; then
        while IFS='=' read -r name usual; do kept[$name]=$usual; done <"$stack_dir/ports"
    fi
    while read -r name offset usual; do
        [ -n "$name" ] || continue
        variable=DECANT_PORT_${name^^}
        if [ -n "${!variable:-}" ]; then
            port[$name]=${!variable}
        elif [ -n "$base" ]; then
            port[$name]=$((base + offset))
        else
            port[$name]=${kept[$name]:-$usual}
        fi
        case $name in dashboard | ops) continue ;; esac
        [ -z "${kept[$name]:-}" ] || [ "${kept[$name]}" = "${port[$name]}" ] ||
            die $EX_CONFIG "the data in $stack_dir was made with $name on port ${kept[$name]}, not ${port[$name]}" \
                "Pinot keeps addresses in its data, so they stay with it." \
                "help: unset DECANT_PORT_BASE, or use another DECANT_STACK_DIR, or remove $stack_dir"
    done <<<"$port_table"
}

# The stack's ports belong to its data from the first start on.
keep_ports() {
    local name
    for name in $kafka_ports $pinot_ports; do printf '%s=%s\n' "$name" "${port[$name]}"; done >"$stack_dir/ports.new"
    mv "$stack_dir/ports.new" "$stack_dir/ports"
}

# write_env: the addresses for other programs, in the spelling of decant's own settings.
write_env() {
    cat >"$stack_dir/env" <<ENV
export DECANT_STACK_DIR='$stack_dir'
export DECANT_KAFKA_BOOTSTRAP='127.0.0.1:${port[kafka]}'
export DECANT_PINOT_CONTROLLER='http://127.0.0.1:${port[pinot_controller]}'
export DECANT_PINOT_BROKER='http://127.0.0.1:${port[pinot_broker]}'
export DECANT_PINOT_METERS='http://127.0.0.1:${port[pinot_meters]}'
ENV
}

# port_inode PORT: prints the socket's inode when something listens on PORT, else fails.
port_inode() {
    local hex found
    hex=$(printf ':%04X' "$1")
    found=$(awk -v port="$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10; exit }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    [ -n "$found" ] && printf '%s\n' "$found"
}

port_taken() { port_inode "$1" >/dev/null; }

# port_holder PORT: "pid 123 (java -cp …)", as far as this user may see it.
port_holder() {
    local inode fd pid
    inode=$(port_inode "$1") || return 1
    fd=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null)
    pid=${fd#/proc/}
    pid=${pid%%/*}
    if [ -n "$pid" ]; then
        printf 'pid %s (%.60s)\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
    else
        printf 'a process of another user\n'
    fi
}

need_free() {
    local name
    for name in "$@"; do
        ! port_taken "${port[$name]}" ||
            die $EX_UNAVAILABLE "port ${port[$name]} ($name) is taken by $(port_holder "${port[$name]}")" \
                "help: stop that, or choose other ports: DECANT_PORT_BASE=21000 $0, or DECANT_PORT_${name^^}=N"
    done
}

# --- processes ---------------------------------------------------------------------------------

# process_start PID: its start time in clock ticks; fails when it is gone or a zombie. A number may
# come back to another process; number and start time together do not.
process_start() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    # shellcheck disable=SC2086  # split on purpose: the fields after "pid (command)"
    set -- ${stat##*) }
    [ "$1" != Z ] && printf '%s\n' "${20}"
}

# write_pid FILE PID
write_pid() { printf '%s %s\n' "$2" "$(process_start "$2")" >"$1"; }

# running_pid FILE: prints the pid when the process that FILE names still runs.
running_pid() {
    local pid start
    [ -f "$1" ] || return 1
    read -r pid start <"$1" || return 1
    [ -n "$start" ] && [ "$(process_start "$pid")" = "$start" ] && printf '%s\n' "$pid"
}

# end_process FILE SECONDS: SIGTERM, and SIGKILL when SECONDS have passed. Only ever the process
# that FILE names.
end_process() {
    local pid end=$((SECONDS + $2))
    pid=$(running_pid "$1") || { rm -f "$1"; return 0; }
    kill -TERM "$pid" 2>/dev/null
    while running_pid "$1" >/dev/null; do
        if [ $SECONDS -ge $end ]; then
            say "pid $pid did not stop within $2 s: killed"
            kill -KILL "$pid" 2>/dev/null
            sleep 0.5
            break
        fi
        sleep 0.1
    done
    rm -f "$1"
}

memory_mb() { awk '/^VmRSS/ { printf "%d\n", $2 / 1024 }' "/proc/$1/status" 2>/dev/null; }

# --- readiness ---------------------------------------------------------------------------------

# kafka_answers PORT: a broker answers a metadata request and knows at least one broker; an open
# port says less.
kafka_answers() (
    { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || exit 1
    # size 16, api 3 (metadata), version 1, correlation 1, client "up", no topics
    printf '\0\0\0\x10\0\3\0\1\0\0\0\1\0\2up\0\0\0\0' >&3
    # size, correlation, number of brokers: 4 bytes each
    answer=$(timeout 3 head -c 12 <&3 | od -An -v -tu1 | tr -s ' \n' ' ')
    # shellcheck disable=SC2086
    set -- $answer
    [ $# = 12 ] && [ $((${9} + ${10} + ${11} + ${12})) -gt 0 ]
)

# http_get PORT PATH: prints the body of a 200 answer from this machine. Waits 3 s at most.
http_get() (
    { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || exit 1
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$2" "$1" >&3
    answer=$(timeout 3 cat <&3 | tr -d '\r')
    case ${answer%%$'\n'*} in HTTP/1.?\ 200*) ;; *) exit 1 ;; esac
    printf '%s\n' "${answer#*$'\n\n'}"
)

pinot_answers() {
    local role
    [ -f "$stack_dir/pinot/ready" ] || return 1
    for role in pinot_controller pinot_broker pinot_admin pinot_minion; do
        [ "$(http_get "${port[$role]}" /health)" = OK ] || return 1
    done
}

# last_lines NAME: the last 5 lines of what a part has logged or printed.
last_lines() {
    cat "$log_dir/$1.log" "$log_dir/$1.out" 2>/dev/null | tail -n 5 | cut -c 1-300
}

# wait_for NAME SECONDS TEST...: until TEST holds. Ends the script when the process of NAME is gone.
wait_for() {
    local name=$1 limit=$2 begin=$SECONDS
    shift 2
    until "$@"; do
        running_pid "$stack_dir/$name/pid" >/dev/null ||
            die $EX_UNAVAILABLE "$name stopped while starting; its last lines:" \
                "$(last_lines "$name")" "help: all of it is in $log_dir/$name.log and $name.out"
        [ $((SECONDS - begin)) -lt "$limit" ] ||
            die $EX_UNAVAILABLE "$name did not become ready within $limit s; its last lines:" \
                "$(last_lines "$name")" "help: it still runs; look at $log_dir/$name.log, or stack/down"
        sleep 0.2
    done
}

# --- progress ----------------------------------------------------------------------------------

# with_progress LABEL LOG COMMAND...: runs COMMAND with all output in LOG, and watches it.
with_progress() {
    local label=$1 log=$2
    shift 2
    "$@" >"$log" 2>&1 </dev/null &
    watch_progress "$label" "$log" $!
}

# watch_progress LABEL LOG PID: until the child PID ends; its exit status is returned. Meanwhile one
# living line on a terminal, else a line per 10 s. Upon failure the last lines of LOG are shown.
watch_progress() {
    local label=$1 log=$2 pid=$3 begin=$SECONDS next=10 files status
    while process_start "$pid" >/dev/null; do
        sleep 0.2
        files=$(grep -c 'Downloaded from' "$log" 2>/dev/null)
        [ "${files:-0}" = 0 ] && files='' || files=", $files files"
        if [ -t 2 ]; then
            printf '\r  %s … %d s%s \033[K' "$label" $((SECONDS - begin)) "$files" >&2
        elif [ $((SECONDS - begin)) -ge $next ]; then
            say "  $label … $next s$files"
            next=$((next + 10))
        fi
    done
    wait "$pid"
    status=$?
    [ ! -t 2 ] || printf '\r\033[K' >&2
    if [ $status != 0 ] && [ -z "${QUIET_FAILURE:-}" ]; then
        say "error: $label failed (exit $status); the last lines of $log:"
        tail -n 15 "$log" | cut -c 1-300 | sed 's/^/  /' >&2
    fi
    return $status
}
