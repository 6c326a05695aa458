/* SPDX-License-Identifier: Apache-2.0 */
#include "state/members.h"

void members_init(struct members *members, uint64_t seed) {
    keyed_init(&members->keyed, sizeof(struct member_state), false, seed);
}

static struct member_state *member_at(const struct members *members, uint32_t id) {
    return (struct member_state *)(void *)keyed_state(&members->keyed, id);
}

void members_add(struct members *members, struct keys *keys, const struct vec *value,
                 const uint32_t *rows, const uint32_t *groups, uint32_t *const *heads,
                 uint32_t *bits, uint32_t count) {
    static const uint32_t first_column = 0;
    uint32_t ids[BATCH_ROWS];
    uint64_t created[BATCH_WORDS];
    keys_encode(keys, value, &first_column, 1, rows, count, groups);
    keyed_put(&members->keyed, keys, ids, created);
    for (uint32_t i = 0; i < count; i++) {
        struct member_state *member = member_at(members, ids[i]);
        if (created[i / 64] >> i % 64 & 1) {
            member->next = *heads[i];
            *heads[i] = ids[i] + 1;
        }
        bits[i] &= ~member->bits;
        member->bits |= bits[i];
    }
}

void members_drop(struct members *members, uint32_t head) {
    while (head) {
        uint32_t id = head - 1;
        head = member_at(members, id)->next;
        keyed_remove(&members->keyed, id);
    }
}
