// SPDX-License-Identifier: Apache-2.0
// The page: a header with what is looked at and how fresh it is, and the board's panels.
import { render } from 'preact';
import { effect } from '@preact/signals-core';
import '@preact/signals'; // components follow the signals that they read
import { html } from './html.js';
import { timeOfDay } from './format.js';
import { Banner, BoardFreshness, Panel } from './frame.js';
import { isDark, theme, toggleTheme } from './palette.js';
import { board as boardName, setParam, setRange, view as asked } from './route.js';
import { board, connection, pause, paused, resume, view, watch } from './stream.js';

const Mark = () => html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" /><path d="M16 6c3.9 4.9 6.6 8.3 6.6 12.2a6.6 6.6 0 0 1-13.2 0C9.4 14.3 12.1 10.9 16 6z" /></svg>`;

function Ranges() {
    const chosen = asked.value.range || view.value.range || board.value.range;
    return html`<div class="segments" role="group" aria-label="Time range">
        ${board.value.ranges.map((r) => html`<button type="button" key=${r} aria-pressed=${r === chosen} onClick=${() => setRange(r)}>${r}</button>`)}
    </div>`;
}

function Buttons() {
    const dark = theme.value >= 0 && isDark(); // read again after a change of theme
    return html`<div class="buttons">
        <button type="button" class="quiet" aria-pressed=${paused.value !== null} onClick=${() => (paused.value ? resume() : pause())}>${paused.value ? 'Resume' : 'Pause'}</button>
        <button type="button" class="quiet" onClick=${toggleTheme} aria-label=${dark ? 'Light theme' : 'Dark theme'}>${dark ? 'Light' : 'Dark'}</button>
    </div>`;
}

function Filters() {
    const chips = Object.entries(asked.value.params).filter(([, value]) => value);
    if (chips.length === 0) return null;
    return html`<div class="filters">${chips.map(([name, value]) => html`<button type="button" class="filter" key=${name} onClick=${() => setParam(name, '')} aria-label=${`Remove filter ${name} ${value}`}>
        <span class="muted">${name}</span> ${value} <span aria-hidden="true">×</span></button>`)}</div>`;
}

/** Says changes of state, not numbers, and not more often than every 10 s. */
let saidAt = 0, said = '';
function Announcer() {
    const words = { offline: 'Connection lost, reconnecting.', live: 'Connected.', asleep: '' }[connection.value.state] ?? '';
    if (words !== said && Date.now() - saidAt > 10000) [said, saidAt] = [words, Date.now()];
    return html`<p class="sr" aria-live="polite">${said}</p>`;
}

function PausedNote() {
    if (!paused.value) return null;
    const { at, missed } = paused.value;
    return html`<div class="banner" data-state="paused"><span><b>Paused at ${timeOfDay(at)}.</b> ${missed} newer update${missed === 1 ? '' : 's'}.</span><button type="button" onClick=${resume}>Resume</button></div>`;
}

function Page() {
    if (!board.value) {
        const offline = connection.value.state === 'offline';
        return html`<main class="first"><div class="message"><${Mark} /><p>${offline ? `${connection.value.why ?? 'The server cannot be reached.'} Trying again.` : 'Connecting'}</p></div></main>`;
    }
    document.title = `${board.value.title} · Decant`;
    return html`<a class="skip" href="#panels">Skip to the panels</a>
        <header class="top">
            <div class="brand"><${Mark} /><div><h1>${board.value.title}</h1><p class="muted">${board.value.subtitle}</p></div></div>
            <div class="controls"><${BoardFreshness} /><${Ranges} /><${Buttons} /></div>
        </header>
        <${Banner} /><${PausedNote} /><${Filters} />
        <main id="panels" class="board ${connection.value.state} ${paused.value ? 'paused' : ''}" data-connection=${connection.value.state}>
            ${board.value.panels.filter((p) => p.chart !== 'none').map((p) => html`<${Panel} key=${p.id} config=${p} />`)}
        </main>
        <footer class="muted">Decant ${view.value.version}${view.value.watched ? '' : ' · processor not watched'}</footer>
        <${Announcer} />`;
}

document.body.dataset.board = boardName;
effect(() => watch(asked.value.range, asked.value.params));
render(html`<${Page} />`, document.getElementById('app'));
