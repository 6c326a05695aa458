#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Events per second of the generator: nowhere, as lines, with faults, with 900,000 visits at once,
# and to a broker (only with DECANT_KAFKA_BOOTSTRAP). Prints figures; judges nothing.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
decant=${DECANT:-$PWD/decant}
count=${1:-2000000}

# row NAME FLAGS...: best of three; the clock runs until the last acknowledgement.
row() {
    local name=$1 best
    shift
    best=$(for _ in 1 2 3; do
        "$decant" generate shop --start 2026-01-01T00:00:00 --rate max --count "$count" --json \
            "$@" 2>/dev/null || exit
    done | python3 -c '
import json, sys
runs = [json.loads(line) for line in sys.stdin]
best = min(runs, key=lambda run: run["duration_s"] + run["drain_s"])
seconds = best["duration_s"] + best["drain_s"]
print("%11.0f /s %8.0f ns %8.0f MB/s" % (best["events"] / seconds, seconds / best["events"] * 1e9,
                                        best["size_bytes"] / seconds / 1e6))')
    printf '%-34s %s\n' "$name" "$best"
}

row 'null' --to null
row 'null, 20,000/s of event time' --to null --event-rate 20k/s
row 'null, all faults' --to null --event-rate 10k/s --late 2 --duplicates 2 --bad 1 --nulls 1 \
    --out-of-order 2 --too-late 0.2
row 'lines to /dev/null' --to /dev/null
if [ -n "${DECANT_KAFKA_BOOTSTRAP:-}" ]; then
    row 'Kafka, acknowledged' --topic generate-bench -X "bootstrap.servers=$DECANT_KAFKA_BOOTSTRAP"
fi
