# SPDX-License-Identifier: Apache-2.0
"""Whole Kafka topics as Python rows, by way of kcat.

kcat's JSON output spoils values that are no UTF-8 (and every Avro value), so
records are framed by their lengths instead.
"""
import subprocess


def records(bootstrap, topic):
    """Yields (partition, offset, key, value) of a topic from its beginning to
    its present end, in offset order within a partition; key and value are
    bytes, or None where the record has none. A missing topic is an error."""
    command = ["kcat", "-b", bootstrap, "-C", "-q", "-t", topic, "-o", "beginning", "-e",
               "-f", "%p %o %K %S\n%k%s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=1 << 20) as kcat:
        for head in iter(kcat.stdout.readline, b""):
            partition, offset, key_bytes, value_bytes = map(int, head.split())
            key = kcat.stdout.read(key_bytes) if key_bytes >= 0 else None
            value = kcat.stdout.read(value_bytes) if value_bytes >= 0 else None
            yield partition, offset, key, value
    if kcat.returncode != 0:
        raise SystemExit(f"cannot read topic {topic} at {bootstrap}: kcat exited with "
                         f"{kcat.returncode}")


def partitions(bootstrap, topic):
    """The number of partitions of a topic."""
    text = subprocess.run(["kcat", "-b", bootstrap, "-L", "-t", topic], check=True,
                          capture_output=True, text=True).stdout
    return text.count("\n    partition ")


def murmur2(key):
    """Kafka's hash of a key, as the Java client makes it (already positive)."""
    mask, mixer = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i:i + 4], "little") * mixer & mask
        k = (k ^ k >> 24) * mixer & mask
        h = (h * mixer & mask) ^ k
    if whole < len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * mixer & mask
    h = (h ^ h >> 13) * mixer & mask
    return (h ^ h >> 15) & 0x7FFFFFFF
