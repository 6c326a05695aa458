// SPDX-License-Identifier: Apache-2.0
// The Shop board over a running system: real Kafka, processor and Pinot. Numbers must move, and the
// page must come back after a restart of the server without a reload. The last picture is the one of
// the README.
import assert from 'node:assert/strict';
import path from 'node:path';
import { Server, freePort, launch, liveBoard, openPage, root, run, until, version } from './lib.mjs';

const { DECANT_PINOT_BROKER: broker, DECANT_PROCESSOR: processor, DECANT_SERVE_PORT: wanted } = process.env;
if (!broker) throw new Error('DECANT_PINOT_BROKER is not set: the address of a Pinot broker with the shop tables');
const running = process.argv[2]; // address of a dashboard that is already there; optional
const picture = process.env.DECANT_SCREENSHOT ?? path.join(root, 'docs/images/shop.png');

const server = new Server({ port: wanted ? Number(wanted) : await freePort(), broker, processor });
await server.start();
const browser = await launch();

const figures = (page) => page.locator('#panel-totals .big').allInnerTexts();

async function everyPanelHasData(page) {
    await liveBoard(page);
    for (const [panel, content] of [['revenue', 'canvas'], ['funnel', '.step'], ['products', '.bars li'], ['users', 'canvas']]) {
        await until(`data in ${panel}`, () => page.locator(`#panel-${panel} ${content}`).count(), 60000);
    }
    assert.equal(await page.locator('.trouble').count(), 0, await page.locator('main').innerText());
}

async function moves(page) {
    const before = await figures(page);
    await until('every total to grow', async () => {
        const now = await figures(page);
        return now.every((value, i) => value !== before[i]);
    }, 60000);
}

async function runningDashboard() {
    const page = await openPage(browser, new URL('/b/shop', running).href);
    await everyPanelHasData(page);
    await moves(page);
    assert.deepEqual(await page.collect(), []);
    await page.context().close();
}

async function ownServer() {
    const page = await openPage(browser, `${server.url}/b/shop`);
    await everyPanelHasData(page);
    await moves(page);
    await page.evaluate(() => { window.marker = 'same document'; });
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await page.locator('.banner[data-state="offline"]').waitFor();
    await server.start();
    await everyPanelHasData(page);
    const before = await version(page, 'totals');
    await until('new data after the restart', async () => await version(page, 'totals') > before, 60000);
    assert.equal(await page.evaluate(() => window.marker), 'same document');
    assert.deepEqual(await page.collect(), []);
    await page.context().close();
}

async function takePicture() {
    const page = await openPage(browser, `${server.url}/b/shop`, { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1.5 });
    await everyPanelHasData(page);
    await until('a board without warnings', async () => /live/.test(await page.locator('.pill').innerText()), 60000);
    await until('charts that are drawn', () => page.locator('#panel-revenue canvas').count());
    await page.screenshot({ path: picture, fullPage: true });
    assert.deepEqual(await page.collect(), []);
    await page.context().close();
    console.log(`# ${picture}`);
}

await run([
    ...(running ? [['the running dashboard moves', runningDashboard]] : []),
    ['numbers move, and go on after a restart of the server', ownServer],
    ['picture', takePicture],
]);
await browser.close();
await server.stop();
