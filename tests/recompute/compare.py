#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the rows of every sink of a SQL file between two sources.

  compare.py FILE.sql SOURCE SOURCE   exit 1 and the first differing keys
  compare.py FILE.sql SOURCE          prints the rows, one JSON object a line

Sources: see sinks.py. Doubles may differ by a relative 1e-12 (sums in another
order); everything else has to be equal.
"""
import json
import math
import sys

import sinks

SHOWN = 20


def equal(sql_type, a, b):
    if sql_type == "DOUBLE" and a is not None and b is not None:
        return math.isclose(float(a), float(b), rel_tol=1e-12, abs_tol=1e-12)
    return a == b


def difference(sink, a, b):
    """What differs between two rows of one key, or None."""
    if a is None or b is None:
        return "missing on the " + ("left" if a is None else "right")
    wrong = [f"{c}: {a[c]!r} | {b[c]!r}" for c, t in sink.columns.items()
             if not equal(t, a[c], b[c])]
    return "; ".join(wrong) or None


def compare(tables, left, right):
    found = []
    for sink in tables:
        a, b = left[sink.name], right[sink.name]
        wrong = [f"{sink.name} {key}: {text}" for key in sorted(a.keys() | b.keys(), key=repr)
                 if (text := difference(sink, a.get(key), b.get(key)))]
        print(f"{sink.name}: {len(a)} | {len(b)} rows, {len(wrong)} keys differ")
        found += wrong
    return found


def main(path, *sources):
    tables, complaints = sinks.read_sinks(path), []
    read = [sinks.rows_from(source, tables, complaints) for source in sources]
    if len(read) == 1:
        for sink in tables:
            for row in read[0][sink.name].values():
                print(json.dumps({"sink": sink.name, "row": row}, ensure_ascii=False))
        found = []
    else:
        found = compare(tables, *read)
        if not any(read[0].values()):
            complaints.append(f"{sources[0]}: no rows at all")
    for text in complaints[:SHOWN] + found[:SHOWN]:
        print(text, file=sys.stderr)
    if len(complaints) + len(found) > SHOWN:
        print(f"… {len(complaints)} complaints, {len(found)} differing keys", file=sys.stderr)
    return 1 if complaints or found else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
