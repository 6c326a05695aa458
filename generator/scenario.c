/* SPDX-License-Identifier: Apache-2.0 */
#include "generator/scenario.h"

static const struct scenario *const scenarios[] = {&scenario_shop};
static const char *const names[] = {"shop"};
_Static_assert(ARRAY_LEN(scenarios) == ARRAY_LEN(names), "one name per scenario");

const struct scenario *scenario_find(struct str name) {
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        if (str_eq(name, str_of(scenarios[i]->name))) return scenarios[i];
    return NULL;
}

const char *const *scenario_names(size_t *count) {
    *count = ARRAY_LEN(names);
    return names;
}
