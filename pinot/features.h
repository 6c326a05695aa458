/* SPDX-License-Identifier: Apache-2.0 */
/* What a Pinot of some version understands. Configurations are derived for the version that the
 * controller reports; every difference between versions is a row of features.def, and nothing else
 * compares versions. */
#ifndef PINOT_FEATURES_H
#define PINOT_FEATURES_H

#include "pinot/client.h"

enum pinot_feature {
#define FEATURE(name, major, minor, text) FEATURE_##name,
#include "pinot/features.def"
#undef FEATURE
    FEATURE_COUNT
};

/* The newest version whose sources were read. A later one is treated like it. */
#define PINOT_NEWEST ((struct pinot_version){1, 5, 1})

bool pinot_has(struct pinot_version version, enum pinot_feature feature);
bool pinot_version_less(struct pinot_version a, struct pinot_version b);

/* "1.5.1", also with something after it ("1.5.1-SNAPSHOT"). */
bool pinot_version_parse(struct str text, struct pinot_version *out) MUST_CHECK;

/* E0602 for versions before 0.11, which have never been tried. */
bool pinot_version_supported(struct pinot_version version, struct error *err) MUST_CHECK;

struct pinot_feature_row {
    const char *name;
    struct pinot_version first;
    const char *text;
};
const struct pinot_feature_row *pinot_feature_row(enum pinot_feature feature);

#endif
