# SPDX-License-Identifier: Apache-2.0
"""python3 create_topics.py HOST:PORT PARTITIONS TOPIC...: creates empty topics, as no client on this machine does
without a JVM. Speaks one request of Kafka's protocol: CreateTopics, version 2."""
import socket
import struct
import sys


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def request(topics, partitions):
    body = struct.pack(">hhi", 19, 2, 1) + text("decant-test") + struct.pack(">i", len(topics))
    for topic in topics:
        body += text(topic) + struct.pack(">ihii", partitions, 1, 0, 0)
    body += struct.pack(">i?", 30000, False)
    return struct.pack(">i", len(body)) + body


def main():
    address, partitions, topics = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=40) as connection:
        connection.sendall(request(topics, partitions))
        answer = connection.makefile("rb")
        body = answer.read(struct.unpack(">i", answer.read(4))[0])
    at = 12  # correlation id, throttle time, number of topics
    for _ in topics:
        length = struct.unpack_from(">h", body, at)[0]
        name = body[at + 2:at + 2 + length].decode()
        code = struct.unpack_from(">h", body, at + 2 + length)[0]
        at += 4 + length
        at += 2 + max(struct.unpack_from(">h", body, at)[0], 0)  # error message, may be null
        if code:
            raise SystemExit(f"topic {name} cannot be created: Kafka error {code}")


main()
