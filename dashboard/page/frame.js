// SPDX-License-Identifier: Apache-2.0
// What stands around a panel's drawing: heading, freshness, and the states in which there is nothing
// to draw, or something old, or something wrong.
import { useState } from 'preact/hooks';
import { html } from './html.js';
import { age, minuteOfDay, timeOfDay } from './format.js';
import { CHARTS, Table, isEmpty } from './panels.js';
import { board, connection, now, panel, reconnect, view } from './stream.js';

const NEXT_STEP = {
    'broker unreachable': 'Is Pinot running? stack/status tells.',
    'processor not reachable': 'Is decant run still running?',
    'processor behind': 'It catches up by itself, or needs more partitions.',
    'Pinot behind': 'Pinot is still reading what the processor has written.',
    'source quiet': 'Nothing is wrong: no new events arrive.',
    'query failed': '',
};

export const durationMs = (text) => Number.parseFloat(text) * { s: 1e3, m: 6e4, h: 36e5 }[text.at(-1)];

/** { level: live | late | stale, ageMs, asOf, cause } */
export function freshness(state, slo) {
    if (!state?.answered) return { level: 'none' };
    const ageMs = now.value - state.as_of;
    const offline = connection.value.state === 'offline';
    const level = ageMs <= slo ? 'live' : ageMs <= 4 * slo ? 'late' : 'stale';
    return { level, ageMs, asOf: state.as_of, cause: offline ? 'page disconnected' : state.cause };
}

const ICONS = { live: '●', late: '▲', stale: '■' };

export function Freshness({ state, slo }) {
    const f = freshness(state, slo);
    if (f.level === 'none') return null;
    return html`<p class="fresh ${f.level}">
        ${f.level !== 'live' && html`<span class="badge"><span aria-hidden="true">${ICONS[f.level]}</span> ${f.level}${f.cause ? `: ${f.cause}` : ''}</span>`}
        <span>as of <time>${timeOfDay(f.asOf)}</time> · <span class="age">${age(f.ageMs)}</span></span>
    </p>`;
}

function Empty({ config, state }) {
    const pipeline = board.value.pipeline;
    if (config.latest && state.latest) {
        return html`<div class="message"><p><b>No rows between ${minuteOfDay(state.from)} and ${minuteOfDay(state.to)}.</b></p>
            <p>Latest row: ${new Date(state.latest).toLocaleDateString('en-GB')} ${minuteOfDay(state.latest)}.</p></div>`;
    }
    return html`<div class="message"><p><b>Table ${config.table} has no rows yet.</b></p>
        <p>Start the job that fills it:</p><code>decant run ${pipeline}</code></div>`;
}

function Trouble({ config, state }) {
    const { kind, text } = state.error;
    if (kind === 'no_table') {
        return html`<div class="trouble" role="note"><b>Pinot has no table ${config.table} yet.</b> Create it: <code>decant apply ${board.value.pipeline}</code></div>`;
    }
    const title = kind === 'unreachable' ? 'The Pinot broker cannot be asked.' : 'Pinot refused the query.';
    return html`<div class="trouble" role="note"><b>${title}</b> <span class="why">${text || 'Waiting before the next attempt.'}</span></div>`;
}

function Details({ config, state }) {
    return html`<div class="details"><p class="muted">${state.took_ms} ms in Pinot, ${state.scanned.toLocaleString('en')} rows scanned, version ${state.version}</p><pre tabindex="0">${config.sql}</pre></div>`;
}

function Body({ config, data, related, asTable }) {
    if (!data || (!data.rows && !data.state.error)) return html`<div class="skeleton" aria-hidden="true"></div><p class="sr">loading</p>`;
    if (!data.rows) return html`<div class="message quiet"><p>No data yet.</p></div>`;
    if (isEmpty(data)) return html`<${Empty} config=${config} state=${data.state} />`;
    if (asTable) return html`<${Table} config=${config} data=${data} />`;
    const Chart = CHARTS[config.chart];
    return html`<${Chart} config=${config} data=${data} related=${related} />`;
}

const states = () => board.value.panels.map((p) => panel(p.id).value?.state).filter(Boolean);

/** The one message of a broker that no panel can ask; null while at least one can. */
function brokerTrouble() {
    const errors = states().map((s) => s.error);
    return errors.length && errors.every((e) => e?.kind === 'unreachable') ? errors[0] : null;
}

export function Panel({ config }) {
    const [asTable, setTable] = useState(false);
    const [open, setOpen] = useState(false);
    const data = panel(config.id).value;
    const related = config.trend ? panel(config.trend).value : null;
    const slo = durationMs(board.value.slo);
    const f = freshness(data?.state, slo);
    const filtered = Object.keys(view.value.params).some((name) => !config.sql.includes(`{${name}`));
    const note = filtered ? 'not filtered' : config.note;
    const bare = config.chart === 'numbers' && data?.rows && !isEmpty(data) && !asTable;
    return html`<section class="panel span-${config.span} ${bare ? 'bare' : 'card'} ${f.level}" id=${`panel-${config.id}`} aria-labelledby=${`title-${config.id}`} data-version=${data?.state.version ?? 0}>
        <header>
            <h2 id=${`title-${config.id}`}>${config.title}${note && html` <span class="muted">${note}</span>`}</h2>
            <div class="tools">
                <button type="button" aria-pressed=${asTable} onClick=${() => setTable(!asTable)}>Table</button>
                <button type="button" aria-expanded=${open} onClick=${() => setOpen(!open)}>SQL</button>
            </div>
            <${Freshness} state=${data?.state} slo=${slo} />
        </header>
        ${data?.state.error && !brokerTrouble() && html`<${Trouble} config=${config} state=${data.state} />`}
        ${(data?.state.partial || data?.state.limit) && html`<p class="notice">${[data.state.partial, data.state.limit].filter(Boolean).join(', ')}</p>`}
        <div class="body"><${Body} config=${config} data=${data} related=${related?.rows ? related : null} asTable=${asTable} /></div>
        ${open && data && html`<${Details} config=${config} state=${data.state} />`}
    </section>`;
}

/** The board's worst panel speaks for all. */
export function BoardFreshness() {
    const slo = durationMs(board.value.slo);
    const all = states().map((s) => freshness(s, slo)).filter((f) => f.level !== 'none');
    const offline = connection.value.state === 'offline';
    if (all.length === 0) return html`<p class="pill none"><span aria-hidden="true">○</span> waiting for data</p>`;
    const worst = all.reduce((a, b) => (b.ageMs > a.ageMs ? b : a));
    const failing = states().some((s) => s.error);
    const level = offline ? 'stale' : worst.level === 'live' && failing ? 'late' : worst.level;
    const word = offline ? 'offline' : failing ? 'trouble' : level;
    return html`<p class="pill ${level}" title=${NEXT_STEP[worst.cause] ?? ''}><span aria-hidden="true">${ICONS[level]}</span> <b>${word}</b>
        <span class="pill-more">as of <time>${timeOfDay(worst.asOf)}</time> · <span class="age">${age(worst.ageMs)}</span></span></p>`;
}

/** One line under the header while something is wrong with the whole board. */
export function Banner() {
    const c = connection.value;
    if (c.state === 'offline') {
        const seconds = Math.max(0, Math.ceil((c.retryAt - Date.now()) / 1000));
        return html`<div class="banner" data-state="offline"><span><b>Offline since ${timeOfDay(c.since)}.</b> ${c.why ?? 'What you see is from then.'} Trying again${seconds ? ` in ${seconds} s` : ''}.</span>
            <button type="button" onClick=${reconnect}>Retry now</button></div>`;
    }
    const trouble = brokerTrouble();
    if (trouble) {
        return html`<div class="banner" data-state="stale"><span><b>The Pinot broker cannot be asked.</b> ${trouble.text || 'Waiting before the next attempt.'} ${NEXT_STEP['broker unreachable']}</span></div>`;
    }
    const slo = durationMs(board.value.slo);
    const causes = states().map((s) => freshness(s, slo)).filter((f) => f.level === 'stale' && f.cause);
    if (causes.length === 0) return null;
    const { cause } = causes.reduce((a, b) => (b.ageMs > a.ageMs ? b : a));
    return html`<div class="banner" data-state="stale"><span><b>${cause[0].toUpperCase()}${cause.slice(1)}.</b> ${NEXT_STEP[cause] ?? ''}</span></div>`;
}
