/* SPDX-License-Identifier: Apache-2.0 */
/* DECIMAL(38) arithmetic on 128-bit unscaled values, with the rules of Flink's DecimalData: HALF_UP
 * away from zero, and NULL (here: false) when the result does not fit its precision. */
#ifndef DATA_DECIMAL_H
#define DATA_DECIMAL_H

#include "data/type.h"

enum { DECIMAL_PRECISION_MAX = 38 };

i128 decimal_power(unsigned exponent); /* 10^exponent, exponent <= 38 */
bool decimal_fits(i128 value, unsigned precision);

/* value * 10^(to_scale - from_scale), rounded HALF_UP; false when it does not fit `precision`. */
bool decimal_rescale(i128 value, unsigned from_scale, unsigned to_scale, unsigned precision,
                     i128 *out) MUST_CHECK;
/* All operands at their own scales, the result at (precision, scale). */
bool decimal_add(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                 unsigned scale, i128 *out) MUST_CHECK;
bool decimal_subtract(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                      unsigned scale, i128 *out) MUST_CHECK;
bool decimal_multiply(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                      unsigned scale, i128 *out) MUST_CHECK;
/* b != 0 */
bool decimal_divide(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                    unsigned scale, i128 *out) MUST_CHECK;
int decimal_compare(i128 a, unsigned a_scale, i128 b, unsigned b_scale);

/* Decimal text with optional sign, fraction and exponent, any number of digits; HALF_UP to scale.
 * DECIMAL_BAD: not a number; DECIMAL_OVERFLOW: does not fit (Flink: NULL). */
enum decimal_parse { DECIMAL_OK, DECIMAL_BAD, DECIMAL_OVERFLOW };
enum decimal_parse decimal_parse(struct str text, unsigned precision, unsigned scale, i128 *out);

double decimal_to_double(i128 value,
                         unsigned scale); /* correctly rounded, as BigDecimal.doubleValue */
bool decimal_from_double(double number, unsigned precision, unsigned scale, i128 *out) MUST_CHECK;

/* "-12.50": all digits of the scale. */
void decimal_print(struct buf *out, i128 value, unsigned scale);

#endif
