#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes decimal_vectors.txt: arithmetic of Python's decimal under the rules of Flink's DecimalData.

Line: operation a a_scale b b_scale precision scale result ("null" when it does not fit); numbers are
unscaled. Run it only to change the vectors: python3 make_decimal_vectors.py > decimal_vectors.txt
"""
import random
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

random.seed(20240229)
EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


def unscaled(digits):
    shape = random.random()
    if shape < 0.1:
        return random.choice([0, 1, -1, 10**digits - 1, -(10**digits - 1), 5 * 10 ** (digits - 1)])
    value = random.randrange(10 ** random.randint(1, digits))
    if shape < 0.3:
        value = value // 10 ** (digits // 2) * 10 ** (digits // 2)
    return random.choice([-1, 1]) * value


def finish(value, precision, scale):
    with localcontext(EXACT):
        result = int(value.scaleb(scale).to_integral_value(rounding=ROUND_HALF_UP))
    return result if abs(result) < 10**precision else None


def compute(operation, a, a_scale, b, b_scale, precision, scale):
    with localcontext(EXACT):
        x, y = Decimal(a).scaleb(-a_scale), Decimal(b).scaleb(-b_scale)
        if operation == "compare":
            return (x > y) - (x < y)
        if operation == "rescale":
            return finish(x, precision, scale)
        if operation == "divide":
            # Flink: MathContext(38, HALF_UP), then the scale
            return finish(Context(prec=38, rounding=ROUND_HALF_UP).divide(x, y), precision, scale)
        value = {"add": x + y, "subtract": x - y, "multiply": x * y}[operation]
    return finish(value, precision, scale)


def main():
    for operation in ["add", "subtract", "multiply", "divide", "compare", "rescale"]:
        for _ in range(150):
            pa, pb = random.choice([5, 10, 18, 19, 38]), random.choice([5, 10, 18, 38])
            a_scale, b_scale = random.randint(0, pa), random.randint(0, pb)
            a, b = unscaled(pa), unscaled(pb)
            if operation == "divide" and b == 0:
                b = 3
            precision = random.choice([5, 18, 38, 38, 38])
            scale = random.randint(0, min(precision, random.choice([6, 18, 38])))
            result = compute(operation, a, a_scale, b, b_scale, precision, scale)
            print(operation, a, a_scale, b, b_scale, precision, scale,
                  "null" if result is None else result)


main()
