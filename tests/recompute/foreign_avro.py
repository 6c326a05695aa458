#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every row of a SQL file's upsert topics with fastavro, too.

  foreign_avro.py FILE.sql HOST:PORT[/PREFIX]

The writer's schema is the one that Flink derives from the table, followed by
Decant's two columns unless --without-version is given. Exit 1 unless fastavro
reads each value to its last byte and finds what this folder's own reader finds.
"""
import datetime
import io
import sys

import fastavro

import sinks
import topics

AVRO = {"STRING": "string", "BIGINT": "long", "INT": "int", "DOUBLE": "double",
        "BOOLEAN": "boolean",
        "TIMESTAMP(3)": {"type": "long", "logicalType": "timestamp-millis"}}
OURS = [{"name": "_version", "type": "long"}, {"name": "_deleted", "type": "boolean"}]
SHOWN = 20
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def schema(sink, ours):
    fields = [{"name": c, "type": AVRO[t] if c in sink.key else ["null", AVRO[t]]}
              for c, t in sink.columns.items()]
    return fastavro.parse_schema({"type": "record", "name": "record", "fields": fields + ours})


def plain(value):
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(milliseconds=1)
    return value


def main(path, place, ours):
    bootstrap, _, prefix = place.partition("/")
    wrong = 0
    for sink in sinks.read_sinks(path):
        writer, count = schema(sink, ours), 0
        for _, offset, key, value in topics.records(bootstrap, prefix + sink.name):
            if value is None:
                continue
            stream = io.BytesIO(value)
            try:
                found = fastavro.schemaless_reader(stream, writer, None)
            except (EOFError, ValueError, IndexError) as error:
                found = {"error": repr(error)}
            row = {c: plain(v) for c, v in found.items()}
            own, version, deleted = sinks.avro_row(sink, value)
            if ours:
                own = {**own, "_version": version, "_deleted": deleted}
            count += 1
            if stream.read() or row != own:
                wrong += 1
                if wrong > SHOWN:
                    continue
                print(f"{prefix}{sink.name} offset {offset} key {key!r}: {row} | {own}",
                      file=sys.stderr)
        print(f"{sink.name}: {count} rows read")
    print(f"{wrong} rows read differently by fastavro")
    return 1 if wrong else 0


if __name__ == "__main__":
    words = [w for w in sys.argv[1:] if w != "--without-version"]
    if len(words) != 2:
        sys.exit(__doc__)
    sys.exit(main(*words, [] if "--without-version" in sys.argv else OURS))
