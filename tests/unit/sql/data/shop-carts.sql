-- SPDX-License-Identifier: Apache-2.0
CREATE VIEW cart_events AS SELECT event_id, ts, event_type, user_id, session_id, product_id, product_name, product_category, price, quantity
FROM raw_events WHERE event_id IS NOT NULL AND event_timestamp IS NOT NULL AND session_id IS NOT NULL AND product_id IS NOT NULL;
INSERT INTO abandoned_carts SELECT c.event_id, c.session_id, c.user_id, c.product_id, c.product_name, c.product_category, c.quantity,
  CAST(c.price * c.quantity AS DOUBLE), CAST(c.ts AS TIMESTAMP(3)) + INTERVAL '30' MINUTE, CAST(c.ts AS TIMESTAMP(3))
FROM (SELECT * FROM cart_events WHERE event_type = 'add_to_cart') AS c LEFT JOIN (SELECT * FROM cart_events WHERE event_type = 'purchase') AS p
  ON c.session_id = p.session_id AND c.product_id = p.product_id AND p.ts BETWEEN c.ts AND c.ts + INTERVAL '30' MINUTE WHERE p.event_id IS NULL;
