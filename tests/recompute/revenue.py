#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The number that the shop's owner reads: is it the sum of all purchases?

  revenue.py PINOT-BROKER-URL ROWS   (ROWS as recompute.py prints them)
"""
import math
import sys

import sinks

QUERY = "SELECT SUM(revenue) FROM product_analytics WHERE _deleted = false"


def main(broker, path):
    (answer,), = sinks.pinot_query(broker, QUERY)
    total = math.fsum(row["revenue"] for row in sinks.file_rows(path)["product_analytics"])
    print(f"{answer} | {total:.2f}")
    # Pinot adds doubles in its own order; a cent is a thousand times larger than that error.
    return 0 if abs(answer - total) < 0.001 else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
