/* SPDX-License-Identifier: Apache-2.0 */
#include "pinot/features.h"

static const struct pinot_feature_row rows[FEATURE_COUNT] = {
#define FEATURE(name, major, minor, text) [FEATURE_##name] = {#name, {major, minor, 0}, text},
#include "pinot/features.def"
#undef FEATURE
};

static const struct pinot_version oldest = {0, 11, 0};

bool pinot_version_less(struct pinot_version a, struct pinot_version b) {
    if (a.major != b.major) return a.major < b.major;
    if (a.minor != b.minor) return a.minor < b.minor;
    return a.patch < b.patch;
}

bool pinot_has(struct pinot_version version, enum pinot_feature feature) {
    return !pinot_version_less(version, rows[feature].first);
}

const struct pinot_feature_row *pinot_feature_row(enum pinot_feature feature) {
    return &rows[feature];
}

/* Takes the digits at the front of *text. */
static bool take_number(struct str *text, int *out) {
    size_t digits = 0;
    int64_t value;
    while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
        digits++;
    if (!parse_i64(str_sub(*text, 0, digits), &value) || value > 9999) return false;
    *text = str_from(*text, digits);
    *out = (int)value;
    return true;
}

static bool take_dot(struct str *text) {
    if (!str_starts(*text, STR("."))) return false;
    *text = str_from(*text, 1);
    return true;
}

bool pinot_version_parse(struct str text, struct pinot_version *out) {
    struct pinot_version version;
    if (!take_number(&text, &version.major) || !take_dot(&text) ||
        !take_number(&text, &version.minor) || !take_dot(&text) ||
        !take_number(&text, &version.patch))
        return false;
    if (text.len && text.ptr[0] != '-') return false;
    *out = version;
    return true;
}

bool pinot_version_supported(struct pinot_version version, struct error *err) {
    if (!pinot_version_less(version, oldest)) return true;
    error_set(err, ERROR_USER, "E0602",
              "Pinot %d.%d.%d is older than 0.11, the first version that is supported",
              version.major, version.minor, version.patch);
    return error_help(err, "use Pinot 0.11.0 to 1.5.1");
}
