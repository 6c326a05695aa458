#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shop events as lines of KEY <tab> VALUE, in order of arrival.

A second, independent source of input for pipelines/shop.sql: same events and
same faults as `decant generate shop`, other random numbers, other code. The
same flags give the same bytes.

  make_events.py --count 200000 --late 2 --duplicates 3 |
    kcat -P -b HOST:PORT -t raw-events -K '\\t' -X partitioner=murmur2_random
"""
import argparse
import datetime
import json
import random
import sys

CATEGORIES = ("Electronics", "Clothing", "Books", "Home & Garden", "Sports")
STEPS = {   # after this step: the next one, with weights; None ends the visit
    "page_view": (("page_view", 25), ("product_view", 60), (None, 15)),
    "product_view": (("page_view", 10), ("product_view", 15), ("add_to_cart", 55), (None, 20)),
    "add_to_cart": (("page_view", 5), ("product_view", 10), ("add_to_cart", 15),
                    ("purchase", 50), (None, 20)),
    "purchase": (("page_view", 30), (None, 70)),
}


def catalogue(rng):
    out = []
    for i in range(100):
        category = CATEGORIES[i % len(CATEGORIES)]
        out.append({"product_id": f"p-{i + 1:03}", "product_name": f"{category} Größe {i + 1}",
                    "product_category": category, "price": rng.randrange(500, 100_000)})
    return out


def money(cents):
    return f"{cents // 100}.{cents % 100:02}"


def visit(rng, name, start_ms, products):
    """The (time, event) pairs of one visit; prices as cents."""
    user = rng.randrange(20_000)
    base = {"user_id": f"user-{user}", "session_id": f"session-{name}",
            "device_type": ("desktop", "mobile", "tablet")[user % 3],
            "os": ("Windows", "Linux", "iOS")[user % 3], "browser": "Firefox", "location": "Malmö"}
    step, time, viewed, cart = "page_view", start_ms, products[0], []
    for i in range(50):
        event = {"event_id": f"{name}-{i}", "event_type": step, **base}
        if step == "page_view":
            event.update(page_url=f"/page/{i}", time_spent=rng.randrange(500, 30_000) / 100,
                         referrer_url=None if rng.random() < 0.3 else "https://example.org/\"é\"")
        elif step == "product_view":
            viewed = products[min(int(rng.paretovariate(0.8)) - 1, 99)]
            event.update(viewed)
        elif step == "add_to_cart":
            cart.append(dict(viewed, quantity=rng.randrange(1, 6)))
            event.update(cart[-1])
        else:
            bought = rng.choice(cart)
            event.update(bought, order_id=f"order-{name}-{i}",
                         total_amount=bought["price"] * bought["quantity"])
        yield time, event
        names, weights = zip(*STEPS[step])
        step = rng.choices(names, weights)[0]
        if step is None:
            return
        time += min(int(rng.lognormvariate(9.6, 1.0)), 25 * 60_000)


def line(start, time, event):
    stamp = (start + datetime.timedelta(milliseconds=time)).isoformat(timespec="milliseconds")
    parts = []
    for name, value in {"event_timestamp": stamp, **event}.items():
        is_money = name in ("price", "total_amount")
        parts.append(f'"{name}":' + (money(value) if is_money
                                     else json.dumps(value, ensure_ascii=False)))
    return f'{event["session_id"]}\t{{{",".join(parts)}}}'.encode()


def spoil(whole, turn):
    """One of eight kinds of malformed record, in turn."""
    key, _, value = whole.partition(b"\t")
    bad = (value[:len(value) // 2], b"[]", b"", value.replace(b'"Malm', b'"\xff\xfe'),
           value.replace(b'"event_timestamp":"2', b'"event_timestamp":"x'),
           value.replace(b'"event_id"', b'"no_id"'),
           value.replace(b'"event_type":"', b'"event_type":"re-'),
           value.replace(b'"quantity":', b'"quantity":"many","was":'))
    return key + b"\t" + bad[turn % len(bad)]


def arrivals(options):
    """(arrival time, sequence, line): the visits in time, then the faults."""
    rng = random.Random(options.seed)
    products, made, number, sequence = catalogue(rng), 0, 0, 0
    gap_ms = 4360 / options.rate        # 4.36 events a visit
    while made < options.count:
        for time, event in visit(rng, f"{options.seed}-{number}", int(number * gap_ms), products):
            text, arrival = line(options.start, time, event), time
            draw = rng.random() * 100
            if draw < options.late:
                arrival += rng.randrange(30_000, 300_000)
            elif draw < options.late + options.out_of_order:
                arrival += rng.randrange(1_000, 4_000)
            if rng.random() * 100 < options.bad:
                text = spoil(text, sequence)
            yield arrival, sequence, text
            sequence += 1
            if rng.random() * 100 < options.duplicates:
                yield arrival + rng.randrange(1, 10_000), sequence, text
                sequence += 1
            made += 1
        number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200_000, help="events before duplicates")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rate", type=float, default=100, help="events per second of event time")
    parser.add_argument("--start", type=datetime.datetime.fromisoformat,
                        default="2026-01-01T00:00:00", help="event time of the first event")
    for fault in ("late", "out-of-order", "duplicates", "bad"):
        parser.add_argument("--" + fault, type=float, default=0, help="percent of the events")
    for _, _, text in sorted(arrivals(parser.parse_args())):
        sys.stdout.buffer.write(text + b"\n")


if __name__ == "__main__":
    main()
