# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the end-to-end scripts share; sourced first, from anywhere. Leaves: the tree's root as working directory,
# $decant (DECANT, the program under test), $work (a scratch folder that the script's trap removes), $failed.
set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
decant=${DECANT:-$PWD/decant}
work=$(mktemp -d)
failed=0

say() { echo "$SECONDS s  $*"; }
fail() {
    echo "FAILED: $*" >&2
    failed=1
}

# need VARIABLE...: addresses that ./check exports.
need() {
    local name
    for name in "$@"; do
        [ -n "${!name:-}" ] || {
            echo "set $name: stack/up --env prints it" >&2
            exit 69
        }
    done
}

# expect STATUS COMMAND...: runs it within 3 minutes; output in $work/out and $work/err.
expect() {
    local want=$1 status limit=(timeout 180)
    shift
    [ "$(type -t "$1")" != function ] || limit=()
    "${limit[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ "$status" = "$want" ] || fail "exit $status instead of $want: $* ($(tail -c 900 "$work/out" "$work/err"))"
}

# says PATTERN...: the last command's output or errors hold each.
says() {
    local pattern
    for pattern in "$@"; do
        grep -qE -- "$pattern" "$work/out" "$work/err" || fail "no '$pattern' in: $(tail -c 1500 "$work/out" "$work/err")"
    done
}
