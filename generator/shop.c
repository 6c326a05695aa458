/* SPDX-License-Identifier: Apache-2.0 */
/* The shop: visits that walk from page to product to cart to purchase, or leave.
 *
 *              .60            .55            .50
 *     page ─────────► product ─────► cart ─────────► purchase
 *      ▲ .25 stays     .15 stays      .15 stays         │ .30
 *      └────────────────────────────────────────────────┘        (and .10, .05 back to page)
 *
 * The rest leaves: 4.36 events per visit, 15 % of the visits see one page only. A cart takes the
 * product just viewed, a purchase one of the cart's, with its quantity.
 *
 * Time here is the visits' own: visits begin as a Poisson stream, and the wheel says whose next
 * event comes first. The caller numbers the events and gives the i-th its place on the time
 * line, so rates are exact however visits bunch; while the population grows (the first minutes)
 * visits pass up to four times faster than their gaps say. Nothing a visit does depends on other
 * visits: each has its own random numbers. Products and users are the same whatever the seed. */
#include "generator/shop.h"

#include <math.h>
#include <stdlib.h>

#include "common/fatal.h"
#include "common/prng.h"
#include "generator/text.h"
#include "generator/wheel.h"
#include "generator/zipf.h"

const uint8_t shop_chances[SHOP_STEPS][SHOP_STEPS + 1] = {
    [SHOP_PAGE_VIEW] = {25, 60, 0, 0, 15},
    [SHOP_PRODUCT_VIEW] = {10, 15, 55, 0, 20},
    [SHOP_ADD_TO_CART] = {5, 10, 15, 50, 20},
    [SHOP_PURCHASE] = {30, 0, 0, 0, 70},
};

enum {
    CART_ROWS = 8, /* a longer cart forgets its oldest row; fewer than 1 visit in 10,000 */
    RETURN_PERCENT = 2,
    RETURN_MIN_MS = 35 * 60000,
    RETURN_MAX_MS = 120 * 60000,
    GAP_MEDIAN_MS = 15000,
    GAP_MAX_MS = 25 * 60000,
    VISITS_FIRST = 1024, /* slots at the start; they double on demand */
};
static const double gap_sigma = 1.0;
static const double events_per_visit = 4.36;
/* Above this rate of event time visits pass faster instead of growing in number: 20,000/s are
 * 900,000 visits, half of them users who will be back within two hours. */
static const double events_per_second_max = 20000;

/* Salts keep the identifiers of users, visits, events and orders apart. */
enum salt { SALT_USER = 1, SALT_VISIT, SALT_EVENT, SALT_ORDER, SALT_PRICE, SALT_ARRIVAL };

struct cart_row {
    uint8_t product, quantity;
};

struct visit {
    struct prng prng;
    uint64_t number;
    uint32_t user;
    uint32_t next; /* in its wheel bucket, or in the list of free slots */
    uint16_t events;
    uint8_t step;    /* what comes next */
    uint8_t product; /* just viewed */
    uint8_t cart_rows;
    struct cart_row cart[CART_ROWS];
};

struct product {
    struct str id, name, category;
    uint32_t price_cents;
};

struct shop {
    uint64_t seed_mix;
    struct zipf products, users;
    struct product catalogue[SHOP_PRODUCTS];
    char ids[SHOP_PRODUCTS][8];
    struct wheel wheel;
    struct visit *visits; /* slots; malloc'd, doubled when full, never returned during a run */
    uint32_t visits_capacity, visits_used, free_first;
    uint64_t visits_begun;
    struct prng arrivals;
    double arrival_ms, arrival_gap_ms;
    struct text_time time;
};

static const struct str categories[SHOP_CATEGORIES] = {
    STR_INIT("Electronics"), STR_INIT("Clothing"), STR_INIT("Books"), STR_INIT("Home & Garden"),
    STR_INIT("Sports")};

static const struct str product_names[] = {
#define PRODUCT(name) STR_INIT(name),
#include "generator/shop_products.def"
#undef PRODUCT
};
_Static_assert(ARRAY_LEN(product_names) == SHOP_PRODUCTS, "5 categories of 20");

/* Prices are log-uniform from 5 to 1,000. */
static void catalogue_init(struct shop *shop) {
    struct prng prng = {SALT_PRICE};
    for (uint32_t i = 0; i < SHOP_PRODUCTS; i++) {
        char *end = TEXT(shop->ids[i], "p-");
        *end++ = (char)('0' + (i + 1) / 100);
        end = text_pair(end, (i + 1) % 100);
        shop->catalogue[i] = (struct product){
            .id = {shop->ids[i], (size_t)(end - shop->ids[i])},
            .name = product_names[i],
            .category = categories[i % SHOP_CATEGORIES],
            .price_cents = (uint32_t)lround(500 * pow(200, prng_unit(&prng))),
        };
    }
}

static void *shop_open(const struct scenario_settings *settings, struct arena *job) {
    struct shop *shop = ARENA_NEW(job, 1, struct shop);
    shop->seed_mix = prng_mix(settings->seed);
    shop->arrivals.state = shop->seed_mix ^ prng_mix(UINT64_MAX - SALT_ARRIVAL);
    zipf_init(&shop->products, SHOP_PRODUCTS, settings->skew, job);
    zipf_init(&shop->users, (uint32_t)settings->users, 0.8, job);
    catalogue_init(shop);
    wheel_init(&shop->wheel, job);
    shop->free_first = WHEEL_NONE;
    double rate = fmin(settings->events_per_second, events_per_second_max);
    shop->arrival_gap_ms = 1000 * events_per_visit * (1 + RETURN_PERCENT / 100.0) / rate;
    return shop;
}

static void shop_close(void *state) {
    struct shop *shop = state;
    free(shop->visits);
    shop->visits = NULL;
}

static uint32_t slot_take(struct shop *shop) {
    uint32_t slot = shop->free_first;
    if (slot != WHEEL_NONE) {
        shop->free_first = shop->visits[slot].next;
        return slot;
    }
    if (shop->visits_used == shop->visits_capacity) {
        shop->visits_capacity = shop->visits_capacity ? shop->visits_capacity * 2 : VISITS_FIRST;
        shop->visits = memory_resize(shop->visits, shop->visits_capacity, sizeof *shop->visits);
    }
    return shop->visits_used++;
}

/* Gives the slot a new visit of `user`; it begins with a page view. */
static void visit_begin(struct shop *shop, uint32_t slot, uint32_t user) {
    uint64_t number = shop->visits_begun++;
    shop->visits[slot] = (struct visit){
        .prng = {shop->seed_mix ^ prng_mix(number + 1)},
        .number = number,
        .user = user,
        .step = SHOP_PAGE_VIEW,
    };
}

/* Log-normal by Box and Muller. */
static int64_t draw_gap_ms(struct prng *prng) {
    double radius = sqrt(-2 * log(1 - prng_unit(prng)));
    double normal = radius * cos(6.283185307179586 * prng_unit(prng));
    double gap = GAP_MEDIAN_MS * exp(gap_sigma * normal);
    return gap < GAP_MAX_MS ? (int64_t)gap : GAP_MAX_MS;
}

static enum shop_step draw_step(struct visit *visit) {
    uint32_t at = prng_below(&visit->prng, 100), sum = 0;
    const uint8_t *chances = shop_chances[visit->step];
    for (uint32_t step = 0; step < SHOP_END; step++)
        if (at < (sum += chances[step])) return (enum shop_step)step;
    return SHOP_END;
}

static void draw_page_view(struct visit *visit, struct shop_event *event) {
    uint64_t bits = prng_next(&visit->prng);
    event->page = (uint8_t)((bits & 0xffff) % 8);
    event->referrer =
        (bits >> 16 & 0xffff) % 10 < 3 ? SHOP_NO_REFERRER : (uint8_t)((bits >> 32) % 5);
    event->spent_hundredths = 500 + prng_below(&visit->prng, 29501); /* 5 to 300 s */
}

static void draw_cart(struct visit *visit, struct shop_event *event) {
    if (visit->cart_rows == CART_ROWS)
        memmove(visit->cart, visit->cart + 1, --visit->cart_rows * sizeof *visit->cart);
    struct cart_row row = {visit->product, (uint8_t)(1 + prng_below(&visit->prng, 5))};
    visit->cart[visit->cart_rows++] = row;
    event->product = row.product;
    event->quantity = row.quantity;
}

static void draw_purchase(struct visit *visit, struct shop_event *event) {
    uint32_t at = prng_below(&visit->prng, visit->cart_rows); /* a purchase follows a cart: not 0 */
    event->product = visit->cart[at].product;
    event->quantity = visit->cart[at].quantity;
    visit->cart[at] = visit->cart[--visit->cart_rows];
}

static void draw_event(struct shop *shop, struct visit *visit, struct shop_event *event) {
    *event = (struct shop_event){.visit = visit->number,
                                 .user = visit->user,
                                 .number = visit->events++,
                                 .step = visit->step};
    switch ((enum shop_step)visit->step) {
    case SHOP_PAGE_VIEW: draw_page_view(visit, event); break;
    case SHOP_PRODUCT_VIEW:
        event->product = visit->product = (uint8_t)zipf_draw(&shop->products, &visit->prng);
        break;
    case SHOP_ADD_TO_CART: draw_cart(visit, event); break;
    case SHOP_PURCHASE: draw_purchase(visit, event); break;
    case SHOP_END: break;
    }
}

/* Decides how the visit goes on after its event: a next step, an end, or an end and a return. */
static void visit_go_on(struct shop *shop, uint32_t slot) {
    struct visit *visit = &shop->visits[slot];
    visit->step = (uint8_t)draw_step(visit);
    if (visit->step != SHOP_END) {
        wheel_put(&shop->wheel, slot, &visit->next, draw_gap_ms(&visit->prng));
    } else if (prng_below(&visit->prng, 100) < RETURN_PERCENT) {
        int64_t away_ms = RETURN_MIN_MS + prng_below(&visit->prng, RETURN_MAX_MS - RETURN_MIN_MS);
        visit_begin(shop, slot, visit->user);
        wheel_put(&shop->wheel, slot, &visit->next, away_ms);
    } else {
        visit->next = shop->free_first;
        shop->free_first = slot;
    }
}

/* The slot whose event comes next: a visit that begins, or the next one on the wheel. */
static uint32_t next_visit(struct shop *shop, double season) {
    for (;; shop->wheel.now++) {
        if (shop->arrival_ms < (double)wheel_end_ms(&shop->wheel)) {
            double gap = -log(1 - prng_unit(&shop->arrivals)) * shop->arrival_gap_ms;
            shop->arrival_ms += gap / season;
            uint32_t slot = slot_take(shop);
            visit_begin(shop, slot, zipf_draw(&shop->users, &shop->arrivals));
            return slot;
        }
        uint32_t slot = wheel_peek(&shop->wheel);
        if (slot == WHEEL_NONE) continue;
        wheel_drop(&shop->wheel, shop->visits[slot].next);
        return slot;
    }
}

static void shop_next(void *state, double season, struct event *event) {
    struct shop *shop = state;
    uint32_t slot = next_visit(shop, season);
    struct shop_event detail;
    draw_event(shop, &shop->visits[slot], &detail);
    memcpy(event->detail, &detail, sizeof detail);
    visit_go_on(shop, slot);
}

/* --- Records. Fields in a fixed order: the common ones, then those of the type. --- */

static const struct str step_names[SHOP_STEPS] = {STR_INIT("page_view"), STR_INIT("product_view"),
                                                  STR_INIT("add_to_cart"), STR_INIT("purchase")};

static const struct str pages[8] = {
    STR_INIT("/"),     STR_INIT("/search"),  STR_INIT("/deals"), STR_INIT("/category/electronics"),
    STR_INIT("/cart"), STR_INIT("/account"), STR_INIT("/help"),  STR_INIT("/category/books")};

static const struct str referrers[5] = {
    STR_INIT("https://search.example/?q=shop"), STR_INIT("https://social.example/feed"),
    STR_INIT("https://news.example/reviews"), STR_INIT("https://mail.example/newsletter"),
    STR_INIT("https://shop.example/")};

/* A user's device, fixed for ever: operating systems fit the device. */
#define DEVICE(device, os, browser)                                                                \
    STR_INIT("\",\"device_type\":\"" device "\",\"os\":\"" os "\",\"browser\":\"" browser          \
             "\",\"location\":\"")
static const struct str devices[] = {
    DEVICE("desktop", "Windows", "Chrome"),  DEVICE("desktop", "Windows", "Edge"),
    DEVICE("desktop", "Windows", "Firefox"), DEVICE("desktop", "MacOS", "Safari"),
    DEVICE("desktop", "MacOS", "Chrome"),    DEVICE("desktop", "Linux", "Firefox"),
    DEVICE("desktop", "Linux", "Chrome"),    DEVICE("mobile", "iOS", "Safari"),
    DEVICE("mobile", "iOS", "Safari"),       DEVICE("mobile", "iOS", "Chrome"),
    DEVICE("mobile", "Android", "Chrome"),   DEVICE("mobile", "Android", "Chrome"),
    DEVICE("mobile", "Android", "Firefox"),  DEVICE("tablet", "iOS", "Safari"),
    DEVICE("tablet", "Android", "Chrome"),   DEVICE("tablet", "Android", "Edge"),
};
#undef DEVICE

static const struct str cities[] = {
    STR_INIT("Amsterdam"), STR_INIT("Berlin"),    STR_INIT("Bogotá"),    STR_INIT("Cairo"),
    STR_INIT("Chicago"),   STR_INIT("Dublin"),    STR_INIT("Hanoi"),     STR_INIT("İstanbul"),
    STR_INIT("Kraków"),    STR_INIT("Lagos"),     STR_INIT("London"),    STR_INIT("Madrid"),
    STR_INIT("Malmö"),     STR_INIT("Melbourne"), STR_INIT("Mumbai"),    STR_INIT("Nairobi"),
    STR_INIT("New York"),  STR_INIT("Paris"),     STR_INIT("São Paulo"), STR_INIT("Seoul"),
    STR_INIT("Sydney"),    STR_INIT("Tokyo"),     STR_INIT("Toronto"),   STR_INIT("Zürich"),
};

static char *put_id(char *at, uint64_t seed_mix, enum salt salt, uint64_t number) {
    uint64_t high = prng_mix((seed_mix ^ prng_mix((uint64_t)salt << 56)) + number);
    return text_uuid(at, high, prng_mix(high + (uint64_t)salt));
}

/* number << 16 | place is unique while a visit has fewer than 65,536 events. */
static uint64_t event_number(const struct shop_event *event) {
    return event->visit << 16 | event->number;
}

static char *put_location(char *at, uint32_t user, enum defect defect) {
    uint64_t draw = prng_mix(user + UINT64_C(0x5eed));
    at = text_str(at, devices[draw % ARRAY_LEN(devices)]);
    at = text_str(at, cities[(draw >> 32) % ARRAY_LEN(cities)]);
    if (defect == DEFECT_UTF8) at = TEXT(at, "\xff\xfe\xc3(");
    if (defect == DEFECT_NUL_BYTE) at = TEXT(at, "\0");
    if (defect == DEFECT_ESCAPED_NUL) at = TEXT(at, "\\u0000");
    if (defect == DEFECT_LONG_STRING) {
        memset(at, 'x', LONG_STRING_BYTES);
        at += LONG_STRING_BYTES;
    }
    return at;
}

static char *put_time(char *at, struct shop *shop, const struct event *event) {
    if (event->defect == DEFECT_TIMESTAMP) return TEXT(at, "yesterday");
    if (event->defect == DEFECT_YEAR_9999) return TEXT(at, "9999-12-31T23:59:59.999");
    return text_time(at, event->time_ms, &shop->time);
}

static char *put_common(char *at, struct shop *shop, const struct event *event,
                        const struct shop_event *detail, struct str session) {
    *at++ = '{';
    if (event->defect != DEFECT_NO_ID) {
        at = TEXT(at, "\"event_id\":\"");
        at = put_id(at, shop->seed_mix, SALT_EVENT, event_number(detail));
        at = TEXT(at, "\",");
    }
    at = TEXT(at, "\"event_timestamp\":\"");
    at = put_time(at, shop, event);
    at = TEXT(at, "\",\"event_type\":\"");
    at = text_str(at,
                  event->defect == DEFECT_UNKNOWN_TYPE ? STR("refund") : step_names[detail->step]);
    at = TEXT(at, "\",\"user_id\":\"");
    at = put_id(at, 0, SALT_USER, detail->user);
    at = TEXT(at, "\",\"session_id\":\"");
    at = text_str(at, session);
    at = put_location(at, detail->user, (enum defect)event->defect);
    *at++ = '"';
    return at;
}

/* How --nulls shows the n-th field that may be null: its turn comes when turn % fields == n. */
static enum defect null_of(const struct event *event, uint32_t field, uint32_t fields) {
    bool nulls = event->defect == DEFECT_NULL_FIELD || event->defect == DEFECT_MISSING_FIELD;
    return nulls && event->turn % fields == field ? (enum defect)event->defect : DEFECT_NONE;
}

static char *put_page(char *at, const struct event *event, const struct shop_event *detail) {
    at = TEXT(at, ",\"page_url\":\"https://shop.example");
    at = text_str(at, pages[detail->page]);
    *at++ = '"';
    enum defect null = null_of(event, 0, 2);
    if (null != DEFECT_MISSING_FIELD) {
        at = TEXT(at, ",\"referrer_url\":");
        if (null || detail->referrer == SHOP_NO_REFERRER) {
            at = TEXT(at, "null");
        } else {
            *at++ = '"';
            at = text_str(at, referrers[detail->referrer]);
            *at++ = '"';
        }
    }
    null = null_of(event, 1, 2);
    if (null == DEFECT_MISSING_FIELD) return at;
    at = TEXT(at, ",\"time_spent\":");
    if (null) return TEXT(at, "null");
    if (event->defect == DEFECT_NUMBER_TYPE) return TEXT(at, "\"n/a\"");
    return text_hundredths(at, detail->spent_hundredths);
}

static char *put_product(char *at, const struct event *event, const struct shop_event *detail,
                         const struct product *product) {
    enum defect null = null_of(event, 0, 1);
    if (null == DEFECT_MISSING_FIELD) return at;
    if (null)
        return TEXT(at, ",\"product_id\":null,\"product_name\":null,\"product_category\":null,"
                        "\"price\":null");
    at = TEXT(at, ",\"product_id\":\"");
    at = text_str(at, product->id);
    at = TEXT(at, "\",\"product_name\":\"");
    at = text_str(at, product->name);
    at = TEXT(at, "\",\"product_category\":\"");
    at = text_str(at, product->category);
    at = TEXT(at, "\",\"price\":");
    if (event->defect == DEFECT_NUMBER_TYPE && detail->step == SHOP_PRODUCT_VIEW)
        return TEXT(at, "\"n/a\"");
    return text_hundredths(at, product->price_cents);
}

static char *put_cart(char *at, const struct event *event, const struct shop_event *detail) {
    at = TEXT(at, ",\"quantity\":");
    if (event->defect == DEFECT_NUMBER_TYPE && detail->step == SHOP_ADD_TO_CART)
        return TEXT(at, "\"n/a\"");
    *at++ = (char)('0' + detail->quantity);
    return at;
}

static char *put_purchase(char *at, const struct shop *shop, const struct event *event,
                          const struct shop_event *detail, const struct product *product) {
    at = TEXT(at, ",\"order_id\":\"");
    at = put_id(at, shop->seed_mix, SALT_ORDER, event_number(detail));
    at = TEXT(at, "\",\"total_amount\":");
    if (event->defect == DEFECT_NUMBER_TYPE) return TEXT(at, "\"n/a\"");
    return text_hundredths(at, (uint64_t)product->price_cents * detail->quantity);
}

static void shop_render(void *state, const struct event *event, char *out, struct record *record) {
    struct shop *shop = state;
    const struct shop_event detail = shop_event_of(event);
    const struct product *product = &shop->catalogue[detail.product];
    char *at = put_id(out, shop->seed_mix, SALT_VISIT, detail.visit);
    if (event->defect == DEFECT_LONG_KEY) {
        memset(at, 'k', LONG_KEY_BYTES);
        at += LONG_KEY_BYTES;
    }
    record->key = (struct str){out, (size_t)(at - out)};
    char *value = at;
    at = put_common(at, shop, event, &detail, record->key);
    if (detail.step == SHOP_PAGE_VIEW) at = put_page(at, event, &detail);
    if (detail.step >= SHOP_PRODUCT_VIEW) at = put_product(at, event, &detail, product);
    if (detail.step >= SHOP_ADD_TO_CART) at = put_cart(at, event, &detail);
    if (detail.step == SHOP_PURCHASE) at = put_purchase(at, shop, event, &detail, product);
    *at++ = '}';
    record->value = (struct str){value, (size_t)(at - value)};
    record->key_null = record->value_null = false;
}

const struct scenario scenario_shop = {
    .name = "shop",
    .topic = "raw-events",
    .summary = "visits to a web shop: page and product views, carts, purchases",
    .open = shop_open,
    .close = shop_close,
    .next = shop_next,
    .render = shop_render,
};
