/* SPDX-License-Identifier: Apache-2.0 */
/* What the shop scenario stores in event.detail; open so that tests can follow a visit without
 * reading JSON. */
#ifndef GENERATOR_SHOP_H
#define GENERATOR_SHOP_H

#include "generator/scenario.h"

enum shop_step { SHOP_PAGE_VIEW, SHOP_PRODUCT_VIEW, SHOP_ADD_TO_CART, SHOP_PURCHASE, SHOP_END };
enum { SHOP_STEPS = SHOP_END, SHOP_PRODUCTS = 100, SHOP_CATEGORIES = 5 };

struct shop_event {
    uint64_t visit; /* number of the session; one user, one device */
    uint32_t user;
    uint32_t spent_hundredths; /* page views: seconds on the page */
    uint16_t number;           /* of this event within its visit, from 0 */
    uint8_t step;              /* enum shop_step */
    uint8_t product, quantity; /* product from 0; quantity 1 to 5 in cart and purchase */
    uint8_t page, referrer;    /* page views; referrer SHOP_NO_REFERRER is a JSON null */
};
_Static_assert(sizeof(struct shop_event) <= EVENT_DETAIL_BYTES, "fits");

enum { SHOP_NO_REFERRER = 255 };

/* Percent chances of the next step (columns: page, product, cart, purchase, end) after each
 * step. */
extern const uint8_t shop_chances[SHOP_STEPS][SHOP_STEPS + 1];

static inline struct shop_event shop_event_of(const struct event *event) {
    struct shop_event shop;
    memcpy(&shop, event->detail, sizeof shop);
    return shop;
}

#endif
