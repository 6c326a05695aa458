#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes the sinks of pipelines/shop.sql from the raw topic, by SQLite.

  recompute.py topic:HOST:PORT[/TOPIC]   reads raw-events, or TOPIC
  recompute.py file:FILE                 lines of KEY <tab> VALUE, one partition
  --drop-late                            leave rows out of windows that they come
                                         too late for; one partition only

Prints one JSON object per row; the counters go to standard error. One batch over
all events at once, with money as whole cents: no windows that open and close, no
state, no shared code with the program under test. (Two limits: SQLite cuts a name
at a NUL character, and a number in exponent form loses its spelling as text.)

A row comes too late when the watermark (greatest event time so far less 5 s) has
passed its window's end by 10 minutes. How that falls out over several partitions
depends on who reads them when, so without --drop-late such rows are counted in,
and their number is reported: input for a comparison should have none.
"""
import argparse
import collections
import datetime
import decimal
import json
import re
import sqlite3
import sys

import topics

MINUTE = 60_000
WATERMARK_DELAY = 5_000
LATENESS = 10 * MINUTE
TEXT_FIELDS = ("event_id", "event_type", "user_id", "session_id", "product_id", "product_name",
               "product_category", "order_id")
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?")

SCHEMA = """
CREATE TABLE raw (arrival INTEGER PRIMARY KEY, ts INTEGER, in_time INTEGER, event_id, event_type,
  user_id, session_id, product_id, product_name, product_category, order_id,
  quantity INTEGER, cents INTEGER)
"""
EV = """
CREATE TABLE ev AS SELECT *, ts - ts % 60000 AS minute,
  strftime('%Y-%m-%d %H:%M:%S', ts / 1000, 'unixepoch') || printf('.%03d', ts % 1000) AS ts_text
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY session_id, event_id ORDER BY arrival) AS copy
  FROM raw WHERE event_id IS NOT NULL AND ts IS NOT NULL AND session_id IS NOT NULL
  AND event_type IN ('page_view', 'product_view', 'add_to_cart', 'purchase'))
WHERE copy = 1
"""
MONEY = "COALESCE(SUM(CASE WHEN event_type = 'purchase' THEN cents END), 0) / 100.0"
UNITS = "COALESCE(SUM(CASE WHEN event_type = 'purchase' THEN quantity END), 0)"
SINKS = {
    "active_users_per_minute": """
SELECT minute AS window_start, minute + 60000 AS window_end,
  COUNT(DISTINCT user_id) AS active_users, COUNT(DISTINCT session_id) AS active_sessions,
  COUNT(*) AS events
FROM ev WHERE in_time GROUP BY minute""",
    "product_analytics": f"""
SELECT product_id, SUBSTR(MAX(ts_text || product_name), 24) AS product_name,
  SUBSTR(MAX(ts_text || product_category), 24) AS product_category,
  SUM(event_type = 'product_view') AS view_count, SUM(event_type = 'add_to_cart') AS cart_adds,
  SUM(event_type = 'purchase') AS purchases, {UNITS} AS units, {MONEY} AS revenue,
  MAX(ts) AS update_time
FROM ev WHERE product_id IS NOT NULL GROUP BY product_id""",
    "user_session_analytics": f"""
SELECT session_id, MIN(user_id) AS user_id, MIN(user_id) <> MAX(user_id) AS mixed_users,
  MIN(ts) AS session_start, MAX(ts) AS session_end,
  (MAX(ts) - MIN(ts)) / 1000 AS duration_seconds, COUNT(*) AS events,
  SUM(event_type = 'page_view') AS page_views, SUM(event_type = 'product_view') AS product_views,
  SUM(event_type = 'add_to_cart') AS cart_adds, SUM(event_type = 'purchase') AS purchases,
  {MONEY} AS total_spent, SUM(event_type = 'purchase') > 0 AS converted, COUNT(*) = 1 AS bounced
FROM ev GROUP BY session_id""",
    "category_minute": f"""
SELECT minute AS window_start, minute + 60000 AS window_end, product_category,
  SUM(event_type = 'product_view') AS view_count, SUM(event_type = 'add_to_cart') AS cart_adds,
  SUM(event_type = 'purchase') AS purchases, COUNT(DISTINCT order_id) AS orders,
  {UNITS} AS units, {MONEY} AS revenue
FROM ev WHERE in_time AND product_category IS NOT NULL GROUP BY minute, product_category""",
}
BOOLEANS = ("mixed_users", "converted", "bounced")


# ---- one record ----------------------------------------------------------

def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


# strict=False: as Flink does, control characters are let through inside strings.
DECODER = json.JSONDecoder(parse_float=decimal.Decimal, parse_constant=refuse, strict=False)


def decode(value):
    """The JSON object of a value, or None. Text behind the object is ignored."""
    try:
        found, _ = DECODER.raw_decode((value or b"").decode("utf-8-sig").lstrip(" \t\r\n"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def text(value):
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")     # a lone surrogate becomes "?"
    if value is None:
        return None
    if isinstance(value, decimal.Decimal):
        return str(value)
    return json.dumps(value, separators=(",", ":"), default=str)


def number(value, kind):
    """A number or the text of one, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, str, decimal.Decimal)):
        return None
    try:
        return kind(value.strip() if isinstance(value, str) else value)
    except (ValueError, decimal.InvalidOperation):
        return None


def integer(value):
    """An INT; what does not fit into 32 bits is NULL."""
    found = number(value, int)
    return found if found is not None and -2 ** 31 <= found < 2 ** 31 else None


def cents(value):
    amount = number(value, decimal.Decimal)
    if amount is None or not amount.is_finite():
        return None
    whole = int((amount * 100).to_integral_value(decimal.ROUND_HALF_UP))
    return whole if abs(whole) < 10 ** 14 else None


def milliseconds(value):
    if not isinstance(value, str) or not ISO_TIME.fullmatch(value):
        return None
    try:
        time = datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    return (time - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)


# ---- the batch -----------------------------------------------------------

def load(db, records, counts):
    """Fills table raw. The counters name what a record was left out for."""
    newest = collections.defaultdict(int)       # partition -> greatest event time
    for arrival, (partition, _, key, value) in enumerate(records):
        counts["records"] += 1
        event = decode(value)
        if event is None:
            counts["undecodable"] += 1
            continue
        row = {name: text(event.get(name)) for name in TEXT_FIELDS}
        ts = milliseconds(event.get("event_timestamp"))
        watermark = newest[partition] - WATERMARK_DELAY
        newest[partition] = max(newest[partition], ts or 0)
        if None not in (key, row["session_id"]) and key != row["session_id"].encode("utf-8"):
            counts["key-mismatch"] += 1
            continue
        window_end = (ts or 0) // MINUTE * MINUTE + MINUTE
        row.update(arrival=arrival, ts=ts, in_time=watermark < window_end - 1 + LATENESS,
                   quantity=integer(event.get("quantity")),
                   cents=cents(event.get("total_amount")))
        db.execute(f"INSERT INTO raw ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                   tuple(row.values()))
    counts["partitions"] = len(newest)


def fold(db, drop_late, counts):
    db.execute(EV)
    (counts["folded"], late), = db.execute("SELECT COUNT(*), SUM(NOT in_time) FROM ev")
    counts["late"] = late or 0
    if not drop_late:
        db.execute("UPDATE ev SET in_time = 1")
    for sink, query in SINKS.items():
        cursor = db.execute(query)
        names = [column[0] for column in cursor.description]
        for values in cursor:
            row = dict(zip(names, values))
            row.update((c, bool(row[c])) for c in BOOLEANS if row.get(c) is not None)
            yield sink, row


def read(source):
    kind, _, rest = source.partition(":")
    if kind == "topic":
        bootstrap, _, topic = rest.partition("/")
        yield from topics.records(bootstrap, topic or "raw-events")
        return
    with open(rest, "rb") as file:
        for offset, line in enumerate(file):
            key, _, value = line.rstrip(b"\n").partition(b"\t")
            yield 0, offset, key, value


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--drop-late", action="store_true")
    options = parser.parse_args()
    counts = collections.Counter()
    db = sqlite3.connect(":memory:")
    db.execute(SCHEMA)
    load(db, read(options.source), counts)
    if options.drop_late and counts["partitions"] > 1:
        sys.exit("--drop-late: which rows are late is not determined over several partitions")
    for sink, row in fold(db, options.drop_late, counts):
        print(json.dumps({"sink": sink, "row": row}, ensure_ascii=False))
    print(" ".join(f"{name}={counts[name]}" for name in
                   ("records", "undecodable", "key-mismatch", "folded", "late")), file=sys.stderr)


if __name__ == "__main__":
    main()
