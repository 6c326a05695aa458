# SPDX-License-Identifier: Apache-2.0
"""The sinks of a SQL file, and their rows from three places.

A sink is what its CREATE TABLE says: columns with types, and a primary key. A
row is a dict from column to value, where a TIMESTAMP(3) is milliseconds since
1970 (UTC). `rows_from` reads the rows of every sink from

  topic:HOST:PORT[/PREFIX]   the last row per key of the upsert topics
  pinot:URL                  the Pinot tables, through the broker at URL
  rows:FILE                  JSON: a list, or lines, of {"sink": …, "row": {…}}

The Avro and the key reader are written from the format descriptions, and share
nothing with the program that they check.
"""
import datetime
import json
import re
import struct
import urllib.request

import topics


class Sink:
    def __init__(self, name, columns, key, key_format):
        self.name = name
        self.columns = columns          # {name: SQL type}, in table order
        self.key = key                  # names, in PRIMARY KEY order
        self.key_format = key_format    # raw or json


def read_sinks(path):
    """The upsert-kafka tables of a SQL file. Understands plain CREATE TABLEs
    only: one column per comma, no computed columns in a sink."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"--[^\n]*", "", file.read())
    out = []
    for name, body, options in re.findall(
            r"CREATE TABLE\s+(\w+)\s*\((.*?)\)\s*WITH\s*\((.*?)\)\s*;", text, re.S):
        options = dict(re.findall(r"'([^']*)'\s*=\s*'([^']*)'", options))
        if options.get("connector") != "upsert-kafka":
            continue
        key = re.search(r"PRIMARY KEY\s*\(([^)]*)\)", body).group(1)
        columns = re.findall(r"(\w+)\s+(STRING|BIGINT|INT|DOUBLE|BOOLEAN|TIMESTAMP\(3\))", body)
        out.append(Sink(name, dict(columns), re.split(r"\s*,\s*", key.strip()),
                        options["key.format"]))
    return out


# ---- Avro ----------------------------------------------------------------

def avro_long(data, at):
    """Zigzag varint: (value, next position)."""
    shift = value = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at


def avro_value(sql_type, data, at):
    if sql_type == "DOUBLE":
        return struct.unpack_from("<d", data, at)[0], at + 8
    if sql_type == "BOOLEAN":
        return {0: False, 1: True}[data[at]], at + 1
    number, at = avro_long(data, at)
    if sql_type != "STRING":
        return number, at
    if not 0 <= number <= len(data) - at:
        raise ValueError(f"string of {number} bytes at byte {at} of {len(data)}")
    return data[at:at + number].decode("utf-8"), at + number


def avro_row(sink, data):
    """Flink's schema of a table: key columns bare, all others ["null", T].
    Returns (row, version, deleted); the last two are None without Decant's
    own columns, which stand last and bare."""
    row, at = {}, 0
    for column, sql_type in sink.columns.items():
        branch = 1
        if column not in sink.key:
            branch, at = avro_long(data, at)
            if branch not in (0, 1):
                raise ValueError(f"column {column}: branch {branch} of a union of two")
        row[column] = None
        if branch == 1:
            row[column], at = avro_value(sql_type, data, at)
    if at == len(data):
        return row, None, None
    version, at = avro_long(data, at)
    deleted, at = avro_value("BOOLEAN", data, at)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes too many")
    return row, version, deleted


# ---- keys ----------------------------------------------------------------

def timestamp_text(ms):
    """As Flink's JSON format writes a TIMESTAMP(3): `.fff` only where needed,
    without trailing zeros."""
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).isoformat(
        sep=" ", timespec="milliseconds")
    return text.rstrip("0").rstrip(".")


def key_bytes(sink, row):
    """The record key that Flink's upsert-kafka writes for a row."""
    if sink.key_format == "raw":
        return row[sink.key[0]].encode("utf-8")
    key = {c: timestamp_text(row[c]) if sink.columns[c] == "TIMESTAMP(3)" else row[c]
           for c in sink.key}
    return json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


# ---- the three sources ---------------------------------------------------

def topic_rows(sink, bootstrap, prefix, complaints):
    """The last row per key. Complains about keys that do not fit their row,
    records in a wrong partition, and a last row that is not the newest: Kafka
    keeps the last one of a key, Pinot the one with the highest _version."""
    topic, last, newest = prefix + sink.name, {}, {}
    count = topics.partitions(bootstrap, topic)
    for partition, offset, key, value in topics.records(bootstrap, topic):
        where = f"{topic} partition {partition} offset {offset} key {key!r}"
        if key is None:
            complaints.append(f"{where}: an upsert without a key")
            continue
        if topics.murmur2(key) % count != partition:
            complaints.append(f"{where}: murmur2 says partition {topics.murmur2(key) % count}")
        if value is None:
            last.pop(key, None)
            continue
        try:
            row, version, deleted = avro_row(sink, value)
            own_key = key if deleted else key_bytes(sink, row)
        except (ValueError, IndexError, KeyError, OverflowError, struct.error) as error:
            complaints.append(f"{where}: not the table's Avro row: {error!r} in {value.hex()}")
            continue
        if own_key != key:
            complaints.append(f"{where}: the row's own key is {own_key!r}")
        last[key] = row, version, deleted
        newest[key] = max(version or 0, newest.get(key, 0))
    for key, (_, version, _) in last.items():
        if (version or 0) < newest[key]:
            complaints.append(f"{topic} key {key!r}: last _version {version}, but there was "
                              f"{newest[key]}")
    return [row for row, _, deleted in last.values() if not deleted]


def pinot_query(broker, sql):
    request = urllib.request.Request(
        broker.rstrip("/") + "/query/sql", json.dumps({"sql": sql}).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        answer = json.load(reply)
    if answer.get("exceptions"):
        raise SystemExit(f"Pinot refuses {sql}: {answer['exceptions']}")
    return answer["resultTable"]["rows"]


def pinot_rows(sink, broker):
    """A TIMESTAMP comes back as text in the server's time zone, hence the cast."""
    columns = ", ".join(f"CAST({c} AS LONG)" if t == "TIMESTAMP(3)" else c
                        for c, t in sink.columns.items())
    rows = pinot_query(broker, f"SET enableNullHandling=true; SELECT {columns} FROM {sink.name} "
                               "WHERE _deleted = false LIMIT 10000000")
    return [dict(zip(sink.columns, row)) for row in rows]


def file_rows(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    entries = json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines())
    out = {}
    for entry in entries:
        out.setdefault(entry["sink"], []).append(entry["row"])
    return out


def rows_from(source, sinks, complaints):
    """{sink name: {key values: row}} of one source; see the top."""
    kind, _, rest = source.partition(":")
    if kind == "topic":
        bootstrap, _, prefix = rest.partition("/")
        found = {s.name: topic_rows(s, bootstrap, prefix, complaints) for s in sinks}
    elif kind == "pinot":
        found = {s.name: pinot_rows(s, rest) for s in sinks}
    elif kind == "rows":
        found = file_rows(rest)
    else:
        raise SystemExit(f"unknown source {source}: want topic:HOST:PORT, pinot:URL or rows:FILE")
    out = {}
    for sink in sinks:
        out[sink.name] = keyed = {}
        for row in found.get(sink.name, []):
            key = tuple(row[c] for c in sink.key)
            if key in keyed:
                complaints.append(f"{source}: {sink.name} has two rows with key {key}")
            keyed[key] = row
    return out
