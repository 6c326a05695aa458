// SPDX-License-Identifier: Apache-2.0
// A Pinot broker made of arithmetic: POST /query/sql answers the Shop board's queries with a shop
// whose numbers follow from the clock, so that every start shows the same curve. POST /control
// {"mode": …} makes it misbehave; GET /control tells what it was asked.
//
//   modes: ok · hostile (names full of markup) · empty · none (no rows at all) · missing (error 190)
//          refused (error 700) · slow (answers after 4 s) · down (HTTP 503) · cut (closes the socket)
//          partial (1 of 2 servers) · frozen (the clock stands still) · young (only the open minute)
import http from 'node:http';
import { pathToFileURL } from 'node:url';

const CATEGORIES = ['Books', 'Electronics', 'Fashion', 'Home & Garden', 'Sports', 'Toys'];
const PRICES = [18, 210, 56, 74, 63, 31];
const WEIGHTS = [1.3, 0.9, 1.2, 0.8, 0.7, 0.6];
const PRODUCTS = [
    ['Noise-cancelling headphones', 1], ['Trail running shoes', 4], ['Merino sweater', 2],
    ['Mechanical keyboard', 1], ['Cast-iron pan', 3], ['Wooden train set', 5],
    ['The Pragmatic Gardener', 0], ['Espresso grinder', 3], ['Rain jacket', 2], ['4K monitor', 1],
    ['Yoga mat', 4], ['Board game night', 5],
];
const HOSTILE = [
    '<img src=x onerror=alert(1)>', '"><script>window.pwned=1</script>', "javascript:alert('x')",
    '\u202Egnp.exe', '{{constructor.constructor("alert(1)")()}}', '</title><svg onload=alert(1)>',
];
const MINUTE = 60000;

const noise = (n) => {
    const x = Math.sin(n * 127.1 + 11.7) * 43758.5453;
    return x - Math.floor(x);
};

/** The figures of one category in one minute; the open minute holds its past seconds only. */
function minuteOf(t, category, now) {
    const k = t / MINUTE;
    const share = Math.max(0, Math.min(1, (now - t) / MINUTE));
    const wave = 1 + 0.35 * Math.sin(k / 9 + category) + 0.25 * (noise(k * 7 + category) - 0.5);
    const views = Math.round(900 * WEIGHTS[category] * wave * share);
    const carts = Math.round(views * (0.2 + 0.05 * noise(k + category)));
    const purchases = Math.round(carts * (0.36 + 0.08 * noise(k * 3 + category)));
    return { views, carts, purchases, revenue: purchases * PRICES[category] * 1.18 };
}

class Shop {
    constructor() {
        this.mode = 'ok';
        this.queries = [];
        this.started = Date.now();
        this.frozenAt = 0;
    }

    now() {
        return this.mode === 'frozen' ? this.frozenAt : Date.now();
    }

    names() {
        return this.mode === 'hostile' ? HOSTILE : CATEGORIES;
    }

    *minutes(sql) {
        const bound = (name, preset) => Number(new RegExp(`window_start ${name} (\\d+)`).exec(sql)?.[1] ?? preset);
        const first = Math.floor(this.now() / MINUTE) * MINUTE; // mode young: the job began in this minute
        const from = Math.max(bound('>=', 0), this.mode === 'young' ? first : 0);
        const to = Math.min(bound('<', Infinity), this.now() + 1);
        const wanted = /product_category IN \('((?:[^']|'')*)'\)/.exec(sql)?.[1].replaceAll("''", "'");
        for (let t = Math.ceil(from / MINUTE) * MINUTE; t < to; t += MINUTE) {
            for (let c = 0; c < CATEGORIES.length; c++) {
                if (wanted !== undefined && this.names()[c] !== wanted) continue;
                yield { t, c, ...minuteOf(t, c, this.now()) };
            }
        }
    }

    sum(sql, key, columns) {
        const groups = new Map();
        for (const m of this.minutes(sql)) {
            const k = key(m);
            const row = groups.get(k) ?? groups.set(k, columns.map(() => 0)).get(k);
            columns.forEach((c, i) => { row[i] += m[c]; });
        }
        return [...groups].map(([k, row]) => [...(Array.isArray(k) ? k : [k]), ...row]);
    }

    products(sql) {
        const wanted = /product_category IN \('((?:[^']|'')*)'\)/.exec(sql)?.[1].replaceAll("''", "'");
        const minutes = (this.now() - this.started) / MINUTE + 900;
        return PRODUCTS.map(([name, c], i) => {
            const purchases = Math.round(minutes * (14 - i) * (0.8 + 0.4 * noise(i)));
            const label = this.mode === 'hostile' ? HOSTILE[i % HOSTILE.length] : name;
            return [`p-${String(i).padStart(3, '0')}`, label, this.names()[c], purchases * 21, purchases * 4,
                purchases, Math.round(purchases * 1.4), Math.round(purchases * PRICES[c] * 118) / 100];
        }).filter((row) => wanted === undefined || row[2] === wanted).sort((a, b) => b[7] - a[7]);
    }

    rows(sql) {
        const figures = ['views', 'carts', 'purchases', 'revenue'];
        if (sql.includes('active_users_per_minute')) {
            return [...new Set([...this.minutes(sql)].map((m) => m.t))].map((t) => {
                const m = minuteOf(t, 0, this.now());
                return [t, Math.round(m.views * 0.31), Math.round(m.views * 0.36), m.views * 3];
            });
        }
        if (sql.includes('SUM(view_count) AS views') && sql.includes('FROM product_analytics')) {
            const all = this.products(sql);
            const total = (i) => all.reduce((n, row) => n + row[i], 0);
            return [[total(3), total(4), total(5), total(7), false]];
        }
        if (sql.includes('FROM product_analytics')) return this.products(sql).slice(0, 10);
        if (sql.includes('GROUP BY t, product_category')) {
            return [...this.minutes(sql)].map((m) => [m.t, this.names()[m.c], m.revenue]);
        }
        if (sql.includes('GROUP BY t ')) return this.sum(sql, (m) => m.t, figures);
        return this.sum(sql, (m) => this.names()[m.c], figures.slice(0, 3));
    }

    answer(sql) {
        const columns = {
            users: ['t', 'active_users', 'active_sessions', 'events'],
            totals: ['views', 'carts', 'purchases', 'revenue', '_deleted'],
            products: ['product_id', 'product_name', 'product_category', 'view_count', 'cart_adds', 'purchases', 'units', 'revenue'],
            revenue: ['t', 'product_category', 'revenue'],
            minutes: ['t', 'views', 'carts', 'purchases', 'revenue'],
            funnel: ['product_category', 'views', 'carts', 'purchases'],
        };
        const kind = sql.includes('active_users_per_minute') ? 'users'
            : sql.includes('SUM(view_count) AS views') && sql.includes('FROM product_analytics') ? 'totals'
                : sql.includes('FROM product_analytics') ? 'products'
                    : sql.includes('GROUP BY t, product_category') ? 'revenue'
                        : sql.includes('GROUP BY t ') ? 'minutes' : 'funnel';
        const latest = /ORDER BY window_start DESC LIMIT 1$/.test(sql);
        const none = this.mode === 'none' || (this.mode === 'empty' && !latest);
        let rows = none || latest ? [] : this.rows(sql);
        let names = columns[kind];
        if (latest && !none) {
            names = ['t'];
            rows = [[Math.floor(this.now() / MINUTE) * MINUTE - 40 * MINUTE]];
        }
        return {
            resultTable: { dataSchema: { columnNames: names, columnDataTypes: names.map(() => 'STRING') }, rows },
            exceptions: [],
            numServersQueried: 2,
            numServersResponded: this.mode === 'partial' ? 1 : 2,
            numDocsScanned: rows.length * 40,
            totalDocs: 100000,
            timeUsedMs: 3,
            numConsumingSegmentsQueried: 4,
            minConsumingFreshnessTimeMs: this.now() - 800,
            numGroupsLimitReached: false,
        };
    }

    reply(sql, response) {
        const send = (status, body) => {
            response.writeHead(status, { 'content-type': 'application/json' });
            response.end(JSON.stringify(body));
        };
        const failed = (errorCode, message) => ({ exceptions: [{ errorCode, message }], numServersQueried: 0, numServersResponded: 0 });
        switch (this.mode) {
        case 'down': return send(503, { error: 'down' });
        case 'cut': return response.socket.destroy();
        case 'missing': return send(200, failed(190, 'TableDoesNotExistError'));
        case 'refused': return send(200, failed(700, 'QueryValidationError: <b>no such column</b> revenue\nat org.apache.pinot.Trace'));
        case 'slow': return setTimeout(() => send(200, this.answer(sql)), 4000);
        default: return send(200, this.answer(sql));
        }
    }
}

/** Starts a broker on a port (0: any); resolves to { port, shop, close }. */
export function startBroker(port = 0) {
    const shop = new Shop();
    const server = http.createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => { body += chunk; });
        request.on('end', () => {
            if (request.url === '/health') return response.end('OK');
            if (request.url === '/control' && request.method === 'POST') {
                const { mode } = JSON.parse(body);
                if (mode === 'frozen') shop.frozenAt = Date.now();
                shop.mode = mode;
                return response.end('{}');
            }
            if (request.url === '/control') return response.end(JSON.stringify({ mode: shop.mode, queries: shop.queries }));
            const sql = JSON.parse(body).sql;
            shop.queries.push({ at: Date.now(), sql });
            return shop.reply(sql.replace(/^(SET [^;]*;\s*)*/, ''), response);
        });
    });
    return new Promise((resolve) => {
        server.listen(port, '127.0.0.1', () => resolve({
            port: server.address().port,
            shop,
            close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
        }));
    });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const broker = await startBroker(Number(process.argv[2] ?? 0));
    console.log(`fake broker on http://127.0.0.1:${broker.port}`);
}
