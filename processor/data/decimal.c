/* SPDX-License-Identifier: Apache-2.0 */
/* Two operands of 38 digits multiply to 76, and a comparison at a common scale needs as many, so the
 * exact paths work on magnitudes of 256 bits with the sign beside them. Operands of money size take the
 * short paths in front, which stay inside 128 bits.
 *
 * HALF_UP on a magnitude looks only at the first digit that is cut off. */
#include "data/decimal.h"

#include <stdlib.h>

#include "data/numtext.h"

struct wide {
    uint64_t word[4]; /* little endian */
};

enum { POWER_STEP = 19 }; /* 10^19 is the greatest power in 64 bits */

static uint64_t power64(unsigned exponent) {
    uint64_t power = 1;
    while (exponent--)
        power *= 10;
    return power;
}

i128 decimal_power(unsigned exponent) {
    if (exponent <= POWER_STEP) return (i128)power64(exponent);
    return (i128)((u128)power64(POWER_STEP) * power64(exponent - POWER_STEP));
}

static u128 magnitude(i128 value) {
    return value < 0 ? 0 - (u128)value : (u128)value;
}
static i128 with_sign(u128 value, bool negative) {
    return (i128)(negative ? 0 - value : value);
}

bool decimal_fits(i128 value, unsigned precision) {
    return magnitude(value) < (u128)decimal_power(precision);
}

static struct wide wide_of(u128 value) {
    return (struct wide){{(uint64_t)value, (uint64_t)(value >> 64), 0, 0}};
}

static bool wide_is_zero(const struct wide *a) {
    return !(a->word[0] | a->word[1] | a->word[2] | a->word[3]);
}

static int wide_compare(const struct wide *a, const struct wide *b) {
    for (int i = 3; i >= 0; i--)
        if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

static struct wide wide_add(const struct wide *a, const struct wide *b) {
    struct wide out;
    u128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (u128)a->word[i] + b->word[i];
        out.word[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return out;
}

/* a >= b */
static struct wide wide_subtract(const struct wide *a, const struct wide *b) {
    struct wide out;
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        u128 difference = (u128)a->word[i] - b->word[i] - borrow;
        out.word[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return out;
}

static void wide_scale_up(struct wide *a, unsigned digits) {
    while (digits) {
        unsigned step = digits < POWER_STEP ? digits : POWER_STEP;
        uint64_t factor = power64(step);
        u128 carry = 0;
        for (int i = 0; i < 4; i++) {
            carry += (u128)a->word[i] * factor;
            a->word[i] = (uint64_t)carry;
            carry >>= 64;
        }
        digits -= step;
    }
}

static uint64_t wide_divide_small(struct wide *a, uint64_t divisor) {
    u128 remainder = 0;
    for (int i = 3; i >= 0; i--) {
        remainder = remainder << 64 | a->word[i];
        a->word[i] = (uint64_t)(remainder / divisor);
        remainder %= divisor;
    }
    return (uint64_t)remainder;
}

/* Cuts `digits` decimal digits off, HALF_UP. */
static void wide_scale_down(struct wide *a, unsigned digits) {
    if (!digits) return;
    for (unsigned left = digits - 1; left;) {
        unsigned step = left < POWER_STEP ? left : POWER_STEP;
        wide_divide_small(a, power64(step));
        left -= step;
    }
    struct wide one = wide_of(1);
    if (wide_divide_small(a, 10) >= 5) *a = wide_add(a, &one);
}

static struct wide wide_multiply(u128 a, u128 b) {
    struct wide x = wide_of(a), y = wide_of(b), out = {{0}};
    for (int i = 0; i < 2; i++) {
        u128 carry = 0;
        for (int j = 0; j < 2; j++) {
            carry += (u128)x.word[i] * y.word[j] + out.word[i + j];
            out.word[i + j] = (uint64_t)carry;
            carry >>= 64;
        }
        out.word[i + 2] += (uint64_t)carry;
    }
    return out;
}

/* A magnitude at `from` digits of scale becomes a decimal at (precision, to). */
static bool wide_finish(struct wide a, bool negative, unsigned from, unsigned to,
                        unsigned precision, i128 *out) {
    struct wide limit = wide_of((u128)decimal_power(precision));
    if (from >= to) {
        wide_scale_down(&a, from - to);
    } else {
        if (wide_is_zero(&a)) return *out = 0, true;
        if (wide_compare(&a, &limit) >= 0) return false;
        wide_scale_up(&a, to - from);
    }
    if (wide_compare(&a, &limit) >= 0) return false;
    *out = with_sign((u128)a.word[1] << 64 | a.word[0], negative);
    return true;
}

bool decimal_rescale(i128 value, unsigned from_scale, unsigned to_scale, unsigned precision,
                     i128 *out) {
    if (from_scale == to_scale) {
        if (!decimal_fits(value, precision)) return false;
        *out = value;
        return true;
    }
    return wide_finish(wide_of(magnitude(value)), value < 0, from_scale, to_scale, precision, out);
}

bool decimal_add(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                 unsigned scale, i128 *out) {
    if (a_scale == b_scale && a_scale == scale) { /* each below 10^38, so the sum fits 128 bits */
        if (!decimal_fits(a + b, precision)) return false;
        *out = a + b;
        return true;
    }
    unsigned common = a_scale > b_scale ? a_scale : b_scale;
    struct wide x = wide_of(magnitude(a)), y = wide_of(magnitude(b)), sum;
    bool a_negative = a < 0, b_negative = b < 0, negative = a_negative;
    wide_scale_up(&x, common - a_scale);
    wide_scale_up(&y, common - b_scale);
    if (a_negative == b_negative) {
        sum = wide_add(&x, &y);
    } else if (wide_compare(&x, &y) >= 0) {
        sum = wide_subtract(&x, &y);
    } else {
        sum = wide_subtract(&y, &x);
        negative = b_negative;
    }
    return wide_finish(sum, negative, common, scale, precision, out);
}

bool decimal_subtract(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                      unsigned scale, i128 *out) {
    return decimal_add(a, a_scale, -b, b_scale, precision, scale, out);
}

bool decimal_multiply(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                      unsigned scale, i128 *out) {
    return wide_finish(wide_multiply(magnitude(a), magnitude(b)), (a < 0) != (b < 0),
                       a_scale + b_scale, scale, precision, out);
}

/* The next decimal digit of remainder / divisor, remainder < divisor < 2^127: ten additions instead of
 * a multiplication that would not fit. */
static unsigned next_digit(u128 *remainder, u128 divisor) {
    u128 sum = 0, step = *remainder;
    unsigned digit = 0;
    for (int i = 0; i < 10; i++) {
        sum += step;
        if (sum >= divisor) {
            sum -= divisor;
            digit++;
        }
    }
    *remainder = sum;
    return digit;
}

/* Flink divides with MathContext(38, HALF_UP) and then sets the scale HALF_UP: two roundings, both are
 * done here. The quotient of the unscaled magnitudes has at most 38 digits before the point; digits are
 * drawn until 38 are significant. */
bool decimal_divide(i128 a, unsigned a_scale, i128 b, unsigned b_scale, unsigned precision,
                    unsigned scale, i128 *out) {
    u128 divisor = magnitude(b), quotient = magnitude(a) / divisor;
    u128 remainder = magnitude(a) % divisor;
    const u128 full = (u128)decimal_power(DECIMAL_PRECISION_MAX - 1);
    unsigned drawn = 0;
    while (remainder && quotient < full) {
        quotient = quotient * 10 + next_digit(&remainder, divisor);
        drawn++;
    }
    if (remainder >= divisor - remainder)
        quotient++; /* 2 * remainder >= divisor, without overflow */
    struct wide wide = wide_of(quotient);
    unsigned from = a_scale + drawn;
    if (from < b_scale) {
        wide_scale_up(&wide, b_scale - from);
        from = b_scale;
    }
    return wide_finish(wide, (a < 0) != (b < 0), from - b_scale, scale, precision, out);
}

int decimal_compare(i128 a, unsigned a_scale, i128 b, unsigned b_scale) {
    if (a_scale == b_scale) return (a > b) - (a < b);
    if ((a < 0) != (b < 0)) return a < 0 ? -1 : 1;
    struct wide x = wide_of(magnitude(a)), y = wide_of(magnitude(b));
    if (a_scale < b_scale) wide_scale_up(&x, b_scale - a_scale);
    if (b_scale < a_scale) wide_scale_up(&y, a_scale - b_scale);
    int order = wide_compare(&x, &y);
    return a < 0 ? -order : order;
}

/* Exponent part, as BigDecimal reads it: optional sign and 1 to 10 digits. */
static bool parse_exponent(struct str text, size_t at, int64_t *exponent) {
    bool negative = at < text.len && text.ptr[at] == '-';
    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+')) at++;
    if (at == text.len || text.len - at > 10) return false;
    int64_t value = 0;
    for (; at < text.len; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9') return false;
        value = value * 10 + (text.ptr[at] - '0');
    }
    *exponent = negative ? -value : value;
    return value <= INT32_MAX;
}

/* Digits with the point left out: `first` is the first that is not 0, `point` counts the digits from
 * there to the decimal point and may be negative. */
struct digits {
    struct str text;
    size_t start, end, first;
    int64_t point;
    bool negative, zero;
};

static bool scan_digits(struct str text, struct digits *out) {
    size_t at = 0, count = 0, point_at = SIZE_MAX, end;
    *out = (struct digits){.text = text, .zero = true};
    if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        out->negative = text.ptr[at++] == '-';
    out->start = at;
    int64_t before_point = 0, leading = 0;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && point_at == SIZE_MAX) {
            point_at = at;
            continue;
        }
        if (c < '0' || c > '9') break;
        count++;
        if (point_at == SIZE_MAX) before_point++;
        if (out->zero && c == '0') leading++;
        if (out->zero && c != '0') {
            out->zero = false;
            out->first = at;
        }
    }
    end = at;
    int64_t exponent = 0;
    if (count == 0) return false;
    if (at < text.len) {
        if (text.ptr[at] != 'e' && text.ptr[at] != 'E') return false;
        if (!parse_exponent(text, at + 1, &exponent)) return false;
    }
    out->end = end;
    out->point = before_point - leading + exponent;
    return true;
}

enum decimal_parse decimal_parse(struct str text, unsigned precision, unsigned scale, i128 *out) {
    struct digits digits;
    if (!scan_digits(text, &digits)) return DECIMAL_BAD;
    int64_t keep = digits.point + (int64_t)scale; /* digits that the result has */
    if (digits.zero || keep < 0) return *out = 0, DECIMAL_OK;
    if (keep > DECIMAL_PRECISION_MAX) return DECIMAL_OVERFLOW;
    u128 value = 0;
    size_t at = digits.first;
    bool up = false;
    for (int64_t i = 0; i <= keep;) {
        unsigned digit = 0;
        if (at < digits.end) {
            if (text.ptr[at] == '.') {
                at++;
                continue;
            }
            digit = (unsigned)(text.ptr[at++] - '0');
        }
        if (i < keep)
            value = value * 10 + digit;
        else
            up = digit >= 5;
        i++;
    }
    value += up;
    if (value >= (u128)decimal_power(precision)) return DECIMAL_OVERFLOW;
    *out = with_sign(value, digits.negative);
    return DECIMAL_OK;
}

/* Digits of a magnitude, most significant first; returns how many. */
static unsigned magnitude_digits(u128 value, char out[40]) {
    char reversed[40];
    unsigned count = 0;
    do {
        reversed[count++] = (char)('0' + (unsigned)(value % 10));
        value /= 10;
    } while (value);
    for (unsigned i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

double decimal_to_double(i128 value, unsigned scale) {
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    /* Both sides exact: one IEEE division rounds once. */
    if (scale < ARRAY_LEN(exact) && magnitude(value) <= (u128)1 << 53)
        return (double)(int64_t)value / exact[scale];
    char text[64];
    unsigned at = 0;
    if (value < 0) text[at++] = '-';
    at += magnitude_digits(magnitude(value), text + at);
    text[at++] = 'e';
    text[at++] = '-';
    at += magnitude_digits(scale, text + at);
    text[at] = '\0';
    return strtod(text, NULL); /* rounds to nearest even; no decimal point, so no locale */
}

/* Flink goes through BigDecimal.valueOf, that is Double.toString. */
bool decimal_from_double(double number, unsigned precision, unsigned scale, i128 *out) {
    if (!(number - number == 0)) return false; /* NaN, Infinity */
    struct buf text;
    buf_init(&text, 64);
    double_print(&text, number);
    enum decimal_parse result = decimal_parse(buf_str(&text), precision, scale, out);
    buf_release(&text);
    return result == DECIMAL_OK;
}

void decimal_print(struct buf *out, i128 value, unsigned scale) {
    char digits[40];
    unsigned count = magnitude_digits(magnitude(value), digits);
    if (value < 0) buf_append_char(out, '-');
    unsigned whole = count > scale ? count - scale : 0;
    if (whole)
        buf_append_bytes(out, digits, whole);
    else
        buf_append_char(out, '0');
    if (!scale) return;
    buf_append_char(out, '.');
    for (unsigned i = count; i < scale; i++)
        buf_append_char(out, '0');
    buf_append_bytes(out, digits + whole, count - whole);
}
