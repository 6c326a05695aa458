/* SPDX-License-Identifier: Apache-2.0 */
/* Members of COUNT(DISTINCT x): a keyed table of (group entry id, value bytes). Calls over the same x with
 * different FILTERs share a member, one bit per call; the count itself is a plain number in the group,
 * raised when a bit turns 1. Exact: values are compared, not only hashed.
 *
 * The members of a group form a list through their states, so a group that expires takes them along
 * without a search. */
#ifndef STATE_MEMBERS_H
#define STATE_MEMBERS_H

#include "state/keyed.h"

enum { MEMBERS_CALLS_MAX = 32 };

struct member_state {
    uint32_t bits;
    uint32_t next; /* 1 + the next member of the group, 0: none */
};

struct members {
    struct keyed keyed;
};

void members_init(struct members *members, uint64_t seed);

/* Row rows[i] of column `value` (not NULL there) belongs to group groups[i] and to the calls bits[i].
 * On return bits[i] holds the calls that had not seen it before; *heads[i] is the group's list head. */
void members_add(struct members *members, struct keys *keys, const struct vec *value,
                 const uint32_t *rows, const uint32_t *groups, uint32_t *const *heads,
                 uint32_t *bits, uint32_t count);

/* Removes the list that starts at `head`. */
void members_drop(struct members *members, uint32_t head);

#endif
