// SPDX-License-Identifier: Apache-2.0
// The Shop board in Chromium against a fake broker: what is drawn, every state, hostile text, the
// security policy, one query for many viewers, and coming back after losses.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { startBroker } from './fake_broker.mjs';
import { Server, freePort, launch, liveBoard, openPage, root, run, shots, until, version } from './lib.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The shipped board with a stricter freshness, so that nothing has to grow old for 40 s.
const board = JSON.parse(readFileSync(path.join(root, 'dashboard/boards/shop.json'), 'utf8'));
const boardFile = path.join(shots, 'shop-strict.json');
writeFileSync(boardFile, JSON.stringify({ ...board, slo: '2s' }));

const broker = await startBroker();
const server = new Server({ port: await freePort(), broker: `http://127.0.0.1:${broker.port}`, boards: [boardFile] });
await server.start();
const browser = await launch();

/** A test in a page of its own; afterwards nothing suspicious may have happened in it. */
const inPage = (mode, test, { options, suffix = '/b/shop' } = {}) => async () => {
    broker.shop.mode = mode;
    const page = await openPage(browser, server.url + suffix, options);
    try {
        await test(page);
        assert.deepEqual(await page.collect(), []);
    } finally {
        await page.context().close();
        broker.shop.mode = 'ok';
    }
};

const shot = (page, name) => page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
const text = (page, selector) => page.locator(selector).innerText();
const modes = (mode) => { if (mode === 'frozen') broker.shop.frozenAt = Date.now(); broker.shop.mode = mode; };

async function drawsEverything(page) {
    await liveBoard(page);
    assert.equal(await page.title(), 'Shop · Decant');
    assert.equal(await page.locator('.number .big').count(), 4);
    for (const big of await page.locator('.number .big').allInnerTexts()) assert.match(big, /^\$?[\d,]+$/);
    for (const delta of await page.locator('.number .delta').allInnerTexts()) {
        assert.match(delta, /at \d\d:\d\d/);
        assert.match(delta, /(▲\s*\+|▼\s*−)[\d.]+\s*%/);
        assert.match(delta, /(more|less) than at \d\d:\d\d/);
    }
    assert.equal(await page.locator('.bars li').count(), 10);
    assert.equal(await page.locator('.step').count(), 3);
    assert.match(await text(page, '.funnel'), /go on/);
    assert.equal(await page.locator('.small tbody tr').count(), 6);
    assert.equal(await page.locator('.time-chart canvas').count(), 2);
    assert.match(await page.locator('#panel-revenue .time-chart').getAttribute('aria-label'), /6 categories; last \$.* highest \$.* at \d\d:\d\d/);
    assert.match(await text(page, '.pill'), /live/);
    for (const fresh of await page.locator('.panel .fresh').allInnerTexts()) assert.match(fresh, /as of \d\d:\d\d:\d\d · \d+ s/);
    await shot(page, 'light');
}

async function canvasIsDrawn(page) {
    await liveBoard(page);
    const colors = await page.locator('#panel-revenue canvas').evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) seen.add(`${data[i] >> 4},${data[i + 1] >> 4},${data[i + 2] >> 4}`);
        return seen.size;
    });
    assert.ok(colors >= 6, `only ${colors} colours on the stacked chart`);
}

/** The first minute of a job: one open window, nothing to compare with. */
async function young(page) {
    await liveBoard(page);
    await until('one window', async () => /no complete minute yet/.test(await text(page, '#panel-totals')));
    await canvasIsDrawn(page);
    await shot(page, 'young');
}

async function numbersMove(page) {
    await liveBoard(page);
    const before = await text(page, '#panel-totals .numbers');
    await until('numbers that change', async () => await text(page, '#panel-totals .numbers') !== before);
}

/** A viewer without a page: reads the stream and throws it away. */
async function view(range) {
    const end = new AbortController();
    const reply = await fetch(`${server.url}/api/boards/shop/stream?range=${range}`, { signal: end.signal });
    assert.equal(reply.status, 200);
    (async () => { for await (const chunk of reply.body) void chunk; })().catch(() => {});
    return end;
}

async function oneQueryForAll() {
    const viewers = await Promise.all([...Array(12)].map((_, i) => view(i % 3 ? '15m' : '5m')));
    const since = Date.now();
    await until('five ticks', () => Date.now() - since > 5000);
    const asked = broker.shop.queries.filter((q) => q.at >= since && q.at < since + 5000);
    for (const viewer of viewers) viewer.abort();
    const products = asked.filter((q) => q.sql.endsWith('LIMIT 10')).length;
    const users = asked.filter((q) => q.sql.includes('active_users_per_minute')).length;
    assert.ok(products >= 4 && products <= 6, `${products} queries for products in 5 ticks and 12 viewers`);
    assert.ok(users >= 8 && users <= 12, `${users} queries for two ranges in 5 ticks and 12 viewers`);
    assert.ok(asked.every((q) => q.sql.startsWith('SET timeoutMs=2000; SELECT ')));
}

async function policyIsEnforced() {
    const page = await openPage(browser, `${server.url}/b/shop`);
    const threw = await page.evaluate(() => {
        try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); return false; } catch { return true; }
    });
    await page.evaluate(() => {
        const script = document.createElement('img');
        script.src = 'http://127.0.0.1:9/x.png';
        document.body.append(script);
    });
    await until('a violation that the detector sees', async () => (await page.collect()).length > 0);
    await page.context().close();
    assert.ok(threw, 'Trusted Types let a string through');
}

async function hostileText(page) {
    await liveBoard(page);
    await until('markup as a name', async () => (await page.locator('.bar-label').allInnerTexts()).includes('<img src=x onerror=alert(1)>'));
    await until('markup as a category', async () => (await text(page, '#panel-funnel')).includes('"><script>window.pwned=1</script>'));
    await page.locator('#panel-revenue .uplot .u-over').hover();
    await until('a tooltip', () => page.locator('.tip:visible').count());
    assert.ok((await text(page, '.tip:visible')).includes('<svg onload=alert(1)>'));
    assert.equal(await page.locator('main img, main script, main [onload], main [onerror]').count(), 0);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    await shot(page, 'hostile');
}

async function filterByClick(page) {
    await liveBoard(page);
    await page.locator('#panel-revenue .legend button', { hasText: 'Books' }).click();
    await page.waitForURL(/category=Books/);
    await until('one category', async () => await page.locator('#panel-revenue .legend li').count() === 1);
    assert.match(await text(page, '.filters'), /Books/);
    assert.ok(broker.shop.queries.some((q) => q.sql.includes("product_category IN ('Books')")));
    await page.goBack();
    await until('all categories', async () => await page.locator('#panel-revenue .legend li').count() === 6);
}

async function rangeByClick(page) {
    await liveBoard(page);
    await page.locator('.segments button', { hasText: '1h' }).click();
    await page.waitForURL(/range=1h/);
    await until('an hour of windows', async () => {
        const name = await page.locator('#panel-users .time-chart').getAttribute('aria-label');
        const [from, to] = name.match(/\d\d:\d\d/g).map((t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3)));
        return (to - from + 1440) % 1440 > 55;
    });
    assert.equal(await page.locator('.segments [aria-pressed="true"]').innerText(), '1h');
}

async function refusedParameter(page) {
    await until('the reason', async () => /not acceptable/.test(await text(page, 'body')));
    assert.ok(!broker.shop.queries.some((q) => q.sql.includes('OPTION')));
}

async function loading(page) {
    await page.locator('.skeleton').first().waitFor();
    await shot(page, 'loading');
}

const sees = (mode, selector, pattern, name) => async (page) => {
    await page.locator('main').waitFor();
    modes(mode);
    await until(`${pattern} in ${selector}`, async () => (await page.locator(selector).allInnerTexts()).some((t) => pattern.test(t)), 30000);
    await shot(page, name);
};

/** Old data stay, a message appears, and goes away by itself. */
const survives = (mode, pattern, name) => async (page) => {
    await liveBoard(page);
    const rows = await page.locator('.bars li').count();
    modes(mode);
    await until(`${pattern}`, async () => pattern.test(await text(page, 'body')), 30000);
    assert.match(await text(page, '.pill'), name === 'partial' ? /live/ : /trouble|late|stale/);
    assert.equal(await page.locator('.bars li').count(), rows);
    await shot(page, name);
    modes('ok');
    await until('recovery', async () => /live/.test(await text(page, '.pill')) && await page.locator('.trouble').count() === 0, 40000);
};

async function staleBadge(page) {
    await liveBoard(page);
    modes('frozen');
    await until('a stale board', async () => /stale/.test(await text(page, '.pill')), 40000);
    await until('a named cause', async () => /stale: no new data reaches Pinot/.test(await text(page, '#panel-revenue .fresh')));
    await until('a banner', async () => /No new data reaches Pinot/.test((await page.locator('.banner').allInnerTexts()).join()));
    await shot(page, 'stale');
    modes('ok');
    await until('life', async () => /live/.test(await text(page, '.pill')));
}

async function restart(page) {
    await liveBoard(page);
    await page.evaluate(() => { window.marker = 'same document'; });
    const ended = await server.stop();
    assert.deepEqual(ended, { code: 0, signal: null });
    await page.locator('.banner[data-state="offline"]').waitFor();
    assert.match(await text(page, '.banner'), /Offline since \d\d:\d\d:\d\d/);
    assert.equal(await page.locator('.bars li').count(), 10);
    await shot(page, 'offline');
    await server.start();
    await liveBoard(page);
    await until('no banner', async () => await page.locator('.banner').count() === 0);
    const before = await version(page, 'totals');
    await until('new data', async () => await version(page, 'totals') > before);
    assert.equal(await page.evaluate(() => window.marker), 'same document');
}

/** The server hangs with its sockets open: only the missing beat tells. */
async function halfOpen(page) {
    await liveBoard(page);
    server.signal('SIGSTOP');
    await page.locator('.banner[data-state="offline"]').waitFor({ timeout: 30000 });
    server.signal('SIGCONT');
    await liveBoard(page);
    const before = await version(page, 'totals');
    await until('new data', async () => await version(page, 'totals') > before, 40000);
}

async function pauseAndResume(page) {
    await liveBoard(page);
    await page.locator('button', { hasText: 'Pause' }).click();
    await page.locator('.banner[data-state="paused"]').waitFor();
    const held = await text(page, '#panel-totals .numbers');
    await until('missed updates', async () => /[1-9]\d* newer update/.test(await text(page, '.banner')));
    assert.equal(await text(page, '#panel-totals .numbers'), held);
    await page.locator('.banner button', { hasText: 'Resume' }).click();
    await until('movement', async () => await text(page, '#panel-totals .numbers') !== held);
}

async function darkTheme(page) {
    await liveBoard(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.locator('button', { hasText: 'Dark' }).click();
    assert.notEqual(await ground(), light);
    await page.reload();
    await liveBoard(page);
    assert.notEqual(await ground(), light);
    await shot(page, 'dark');
}

async function tableAndSql(page) {
    await liveBoard(page);
    const panel = page.locator('#panel-users');
    await panel.hover();
    await panel.locator('.tools button', { hasText: 'Table' }).click();
    assert.ok(await panel.locator('tbody tr').count() >= 15);
    await panel.locator('.tools button', { hasText: 'SQL' }).click();
    assert.match(await panel.locator('pre').innerText(), /FROM active_users_per_minute/);
    assert.match(await panel.locator('.details').innerText(), /\d+ ms in Pinot, [\d,]+ rows scanned/);
}

async function accessible(page) {
    await liveBoard(page);
    await page.evaluate(AXE);
    const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const found = result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`);
    assert.deepEqual(found, []);
}

async function smallScreen(page) {
    await liveBoard(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${over} px too wide`);
    for (const box of await page.locator('button:visible').evaluateAll((all) => all.map((b) => [b.innerText, b.getBoundingClientRect().height]))) {
        assert.ok(box[1] >= 24, `button ${box[0]} is ${box[1]} px high`);
    }
    const cut = await page.locator('.big').evaluateAll((all) => all.filter((b) => b.scrollWidth > b.clientWidth).length);
    assert.equal(cut, 0, 'a big number is cut');
    await shot(page, 'small');
}

async function transferIsSmall() {
    const context = await browser.newContext(); // an empty cache
    const page = await context.newPage();
    let bytes = 0; // of bodies as transferred, without headers
    page.on('response', (response) => { bytes += Number(response.headers()['content-length'] ?? 0); });
    await page.goto(`${server.url}/b/shop`);
    await liveBoard(page);
    await context.close();
    assert.ok(bytes > 10000 && bytes <= 60000, `${bytes} bytes on the first visit`);
    console.log(`# first visit ${bytes} bytes`);
}

const dark = { options: { colorScheme: 'dark' } };
const small = { options: { viewport: { width: 360, height: 740 }, hasTouch: true } };
await run([
    ['draws every panel', inPage('ok', drawsEverything)],
    ['draws on the canvas', inPage('ok', canvasIsDrawn)],
    ['draws a single open window', inPage('young', young, { suffix: '/b/shop?range=1h' })],
    ['numbers move', inPage('ok', numbersMove)],
    ['one query per panel and tick for all viewers', oneQueryForAll],
    ['the policy is enforced, and the detector works', policyIsEnforced],
    ['hostile names are text', inPage('hostile', hostileText)],
    ['filter by a click, undo by back', inPage('ok', filterByClick)],
    ['range by a click', inPage('ok', rangeByClick)],
    ['a refused parameter is explained', inPage('ok', refusedParameter, { suffix: `/b/shop?category=${encodeURIComponent("x') OPTION(a=b)")}` })],
    ['state: loading', inPage('slow', loading, { suffix: '/b/shop?range=5m&category=Loading' })],
    ['state: empty range', inPage('ok', sees('empty', '#panel-revenue .message', /No rows between \d\d:\d\d and \d\d:\d\d.[^]*Latest row: /, 'empty'))],
    ['state: not started', inPage('ok', sees('none', '#panel-totals .message', /product_analytics has no rows yet[^]*decant run pipelines\/shop.sql/, 'not-started'))],
    ['state: table missing', inPage('ok', sees('missing', '.trouble', /no table product_analytics yet[^]*decant apply/, 'missing'))],
    ['state: query refused', inPage('ok', survives('refused', /Pinot refused the query[^]*<b>no such column<\/b>/, 'refused'))],
    ['state: partial', inPage('ok', survives('partial', /1 of 2 servers answered/, 'partial'))],
    ['state: stale', inPage('ok', staleBadge)],
    ['state: broker hangs', inPage('ok', survives('slow', /cannot be asked/, 'slow'))],
    ['state: broker down', inPage('ok', survives('down', /cannot be asked/, 'down'))],
    ['state: broker cuts connections', inPage('ok', survives('cut', /cannot be asked/, 'cut'))],
    ['server restart: reconnects without reload', inPage('ok', restart)],
    ['half-open socket: noticed by the missing beat', inPage('ok', halfOpen)],
    ['pause and resume', inPage('ok', pauseAndResume)],
    ['dark theme, remembered', inPage('ok', darkTheme)],
    ['table and SQL of a panel', inPage('ok', tableAndSql)],
    ['axe: light', inPage('ok', accessible)],
    ['axe: dark', inPage('ok', accessible, dark)],
    ['360 px', inPage('ok', smallScreen, small)],
    ['first visit is small', transferIsSmall],
], { only: process.argv[2] });

await browser.close();
const end = await server.stop();
if (end.code !== 0) {
    console.log(`# decant serve ended with ${JSON.stringify(end)}: ${server.output}`);
    process.exitCode = 1;
}
await broker.close();
