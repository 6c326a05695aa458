/* SPDX-License-Identifier: Apache-2.0 */
/* Avro binary rows, written straight from the columns and read back with bounds checks.
 * Source of the encoding: Apache Avro specification, "Binary Encoding"; of the type mapping: Flink's
 * AvroSchemaConverter and RowDataToAvroConverters. */
#include "encode/steps.h"

#include "data/decimal.h"

void avro_append_long(struct buf *out, int64_t value) {
    uint64_t zigzag = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
    char bytes[10];
    size_t n = 0;
    for (; zigzag >= 0x80; zigzag >>= 7)
        bytes[n++] = (char)(zigzag | 0x80);
    bytes[n++] = (char)zigzag;
    buf_append_bytes(out, bytes, n);
}

static void append_little_endian(struct buf *out, uint64_t bits, size_t n) {
    char bytes[8];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(bits >> (8 * i));
    buf_append_bytes(out, bytes, n);
}

static void append_text(struct buf *out, struct str s) {
    avro_append_long(out, (int64_t)s.len);
    buf_append(out, s);
}

/* Two's complement, big endian, no superfluous sign bytes: java.math.BigInteger.toByteArray. */
static void append_decimal(struct buf *out, i128 value) {
    char bytes[16];
    for (size_t i = 0; i < 16; i++)
        bytes[15 - i] = (char)(value >> (8 * i));
    size_t skip = 0;
    char sign = value < 0 ? (char)0xFF : 0;
    while (skip < 15 && bytes[skip] == sign && ((bytes[skip + 1] ^ sign) & 0x80) == 0)
        skip++;
    append_text(out, (struct str){bytes + skip, 16 - skip});
}

static void append_value(struct buf *out, const struct vec *vec, uint32_t row) {
    uint64_t bits = 0;
    switch (vec->phys) {
    case PHYS_BOOL: buf_append_char(out, vec->boolean[row] ? 1 : 0); return;
    case PHYS_I32: avro_append_long(out, vec->i32[row]); return;
    case PHYS_I64: avro_append_long(out, vec->i64[row]); return;
    case PHYS_F32:
        memcpy(&bits, &vec->f32[row], 4);
        append_little_endian(out, bits, 4);
        return;
    case PHYS_F64:
        memcpy(&bits, &vec->f64[row], 8);
        append_little_endian(out, bits, 8);
        return;
    case PHYS_I128: append_decimal(out, vec->dec[row]); return;
    case PHYS_STR: append_text(out, vec->str[row]); return;
    case PHYS_NESTED: return; /* refused by the binder */
    }
}

bool avro_append_row(struct buf *out, const struct row_format *format, const struct batch *rows,
                     uint32_t row) {
    for (uint32_t i = 0; i < format->count; i++) {
        const struct encode_step *step = &format->steps[i];
        const struct vec *vec = &rows->columns[step->column];
        bool valid = vec_is_valid(vec, row);
        if (step->nullable) buf_append_char(out, valid ? 2 : 0); /* union branch 1 or 0, zig-zag */
        if (valid) append_value(out, vec, row);
    }
    return !out->overflow;
}

/* --- reading back --- */

struct reader {
    const uint8_t *at, *end;
    bool bad;
};

static int64_t read_long(struct reader *in) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in->at == in->end) break;
        uint8_t byte = *in->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    }
    in->bad = true;
    return 0;
}

static uint64_t read_little_endian(struct reader *in, size_t n) {
    uint64_t bits = 0;
    if ((size_t)(in->end - in->at) < n) {
        in->bad = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        bits |= (uint64_t)in->at[i] << (8 * i);
    in->at += n;
    return bits;
}

static struct str read_text(struct reader *in) {
    int64_t len = read_long(in);
    if (in->bad || len < 0 || len > in->end - in->at) {
        in->bad = true;
        return STR("");
    }
    struct str text = {(const char *)in->at, (size_t)len};
    in->at += len;
    return text;
}

static i128 read_decimal(struct reader *in) {
    struct str bytes = read_text(in);
    if (bytes.len == 0 || bytes.len > 16) {
        in->bad = true;
        return 0;
    }
    u128 value = (signed char)bytes.ptr[0] < 0 ? ~(u128)0 : 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = (value << 8) | (unsigned char)bytes.ptr[i];
    return (i128)value;
}

static bool read_boolean(struct reader *in) {
    if (in->at == in->end || *in->at > 1) {
        in->bad = true;
        return false;
    }
    return *in->at++ == 1;
}

static struct value read_value(struct reader *in, enum phys phys) {
    struct value value = {0};
    uint64_t bits;
    switch (phys) {
    case PHYS_BOOL: value.boolean = read_boolean(in); break;
    case PHYS_I32: {
        int64_t wide = read_long(in);
        if (wide < INT32_MIN || wide > INT32_MAX) in->bad = true;
        value.i32 = (int32_t)wide;
        break;
    }
    case PHYS_I64: value.i64 = read_long(in); break;
    case PHYS_F32:
        bits = read_little_endian(in, 4);
        memcpy(&value.f32, &bits, 4);
        break;
    case PHYS_F64:
        bits = read_little_endian(in, 8);
        memcpy(&value.f64, &bits, 8);
        break;
    case PHYS_I128: value.dec = read_decimal(in); break;
    case PHYS_STR: value.str = read_text(in); break;
    case PHYS_NESTED: in->bad = true; break;
    }
    return value;
}

bool upsert_value_decode(const struct table *table, struct str bytes, struct value *values,
                         int64_t *version, bool *deleted, struct error *err) {
    struct reader in = {(const uint8_t *)bytes.ptr, (const uint8_t *)bytes.ptr + bytes.len, false};
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (!column_is_persisted(column)) continue;
        bool nullable = column->type.nullable && !table_is_key_column(table, i);
        int64_t branch = nullable ? read_long(&in) : 1;
        if (branch != 0 && branch != 1) in.bad = true;
        values[n] = branch == 1 ? read_value(&in, type_phys(column->type.id))
                                : (struct value){.is_null = true};
        n++;
    }
    int64_t row_version = read_long(&in);
    bool row_deleted = read_boolean(&in);
    if (in.bad || in.at != in.end)
        return error_set(err, ERROR_RECORD, "E0703",
                         "a value of %zu bytes does not fit the Avro schema of '" STR_FMT "'",
                         bytes.len, STR_ARG(table->name));
    *version = row_version;
    *deleted = row_deleted;
    return true;
}
