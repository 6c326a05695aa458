// SPDX-License-Identifier: Apache-2.0
// Charts over time: uPlot (a classic script, global `uPlot`) inside a Preact component. The canvas
// has no accessibility of its own, so the component carries role="img" and a name with figures.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { html } from './html.js';
import { amount, amountShort, isNumber, minuteOfDay } from './format.js';
import { css, isDark, theme } from './palette.js';

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

function axes(unit) {
    const common = {
        stroke: css('--muted-solid'), font: FONT,
        grid: { stroke: css('--grid-solid'), width: 1 }, ticks: { show: false },
    };
    return [
        { ...common, grid: { show: false }, size: 30, space: 56, values: (u, splits) => splits.map(minuteOfDay), incrs: [60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3] },
        { ...common, size: 54, space: 44, values: (u, splits) => splits.map((v) => amountShort(v, unit)) },
    ];
}

/** The last window is still filling: veil it, and mark where it begins. */
function veilOpenWindow(openFrom) {
    return (u) => {
        const from = openFrom();
        if (!isNumber(from)) return;
        const { left, top, width, height } = u.bbox;
        const x = Math.max(left, u.valToPos(from, 'x', true));
        if (x >= left + width) return;
        const { ctx } = u;
        ctx.save();
        ctx.fillStyle = isDark() ? 'rgba(22, 28, 37, 0.62)' : 'rgba(255, 255, 255, 0.66)';
        ctx.fillRect(x, top, left + width - x, height);
        ctx.strokeStyle = css('--muted-solid');
        ctx.globalAlpha = 0.55;
        ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
        ctx.beginPath();
        ctx.moveTo(x, top);
        ctx.lineTo(x, top + height);
        ctx.stroke();
        ctx.restore();
    };
}

/** A card beside the cursor; all text through textContent. */
function tooltip(describe) {
    let card;
    const line = (parent, className, text) => {
        const node = document.createElement('div');
        node.className = className;
        node.textContent = text;
        parent.append(node);
        return node;
    };
    return {
        ready: (u) => {
            card = document.createElement('div');
            card.className = 'tip';
            card.hidden = true;
            u.over.append(card);
            u.over.addEventListener('mouseleave', () => { card.hidden = true; });
        },
        setCursor: (u) => {
            const { idx, left } = u.cursor;
            if (!card) return;
            card.hidden = idx == null || left < 0 || !u.over.matches(':hover'); // the others only follow
            if (card.hidden) return;
            const { title, entries } = describe(u, idx);
            card.replaceChildren();
            line(card, 'tip-title', title);
            for (const { color, label, text } of entries) {
                const row = line(card, 'tip-row', '');
                const dot = line(row, 'dot', '');
                if (color) dot.style.background = color;
                line(row, 'tip-label', label);
                line(row, 'tip-value', text);
            }
            const flip = left > u.over.clientWidth / 2;
            card.style.transform = `translate(${flip ? left - card.offsetWidth - 12 : left + 12}px, 8px)`;
        },
    };
}

const alpha = (hex, a) => hex + Math.round(a * 255).toString(16).padStart(2, '0');

const sizeOf = (node) => ({ width: Math.max(120, node.clientWidth), height: Math.max(120, node.clientHeight) });

/** `spec`: { stacked, lines: [{ key, label, color, dash }], unit, from, to, openFrom, xs, columns } */
function optionsFor(spec, node, current) {
    const series = spec.lines.map((l) => ({
        label: l.label, stroke: l.color, width: spec.stacked ? 1.25 : 2, dash: l.dash,
        fill: spec.stacked ? alpha(l.color, isDark() ? 0.62 : 0.72) : l.dash ? undefined : alpha(l.color, 0.08),
        points: { show: false }, spanGaps: false,
    }));
    const describe = (u, idx) => {
        const s = current();
        const entries = s.lines.map((l, i) => ({ color: l.color, label: l.label, text: amount(s.columns[i][idx], s.unit) }));
        if (s.stacked) {
            entries.reverse();
            const total = s.columns.reduce((n, c) => n + (c[idx] ?? 0), 0);
            entries.push({ color: '', label: 'Total', text: amount(total, s.unit) });
        }
        const open = isNumber(s.openFrom) && s.xs[idx] > s.openFrom;
        return { title: `${minuteOfDay(s.xs[idx])}${open ? ' · still open' : ''}`, entries };
    };
    const tip = tooltip(describe);
    return {
        ...sizeOf(node), ms: 1, padding: [10, 20, 0, 0],
        series: [{}, ...series],
        bands: spec.stacked ? spec.lines.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })) : [],
        scales: {
            x: { time: true, range: () => [current().from, current().to] },
            y: { range: (u, min, max) => [0, isNumber(max) && max > 0 ? max * 1.08 : 1] },
        },
        axes: axes(spec.unit),
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false }, sync: { key: 'board' } },
        hooks: { ready: [tip.ready], setCursor: [tip.setCursor], draw: [veilOpenWindow(() => current().openFrom)] },
    };
}

/** Stacked charts draw running totals; the tooltip keeps the plain figures. */
function dataFor(spec) {
    if (!spec.stacked) return [spec.xs, ...spec.columns];
    const total = spec.xs.map(() => 0);
    const sums = spec.columns.map((c) => c.map((v, i) => { total[i] += v ?? 0; return total[i]; }));
    return [spec.xs, ...sums];
}

export function TimeChart({ spec, name }) {
    const host = useRef(null);
    const latest = useRef(spec);
    const chart = useRef(null);
    latest.current = spec;
    const shape = JSON.stringify([spec.stacked, spec.unit, spec.lines, theme.value]);

    useLayoutEffect(() => {
        const node = host.current;
        const current = () => latest.current;
        const u = new uPlot(optionsFor(latest.current, node, current), dataFor(latest.current), node);
        chart.current = u;
        const observer = new ResizeObserver(() => {
            const { width, height } = sizeOf(node);
            if (width !== u.width || height !== u.height) u.setSize({ width, height });
        });
        observer.observe(node);
        return () => { observer.disconnect(); u.destroy(); chart.current = null; };
    }, [shape]);

    useEffect(() => { chart.current?.setData(dataFor(spec)); }, [spec]);

    return html`<div class="time-chart" role="img" aria-label=${name}><div class="time-chart-host" ref=${host}></div></div>`;
}

/** A small curve without axes; the rest of the sentence stands beside it. */
export function Sparkline({ values, color, open }) {
    const w = 160, h = 40;
    const top = Math.max(...values.filter(isNumber), 1);
    const x = (i) => (values.length > 1 ? (i / (values.length - 1)) * w : w);
    const y = (v) => h - 3 - ((isNumber(v) ? v : 0) / top) * (h - 8);
    const path = (list, offset) => list.map((v, i) => `${i ? 'L' : 'M'}${x(i + offset).toFixed(1)},${y(v).toFixed(1)}`).join('');
    const closed = open && values.length > 2 ? values.slice(0, -1) : values;
    return html`<svg class="spark" viewBox="0 0 ${w} ${h}" preserveAspectRatio="none" aria-hidden="true">
        ${closed.length > 1 && html`<path d="${path(closed, 0)}L${x(closed.length - 1)},${h}L0,${h}Z" fill=${color} opacity=".13" />`}
        ${closed.length > 1 && html`<path d=${path(closed, 0)} fill="none" stroke=${color} stroke-width="2" vector-effect="non-scaling-stroke" stroke-linejoin="round" />`}
        ${open && values.length > 2 && html`<path d=${path(values.slice(-2), values.length - 2)} fill="none" stroke=${color} stroke-width="2" stroke-dasharray="3 3" opacity=".55" vector-effect="non-scaling-stroke" />`}
    </svg>`;
}
