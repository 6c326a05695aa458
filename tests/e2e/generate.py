#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what `decant generate shop` wrote and judges it without knowing how it was made.

  facts            lines on stdin without faults: every field, every visit, the shares
  faults SUMMARY   lines on stdin with faults: counted again, compared with the --json summary
  topic LINES      records on stdin as kcat -f '%p %K %S %k%s' prints them: the same ones as in the
                   file of lines, each in the partition that murmur2 of its key gives
"""
import collections
import json
import re
import sys

COMMON = ["event_id", "event_timestamp", "event_type", "user_id", "session_id", "device_type", "os",
          "browser", "location"]
PRODUCT = ["product_id", "product_name", "product_category", "price"]
FIELDS = {
    "page_view": COMMON + ["page_url", "referrer_url", "time_spent"],
    "product_view": COMMON + PRODUCT,
    "add_to_cart": COMMON + PRODUCT + ["quantity"],
    "purchase": COMMON + PRODUCT + ["quantity", "order_id", "total_amount"],
}
CATEGORIES = ["Electronics", "Clothing", "Books", "Home & Garden", "Sports"]
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$")


def check(condition, what, got=""):
    if not condition:
        sys.exit(f"generate.py: {what}: {got}")


def once(value, seen, what):
    check(value not in seen, f"{what} twice", value)
    seen.add(value)


def cents(value):
    return round(value * 100)


def check_event(event, ids, orders, products):
    kind = event["event_type"]
    check(list(event) == FIELDS[kind], "fields or their order", list(event))
    for name in ("event_id", "user_id", "session_id"):
        check(UUID.match(event[name]), name, event[name])
    once(event["event_id"], ids, "event_id")
    check(TIME.match(event["event_timestamp"]), "time", event["event_timestamp"])
    check(event["device_type"] in ("desktop", "mobile", "tablet"), "device", event)
    check(event["os"] in ("Windows", "MacOS", "iOS", "Android", "Linux"), "os", event)
    check(event["browser"] in ("Chrome", "Firefox", "Safari", "Edge"), "browser", event)
    if kind == "page_view":
        check(5 <= event["time_spent"] <= 300, "time_spent", event)
        return
    product = tuple(event[name] for name in PRODUCT)
    check(products.setdefault(product[0], product) == product, "product changes", product)
    number = int(product[0].removeprefix("p-"))
    check(product[0] == f"p-{number:03}" and 1 <= number <= 100, "product id", product)
    check(product[2] == CATEGORIES[(number - 1) % 5], "category", product)
    check(5 <= product[3] <= 1000, "price", product)
    if kind != "product_view":
        check(event["quantity"] in range(1, 6), "quantity", event)
    if kind == "purchase":
        once(event["order_id"], orders, "order_id")
        total = cents(event["price"]) * event["quantity"]
        check(cents(event["total_amount"]) == total, "total", event)


def check_visit(events):
    """One user on one device; what is bought was put into the cart, what is put there was seen."""
    first = events[0]
    viewed, cart = None, collections.Counter()
    for event in events:
        kind = event["event_type"]
        for name in ("user_id", "device_type", "os", "browser", "location"):
            check(event[name] == first[name], f"{name} changes within a session", event)
        if kind == "product_view":
            viewed = event["product_id"]
        elif kind == "add_to_cart":
            check(event["product_id"] == viewed, "cart takes what was not just seen", event)
            cart[event["product_id"], event["quantity"]] += 1
        elif kind == "purchase":
            row = event["product_id"], event["quantity"]
            check(cart[row] > 0, "purchase of what is not in the cart", event)
            cart[row] -= 1


def facts():
    ids, orders, products, devices = set(), set(), {}, {}
    visits, kinds, last, nulls = {}, collections.Counter(), "", 0
    for line in sys.stdin:
        key, value = line.rstrip("\n").split("\t")
        event = json.loads(value)
        check(key == event["session_id"], "key", line)
        check(event["event_timestamp"] >= last, "time falls", line)
        last = event["event_timestamp"]
        check_event(event, ids, orders, products)
        device = tuple(event[name] for name in ("device_type", "os", "browser", "location"))
        check(devices.setdefault(event["user_id"], device) == device, "user changes device", line)
        visits.setdefault(key, []).append(event)
        kinds[event["event_type"]] += 1
        nulls += event.get("referrer_url", "") is None
    total, n = sum(kinds.values()), len(visits)
    for events in visits.values():
        check(events[0]["event_type"] == "page_view", "first event", events[0])
        check_visit(events)
    shares = {kind: count / total for kind, count in kinds.items()}
    shares["events per visit"] = total / n
    shares["bounce"] = sum(len(events) == 1 for events in visits.values()) / n
    shares["referrer null"] = nulls / kinds["page_view"]
    want = {"page_view": (.399, .005), "product_view": (.305, .005), "add_to_cart": (.197, .005),
            "purchase": (.099, .004), "events per visit": (4.36, .06), "bounce": (.15, .006),
            "referrer null": (.3, .008)}
    for name, (middle, off) in want.items():
        check(abs(shares[name] - middle) < off, f"share of {name}", shares[name])
    check(len(products) == 100, "products", len(products))
    print(f"{total} events, {n} visits, {len(devices)} users: " +
          ", ".join(f"{name} {value:.3f}" for name, value in shares.items()))


def no_constant(name):
    raise ValueError(name)


def defect_of(key, value):
    """Names the defect of a record by its bytes alone; None for a sound one."""
    if value is None:
        return "null_value"
    if value in (b"", b"[]"):
        return "empty_value" if value == b"" else "array"
    if len(value) > 500_000:
        return "long_string"
    if b"\0" in value:
        return "nul_byte"
    try:
        event = json.loads(value.decode(), parse_constant=no_constant)
    except UnicodeDecodeError as error:
        # a cut may fall into a character: then only the very end is wrong
        return "cut_json" if error.end == len(value) else "invalid_utf8"
    except ValueError:
        return "cut_json"
    if len(key) > 512:
        return "long_key"
    if not key:
        return "null_key"
    if "\0" in event["location"]:
        return "escaped_nul"
    if event["event_timestamp"].startswith("9999"):
        return "year_9999"
    if event["event_timestamp"] == "yesterday":
        return "unreadable_timestamp"
    if "event_id" not in event:
        return "missing_event_id"
    if event["event_type"] not in FIELDS:
        return "unknown_event_type"
    if "n/a" in event.values():
        return "wrong_number_type"
    missing = set(FIELDS[event["event_type"]]) - set(event)
    if missing:
        return "missing_field"
    return None


def faults(summary_path):
    summary = json.load(open(summary_path, encoding="utf-8"))
    counts, ids, times, events = collections.Counter(), {}, [], 0
    for line in sys.stdin.buffer:
        line = line.removesuffix(b"\n")
        key, tab, value = line.partition(b"\t")
        events += 1
        defect = defect_of(key, value if tab else None)
        if defect:
            counts[defect] += 1
            continue
        event = json.loads(value)
        if event["event_id"] in ids:
            check(ids[event["event_id"]] == line, "a duplicate with other bytes", line)
            counts["duplicate"] += 1
            continue
        ids[event["event_id"]] = line
        times.append(event["event_timestamp"])
    check(events == summary["events"] == summary["acknowledged"], "events", events)
    for name, count in summary["defects"].items():
        if name != "null_field":  # a null referrer is nothing special
            check(counts[name] == count, name, (counts[name], count))
    check(counts["duplicate"] == summary["faults"]["duplicate"], "duplicates", counts["duplicate"])
    newest, behind = "", 0
    for time in times:
        behind += time < newest
        newest = max(time, newest)
    held = sum(summary["faults"][name] for name in ("out_of_order", "late", "too_late"))
    check(held * .97 <= behind <= held, "events behind a newer one", (behind, held))
    print(f"{events} records: {dict(counts)}, {behind} behind a newer one")


def murmur2(data):
    """As org.apache.kafka.common.utils.Utils has it, from its description."""
    mask, m = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(data)
    for i in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        h = (h * m ^ (k ^ k >> 24) * m) & mask
    rest = data[len(data) - len(data) % 4:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def read_kcat(stream):
    """Records written with -f '%p %K %S %k%s'; lengths make any byte harmless, -1 is null."""
    while True:
        head = b""
        while head.count(b" ") < 3:
            byte = stream.read(1)
            if not byte:
                check(not head, "input ends within a record", head)
                return
            head += byte
        partition, key_len, value_len = (int(number) for number in head.split())
        key = stream.read(max(key_len, 0))
        value = stream.read(max(value_len, 0))
        yield partition, key if key_len >= 0 else None, value if value_len >= 0 else None


def topic(lines_path):
    want = collections.Counter()
    for line in open(lines_path, "rb"):
        key, tab, value = line.removesuffix(b"\n").partition(b"\t")
        want[key, value if tab else None] += 1
    total, nulls = sum(want.values()), collections.Counter()
    for partition, key, value in read_kcat(sys.stdin.buffer):
        nulls["key"] += key is None
        nulls["value"] += value is None
        key = key or b""
        check((murmur2(key) & 0x7fffffff) % 4 == partition, "partition", (key, partition))
        want[key, value] -= 1
    off = {record: count for record, count in want.items() if count}
    check(not off, "records that differ between topic and file", list(off.items())[:3])
    print(f"{total} records, {nulls['key']} null keys, {nulls['value']} null values")


if __name__ == "__main__":
    {"facts": facts, "faults": faults, "topic": topic}[sys.argv[1]](*sys.argv[2:])
