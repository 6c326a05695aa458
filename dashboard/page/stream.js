// SPDX-License-Identifier: Apache-2.0
// The event stream as signals: one per panel, so that an event redraws one panel and no more.
//
// The browser's EventSource reconnects by itself after an error, but not when a socket is half
// open: then nothing arrives, not even the beat that is due every 5 s. So the page keeps its own
// clock of silence and opens a new stream after 12 s, and waits a little longer each time.
import { signal, batch } from '@preact/signals-core';
import { learn } from './palette.js';

const SILENCE_MS = 12000;
const WAIT_MIN_MS = 1000;
const WAIT_MAX_MS = 15000;
const HIDDEN_MS = 30000;

export const board = signal(null); // the board file
export const connection = signal({ state: 'connecting', since: Date.now() });
export const view = signal({ range: '', params: {} }); // as the server understood it
export const paused = signal(null); // null, or { at, missed }
export const now = signal(Date.now()); // the server's clock, once per second

const panels = new Map(); // id -> signal of { state, columns, rows } or null
let source = null;
let query = '';
let heardAt = Date.now();
let skewMs = 0; // server clock − this clock
let waitMs = WAIT_MIN_MS;
let retry = null;
let held = []; // events that arrived while paused
let hiddenTimer = null;

export function panel(id) {
    if (!panels.has(id)) panels.set(id, signal(null));
    return panels.get(id);
}

function read(event) {
    heardAt = Date.now();
    return JSON.parse(event.data);
}

function note(state) {
    if (connection.value.state !== state) connection.value = { state, since: Date.now() };
}

function apply(data, withRows) {
    const target = panel(data.id);
    const before = target.value;
    const series = board.value?.panels.find((p) => p.id === data.id)?.series;
    const column = data.columns?.indexOf(series) ?? -1;
    if (column >= 0) learn(data.rows.map((row) => row[column]));
    if (withRows && data.columns) target.value = { state: data, columns: data.columns, rows: data.rows };
    else target.value = { state: data, columns: before?.columns, rows: before?.rows };
}

function take(event, withRows) {
    const data = read(event);
    if (!paused.value) return apply(data, withRows);
    held = held.filter((h) => h.data.id !== data.id || (!withRows && h.withRows));
    held.push({ data, withRows });
    if (withRows) paused.value = { ...paused.value, missed: paused.value.missed + 1 };
    return undefined;
}

export function pause() {
    paused.value = { at: now.value, missed: 0 };
}

export function resume() {
    batch(() => {
        paused.value = null;
        for (const { data, withRows } of held) apply(data, withRows);
        held = [];
    });
}

function close() {
    source?.close();
    source = null;
    clearTimeout(retry);
}

/** Tries again later; the second and further times after a longer wait, never all tabs at once. */
function reopenLater() {
    close();
    const wait = waitMs * (0.75 + 0.5 * Math.random());
    waitMs = Math.min(waitMs * 1.7, WAIT_MAX_MS);
    const before = connection.value;
    const lost = before.state === 'offline' ? { since: before.since, why: before.why } : { since: Date.now() };
    connection.value = { state: 'offline', ...lost, retryAt: Date.now() + wait };
    retry = setTimeout(open, wait);
}

function hello(event) {
    const data = read(event);
    waitMs = WAIT_MIN_MS;
    skewMs = data.now - Date.now();
    batch(() => {
        now.value = data.now;
        view.value = { range: data.range, params: data.params, version: data.version, watched: data.watched };
        note('live');
    });
}

const address = () => `/api/boards/${document.body.dataset.board}/stream?${query}`;

function open() {
    close();
    heardAt = Date.now();
    source = new EventSource(address());
    source.addEventListener('hello', hello);
    source.addEventListener('board', (event) => {
        const data = read(event);
        if (JSON.stringify(board.value) !== JSON.stringify(data)) board.value = data;
    });
    source.addEventListener('panel', (event) => take(event, true));
    source.addEventListener('same', (event) => take(event, false));
    source.addEventListener('beat', (event) => { skewMs = read(event).now - Date.now(); });
    source.addEventListener('bye', () => reopenLater());
    source.onerror = () => {
        const refused = source.readyState === EventSource.CLOSED; // an HTTP status, not a lost connection
        reopenLater();
        if (refused) askWhy();
    };
}

/** EventSource hides the status of a refusal, and the server's sentence; a plain request shows them. */
async function askWhy() {
    try {
        const reply = await fetch(address(), { signal: AbortSignal.timeout(2000) });
        const why = reply.ok ? '' : (await reply.text()).trim();
        if (reply.ok) await reply.body.cancel();
        if (why && connection.value.state === 'offline') connection.value = { ...connection.value, why };
    } catch {
        // the connection is lost after all: the banner says so already
    }
}

/** Opens the stream for a range and parameters; data of the former view stay until new ones come. */
export function watch(range, params) {
    const wanted = new URLSearchParams();
    if (range) wanted.set('range', range);
    for (const [name, value] of Object.entries(params)) if (value) wanted.set(name, value);
    const text = wanted.toString();
    if (source && text === query) return;
    query = text;
    waitMs = WAIT_MIN_MS;
    open();
}

export function reconnect() {
    waitMs = WAIT_MIN_MS;
    open();
}

setInterval(() => {
    if (!paused.value) now.value = Date.now() + skewMs;
    if (source && Date.now() - heardAt > SILENCE_MS) reopenLater();
}, 1000);

// A tab that nobody sees costs the server nothing after half a minute.
document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
        hiddenTimer = setTimeout(() => { close(); note('asleep'); }, HIDDEN_MS);
    } else if (!source) {
        reconnect();
    }
});
