// SPDX-License-Identifier: Apache-2.0
// The kinds of panels. Each gets { config, data, related, view } and draws rows; frame.js puts the
// heading, freshness and states around it. `data` is { state, columns, rows }.
import { useMemo } from 'preact/hooks';
import { html } from './html.js';
import { amount, amountShort, change, count, isNumber, minuteOfDay, percent, ratio } from './format.js';
import { colorOf, names, theme, tone } from './palette.js';
import { Sparkline, TimeChart } from './charts.js';
import { setParam, view } from './route.js';

const MINUTE = 60000;

/** Rows as objects by column name. */
export function records(data) {
    if (!data?.rows) return [];
    return data.rows.map((row) => Object.fromEntries(data.columns.map((name, i) => [name, row[i]])));
}

/** No rows, or the one row of NULLs that a SUM over nothing gives. */
export function isEmpty(data) {
    return data.rows.length === 0 || (data.rows.length === 1 && data.rows[0].every((v) => v === null));
}

const text = (value) => (value === null || value === undefined ? '–' : String(value));

/* ---- big numbers ---- */

/** The last minute that the data have left behind, and the one before it. */
function lastMinutes(rows, asOf) {
    const complete = rows.filter((r) => isNumber(r.t) && r.t + MINUTE <= asOf);
    return { last: complete.at(-1), before: complete.at(-2) };
}

function Delta({ last, before, number }) {
    if (!last) return html`<p class="delta muted">no complete minute yet</p>`;
    const former = before?.t === last.t - MINUTE ? before[number.column] : NaN;
    const c = change(last[number.column], former, minuteOfDay(last.t - MINUTE));
    return html`<p class="delta">
        <span class="per-minute"><b>${amount(last[number.column], number.unit)}</b> at ${minuteOfDay(last.t)}</span>
        <span class="chip ${c.direction}"><span aria-hidden="true">${c.sign}</span> ${c.text}</span>
        <span class="muted">${c.words}</span>
    </p>`;
}

const NUMBER_COLORS = ['#56b4e9', '#e69f00', '#009e73', '#0072b2'];

export function Numbers({ config, data, related }) {
    const totals = records(data)[0] ?? {};
    const minutes = related ? records(related) : [];
    const asOf = related?.state.as_of ?? 0;
    const { last, before } = lastMinutes(minutes, asOf);
    const open = minutes.length > 0 && minutes.at(-1).t + MINUTE > asOf;
    return html`<div class="numbers">
        ${config.numbers.map((number, i) => html`<div class="card number" key=${number.column}>
            <h3>${number.label}</h3>
            <p class="big">${amount(totals[number.column], number.unit)}</p>
            <${Delta} last=${last} before=${before} number=${number} />
            ${minutes.length > 1 && html`<${Sparkline} values=${minutes.map((r) => r[number.column])} open=${open} color=${tone(NUMBER_COLORS[i % NUMBER_COLORS.length])} />`}
        </div>`)}
    </div>`;
}

/* ---- charts over time ---- */

/** One x per window from first to last row; a missing window is a gap, not a zero. */
function grid(rows, x) {
    const xs = [...new Set(rows.map((r) => r[x]))].filter(isNumber).sort((a, b) => a - b);
    const full = [];
    for (let t = xs[0]; t <= xs.at(-1); t += MINUTE) full.push(t);
    return full.length > 0 && full.length <= 2000 ? full : xs;
}

/** Where the part begins that is still filling: at the last complete window. */
function openFrom(xs, asOf) {
    if (xs.length === 0 || xs.at(-1) + MINUTE <= asOf) return NaN;
    let i = xs.length - 1;
    while (i > 0 && xs[i] + MINUTE > asOf) i -= 1;
    return xs[i];
}

const SPAN_MIN_MS = 5 * MINUTE; // a job that has just begun fills the chart sooner

/** The shared frame of a time chart: whole minutes, from the first row on, ending with the newest window.
 *  A single window is drawn as long as it lasts: one point would be invisible. */
function frameOf(xs, columns, state) {
    const open = openFrom(xs, state.as_of);
    const single = xs.length === 1;
    const [times, values] = single ? [[xs[0], xs[0] + MINUTE], columns.map((c) => [c[0], c[0]])] : [xs, columns];
    const to = times.at(-1);
    return { xs: times, columns: values, from: Math.max(state.from, Math.min(times[0], to - SPAN_MIN_MS)), to, openFrom: open };
}

function summary(title, xs, totals, unit, names) {
    const last = totals.at(-1), high = Math.max(...totals.filter(isNumber));
    const at = xs[totals.indexOf(high)];
    return `${title}, ${minuteOfDay(xs[0])} to ${minuteOfDay(xs.at(-1))}, ${names}; last ${amount(last, unit)}, highest ${amount(high, unit)} at ${minuteOfDay(at)}`;
}

function Legend({ items, param }) {
    const chosen = param ? view.value.params[param] : '';
    return html`<ul class="legend">
        ${items.map(({ label, color, dash }) => html`<li key=${label}>
            ${param
                ? html`<button type="button" class="legend-item" aria-pressed=${chosen === label} aria-label=${`${label}, ${chosen === label ? 'show all' : 'filter'}`}
                    onClick=${() => setParam(param, chosen === label ? '' : label)}><span class="dot" style=${{ background: color }}></span>${label}</button>`
                : html`<span class="legend-item"><span class="dash ${dash ? 'dashed' : ''}" style=${{ borderColor: color }}></span>${label}</span>`}
        </li>`)}
    </ul>`;
}

export function Area({ config, data }) {
    const spec = useMemo(() => {
        const rows = records(data);
        const xs = grid(rows, config.x);
        const kinds = [...new Set(rows.map((r) => text(r[config.series])))].sort();
        const at = new Map(xs.map((t, i) => [t, i]));
        const columns = kinds.map(() => xs.map(() => 0));
        for (const r of rows) {
            const value = r[config.y];
            if (at.has(r[config.x]) && isNumber(value)) columns[kinds.indexOf(text(r[config.series]))][at.get(r[config.x])] = value;
        }
        const lines = kinds.map((name) => ({ key: name, label: name, color: colorOf(name) }));
        return { ...frameOf(xs, columns, data.state), stacked: true, unit: config.unit, lines };
    }, [data, names.value, theme.value]);
    const totals = spec.xs.map((_, i) => spec.columns.reduce((n, c) => n + c[i], 0));
    const name = summary(config.title, spec.xs, totals, config.unit, `${spec.lines.length} categories`);
    return html`<${TimeChart} spec=${spec} name=${name} /><${Legend} items=${spec.lines} param=${config.filter} />`;
}

const LINE_COLORS = ['#0072b2', '#e69f00', '#009e73'];

export function Line({ config, data }) {
    const spec = useMemo(() => {
        const rows = records(data);
        const xs = grid(rows, config.x);
        const byTime = new Map(rows.map((r) => [r[config.x], r]));
        const columns = config.lines.map((l) => xs.map((t) => byTime.get(t)?.[l.column] ?? null));
        const lines = config.lines.map((l, i) => ({ key: l.column, label: l.label, color: tone(LINE_COLORS[i % 3]), dash: i ? [6, 4] : undefined }));
        return { ...frameOf(xs, columns, data.state), stacked: false, unit: config.unit, lines };
    }, [data, theme.value]);
    const name = summary(config.title, spec.xs, spec.columns[0], config.unit, spec.lines.map((l) => l.label).join(' and '));
    return html`<${TimeChart} spec=${spec} name=${name} /><${Legend} items=${spec.lines} />`;
}

/* ---- bars ---- */

export function Bars({ config, data }) {
    const rows = records(data);
    const top = Math.max(...rows.map((r) => r[config.value]).filter(isNumber), 1);
    return html`<ol class="bars">
        ${rows.map((r, i) => {
            const series = text(r[config.series]);
            const share = isNumber(r[config.value]) ? Math.max(0, r[config.value]) / top : 0;
            return html`<li key=${r.product_id ?? i}>
                <span class="rank" aria-hidden="true">${i + 1}</span>
                <span class="bar-label" title=${text(r[config.label])}>${text(r[config.label])}</span>
                <span class="bar-series">${series}</span>
                <span class="bar-value">${amount(r[config.value], config.unit)}</span>
                <span class="bar-track" aria-hidden="true"><span class="bar-fill" style=${{ width: `${(share * 100).toFixed(2)}%`, background: colorOf(series) }}></span></span>
            </li>`;
        })}
    </ol>`;
}

/* ---- funnel ---- */

function FunnelStep({ step, value, first, before }) {
    const share = ratio(value, first);
    return html`<li class="step">
        ${before !== undefined && html`<span class="step-rate"><span aria-hidden="true">↓</span> ${percent(ratio(value, before))} <span class="muted">go on</span></span>`}
        <span class="step-label">${step.label}</span>
        <span class="step-value">${count(value)}</span>
        <span class="step-track" aria-hidden="true"><span class="step-fill" style=${{ width: `${Math.min(100, (isNumber(share) ? share : 0) * 100).toFixed(2)}%` }}></span></span>
        <span class="step-total muted">${percent(share)}${before === undefined ? '' : ' of all'}</span>
    </li>`;
}

export function Funnel({ config, data }) {
    const rows = records(data);
    const columns = config.steps.map((s) => s.column);
    const total = (column) => rows.reduce((n, r) => n + (isNumber(r[column]) ? r[column] : 0), 0);
    const values = columns.map(total);
    const chosen = config.filter ? view.value.params[config.filter] : '';
    return html`<ol class="funnel">
        ${config.steps.map((step, i) => html`<${FunnelStep} key=${step.column} step=${step} value=${values[i]} first=${values[0]} before=${i ? values[i - 1] : undefined} />`)}
    </ol>
    <table class="small">
        <caption class="sr">Steps by category</caption>
        <thead><tr><th scope="col">Category</th><th scope="col">to cart</th><th scope="col">cart to purchase</th></tr></thead>
        <tbody>${rows.map((r) => html`<tr key=${text(r[config.series])}>
            <th scope="row"><span class="legend-item"><span class="dot" style=${{ background: colorOf(text(r[config.series])) }}></span>
                <button type="button" class="link" aria-pressed=${chosen === r[config.series]} onClick=${() => setParam(config.filter, chosen === r[config.series] ? '' : r[config.series])}>${text(r[config.series])}</button></span></th>
            <td>${percent(ratio(r[columns[1]], r[columns[0]]))}</td><td>${percent(ratio(r[columns[2]], r[columns[1]]))}</td>
        </tr>`)}</tbody>
    </table>`;
}

/* ---- any panel as a table ---- */

const ROWS_SHOWN = 200;

function cell(column, value) {
    if (column === 't' && isNumber(value)) return minuteOfDay(value);
    if (isNumber(value)) return column === 'revenue' ? amount(value, 'money') : Number.isInteger(value) ? count(value) : amountShort(value);
    return text(value);
}

export function Table({ config, data }) {
    const byTime = data.columns.includes('t');
    const rows = byTime ? data.rows.slice(-ROWS_SHOWN).reverse() : data.rows.slice(0, ROWS_SHOWN); // newest first
    const align = (j) => (data.columns[j] !== 't' && isNumber(rows[0]?.[j]) ? 'figure' : '');
    const shown = data.columns.map((name, i) => i).filter((i) => !data.columns[i].startsWith('_'));
    return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${`${config.title}, as a table`}>
        <table>
            <thead><tr>${shown.map((j) => html`<th scope="col" class=${align(j)} key=${j}>${data.columns[j] === 't' ? 'minute' : data.columns[j].replaceAll('_', ' ')}</th>`)}</tr></thead>
            <tbody>${rows.map((row, i) => html`<tr key=${i}>${shown.map((j) => html`<td class=${align(j)} key=${j}>${cell(data.columns[j], row[j])}</td>`)}</tr>`)}</tbody>
        </table>
    </div>`;
}

export const CHARTS = { numbers: Numbers, area: Area, line: Line, bars: Bars, funnel: Funnel };
