// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: Debian's Chromium through playwright-core, the server under test as a
// child process, and a page that remembers everything suspicious that happens in it.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const shots = process.env.DECANT_BROWSER_OUT ?? path.join(root, 'build/browser');
mkdirSync(shots, { recursive: true });

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({ executablePath: process.env.DECANT_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

export function freePort() {
    return new Promise((resolve) => {
        const probe = net.createServer().listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}

/** Polls until check() is truthy, and returns that; fails with `what` after `ms`. */
export async function until(what, check, ms = 20000) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await check();
        if (value) return value;
        if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
        await new Promise((wake) => { setTimeout(wake, 100); });
    }
}

/** `decant serve` as a child. */
export class Server {
    constructor({ port, broker, processor, boards = [] }) {
        this.port = port;
        this.args = ['serve', '--listen', `127.0.0.1:${port}`, '--pinot-broker', broker, ...boards];
        if (processor) this.args.push('--processor', processor);
    }

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    async start() {
        this.output = '';
        this.child = spawn(process.env.DECANT_BIN, this.args, { stdio: ['ignore', 'pipe', 'pipe'] });
        const take = (chunk) => { this.output += chunk; };
        this.child.stdout.on('data', take);
        this.child.stderr.on('data', take);
        this.ended = new Promise((resolve) => { this.child.on('exit', (code, signal) => resolve({ code, signal })); });
        await until(`decant serve on port ${this.port} (${this.output})`, () => {
            if (this.child.exitCode !== null) throw new Error(`decant serve ended: ${this.output}`);
            return this.output.includes('dashboard  http://');
        });
    }

    signal(name) {
        this.child.kill(name);
    }

    /** SIGTERM; resolves to { code, signal }. */
    async stop() {
        if (this.child.exitCode === null) this.signal('SIGTERM');
        return this.ended;
    }
}

/** A page in a context of its own, with `page.suspicious`: what must stay empty. */
export async function openPage(browser, url, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 1000 }, colorScheme: 'light', ...options });
    const page = await context.newPage();
    page.suspicious = [];
    const origin = new URL(url).origin;
    await page.addInitScript(() => {
        window.violations = [];
        document.addEventListener('securitypolicyviolation', (e) => { window.violations.push(`${e.violatedDirective} ${e.blockedURI}`); });
    });
    page.on('dialog', (dialog) => { page.suspicious.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('pageerror', (error) => page.suspicious.push(`error: ${error.message}`));
    page.on('request', (request) => {
        if (new URL(request.url()).origin !== origin) page.suspicious.push(`request to ${request.url()}`);
    });
    page.collect = async () => [...page.suspicious, ...await page.evaluate(() => window.violations)];
    await page.goto(url);
    return page;
}

/** Version of a panel's data: grows with every change of its rows. */
export const version = (page, panel) => page.locator(`#panel-${panel}`).getAttribute('data-version').then(Number);

export async function liveBoard(page) {
    await page.locator('main[data-connection="live"]').waitFor({ timeout: 20000 });
    await page.locator('#panel-totals .big').first().waitFor({ timeout: 20000 });
}

/** Runs tests one after the other; prints TAP; the exit status tells. */
export async function run(tests, { only } = {}) {
    let failed = 0, n = 0;
    const chosen = tests.filter(([name]) => !only || name.includes(only));
    console.log(`1..${chosen.length}`);
    for (const [name, test] of chosen) {
        n += 1;
        const started = Date.now();
        try {
            await test();
            console.log(`ok ${n} - ${name} # ${((Date.now() - started) / 1000).toFixed(1)} s`);
        } catch (error) {
            failed += 1;
            console.log(`not ok ${n} - ${name}\n${String(error.stack).replace(/^/gm, '  ')}`);
        }
    }
    console.log(failed ? `# ${failed} of ${n} failed` : `# all ${n} passed`);
    if (n === 0) console.log('# no test was chosen');
    process.exitCode = failed || n === 0 ? 1 : 0;
}
