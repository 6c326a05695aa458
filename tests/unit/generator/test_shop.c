/* SPDX-License-Identifier: Apache-2.0 */
/* The shop's visits: shares against the chances they are drawn with, and what must hold in each
 * visit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "generator/shop.h"
#include "generator/stream.h"

enum { EVENTS = 1000000, VISITS_MAX = 400000, CART_PLACES = SHOP_PRODUCTS * 6 };

struct seen {
    uint32_t user;
    uint16_t steps[SHOP_STEPS];
    int64_t first_ms, last_ms;
};

/* At 10 events per second, few visits are still going on at the end and at the start. */
static struct stream_settings settings_of(double events_per_second) {
    return (struct stream_settings){
        .scenario = &scenario_shop,
        .scenario_settings = {.seed = 7,
                              .events_per_second = events_per_second,
                              .users = 100000,
                              .skew = 1},
        .start_ms = INT64_C(1767225600000),
        .count = EVENTS,
    };
}

static uint32_t read_visits(int64_t users, struct seen *visits) {
    struct arena job = {0};
    struct stream stream;
    struct stream_settings settings = settings_of(10);
    settings.scenario_settings.users = users;
    stream_open(&stream, &settings, &job);
    struct event event;
    double due_ms, last_due_ms = 0;
    int64_t last_ms = settings.start_ms;
    uint32_t count = 0;
    for (uint32_t i = 0; stream_next(&stream, &event, &due_ms); i++) {
        struct shop_event shop = shop_event_of(&event);
        assert_true(event.time_ms >= last_ms && due_ms >= last_due_ms);
        assert_true(event.time_ms == settings.start_ms + i * 100);
        last_ms = event.time_ms, last_due_ms = due_ms;
        assert_true(shop.visit < VISITS_MAX);
        struct seen *visit = &visits[shop.visit];
        if (shop.number == 0) {
            visit->user = shop.user;
            visit->first_ms = event.time_ms;
            assert_int_equal(shop.step, SHOP_PAGE_VIEW);
        }
        assert_true(visit->user == shop.user);
        visit->steps[shop.step]++;
        visit->last_ms = event.time_ms;
        if (shop.visit >= count) count = (uint32_t)shop.visit + 1;
    }
    stream_close(&stream);
    arena_release(&job);
    return count;
}

/* Expected number of events of each step in one visit: n = first + n * chances, to the fixed
 * point. */
static void expected_steps(double expected[SHOP_STEPS]) {
    for (int s = 0; s < SHOP_STEPS; s++)
        expected[s] = 0;
    for (int round = 0; round < 200; round++) {
        double next[SHOP_STEPS] = {[SHOP_PAGE_VIEW] = 1};
        for (int from = 0; from < SHOP_STEPS; from++)
            for (int to = 0; to < SHOP_STEPS; to++)
                next[to] += expected[from] * shop_chances[from][to] / 100;
        for (int s = 0; s < SHOP_STEPS; s++)
            expected[s] = next[s];
    }
}

/* Chance that a visit ever reaches `goal`. */
static double chance_of(int goal) {
    double chance[SHOP_STEPS] = {0};
    for (int round = 0; round < 200; round++)
        for (int from = 0; from < SHOP_STEPS; from++) {
            double sum = 0;
            for (int to = 0; to < SHOP_STEPS; to++)
                sum += shop_chances[from][to] / 100.0 * (to == goal ? 1 : chance[to]);
            chance[from] = sum;
        }
    return chance[SHOP_PAGE_VIEW];
}

static void assert_share(const char *what, double share, double expected, double deviation) {
    if (fabs(share - expected) > 3 * deviation)
        fail_msg("%s: %.5f, expected %.5f +- %.5f", what, share, expected, 3 * deviation);
}

static void shares(void **state) {
    (void)state;
    struct seen *visits = calloc(VISITS_MAX, sizeof *visits);
    uint32_t count = read_visits(100000, visits), begun = 0;
    double bounced = 0, with_cart = 0, with_purchase = 0, expected[SHOP_STEPS], per_visit = 0;
    expected_steps(expected);
    for (int s = 0; s < SHOP_STEPS; s++)
        per_visit += expected[s];
    assert_true(fabs(per_visit - 4.36) < 0.005);

    for (int s = 0; s < SHOP_STEPS; s++) {
        /* events of one visit are not independent: the deviation of a ratio is measured per
         * visit */
        static const double published[SHOP_STEPS] = {0.399, 0.305, 0.197, 0.099};
        double share = expected[s] / per_visit, sum = 0, squares = 0;
        assert_true(fabs(share - published[s]) < 0.0006);
        for (uint32_t v = 0; v < count; v++) {
            double events = 0;
            for (int t = 0; t < SHOP_STEPS; t++)
                events += visits[v].steps[t];
            double off = visits[v].steps[s] - share * events;
            sum += visits[v].steps[s];
            squares += off * off;
        }
        assert_share("mix", sum / EVENTS, share, sqrt(squares) / EVENTS);
    }
    for (uint32_t v = 0; v < count; v++) {
        const uint16_t *steps = visits[v].steps;
        if (!steps[SHOP_PAGE_VIEW]) continue; /* a return that is still to come */
        begun++;
        bounced += steps[0] == 1 && !steps[1];
        with_cart += steps[SHOP_ADD_TO_CART] > 0;
        with_purchase += steps[SHOP_PURCHASE] > 0;
    }
    double cart = chance_of(SHOP_ADD_TO_CART), purchase = chance_of(SHOP_PURCHASE), n = begun;
    assert_true(fabs(cart - 0.57) < 0.005 && fabs(purchase - 0.38) < 0.005);
    assert_share("bounce", bounced / n, 0.15, sqrt(0.15 * 0.85 / n));
    assert_share("cart", with_cart / n, cart, sqrt(cart * (1 - cart) / n));
    assert_share("purchase", with_purchase / n, purchase, sqrt(purchase * (1 - purchase) / n));
    free(visits);
}

static int by_user_and_start(const void *a, const void *b) {
    const struct seen *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    return (x->first_ms > y->first_ms) - (x->first_ms < y->first_ms);
}

/* How many visits are followed by another one of the same user between from and to minutes
 * later. */
static double followed(const struct seen *visits, uint32_t count, int64_t end_ms, int from,
                       int to) {
    double hits = 0;
    for (uint32_t v = 0; v < count; v++)
        for (uint32_t w = v + 1; w < count && visits[w].user == visits[v].user; w++) {
            int64_t away_ms = visits[w].first_ms - visits[v].last_ms;
            hits += visits[v].last_ms < end_ms && away_ms >= from * INT64_C(60000) &&
                    away_ms < to * INT64_C(60000);
        }
    return hits;
}

/* 2 % come back after 35 to 120 minutes. Users also meet by chance, rarely beyond the first
 * 100,000 of a million; the following 85 minutes show how often. */
static void users_return(void **state) {
    (void)state;
    enum { RARE = 100000 };
    struct seen *visits = calloc(VISITS_MAX, sizeof *visits);
    uint32_t count = read_visits(1000000, visits), begun = 0;
    int64_t end_ms =
        INT64_C(1767225600000) + EVENTS * INT64_C(100) - 210 * 60000; /* both can be seen */
    double rare = 0;
    for (uint32_t v = 0; v < count; v++) {
        if (!visits[v].steps[SHOP_PAGE_VIEW] || visits[v].user < RARE) continue;
        rare += visits[v].last_ms < end_ms;
        visits[begun++] = visits[v];
    }
    qsort(visits, begun, sizeof *visits, by_user_and_start);
    double returned = followed(visits, begun, end_ms, 35, 120);
    double by_chance = followed(visits, begun, end_ms, 125, 210);
    assert_true(rare > 50000);
    assert_share("returns", (returned - by_chance) / rare, 0.02, sqrt(returned + by_chance) / rare);
    free(visits);
}

/* A cart takes the product just viewed; a purchase takes a row of the cart, with its quantity. */
static void carts_and_purchases_belong_together(void **state) {
    (void)state;
    struct arena job = {0};
    struct stream stream;
    struct stream_settings settings = settings_of(1);
    settings.count = 200000;
    stream_open(&stream, &settings, &job);
    enum { VISITS = 60000 };
    int16_t *viewed = calloc(VISITS, sizeof *viewed);
    uint8_t *cart = calloc((size_t)VISITS * CART_PLACES, 1);
    uint16_t *number = calloc(VISITS, sizeof *number);
    struct event event;
    double due_ms;
    unsigned purchases = 0;
    while (stream_next(&stream, &event, &due_ms)) {
        struct shop_event shop = shop_event_of(&event);
        assert_true(shop.visit < VISITS && shop.product < SHOP_PRODUCTS);
        assert_int_equal(shop.number, number[shop.visit]++);
        uint8_t *row = &cart[shop.visit * CART_PLACES + shop.product * 6u + shop.quantity];
        switch ((enum shop_step)shop.step) {
        case SHOP_PAGE_VIEW:
            assert_true(shop.spent_hundredths >= 500 && shop.spent_hundredths <= 30000);
            break;
        case SHOP_PRODUCT_VIEW: viewed[shop.visit] = (int16_t)(shop.product + 1); break;
        case SHOP_ADD_TO_CART:
            assert_int_equal(viewed[shop.visit], shop.product + 1);
            assert_true(shop.quantity >= 1 && shop.quantity <= 5);
            ++*row;
            break;
        case SHOP_PURCHASE:
            purchases++;
            assert_true((*row)-- > 0);
            break;
        case SHOP_END: fail_msg("an end is no event");
        }
    }
    assert_true(purchases > 15000);
    free(viewed), free(cart), free(number);
    stream_close(&stream);
    arena_release(&job);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares), cmocka_unit_test(users_return),
                                       cmocka_unit_test(carts_and_purchases_belong_together)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
