// SPDX-License-Identifier: Apache-2.0
// Numbers, times and ratios as text. Whatever is not a finite number is an en dash: NULL, "NaN" and
// "Infinity" (Pinot sends the last two as strings), and every ratio over nothing.

const NONE = '–';
const locale = new URLSearchParams(location.search).get('locale') || undefined;

const make = (options) => {
    try {
        return new Intl.NumberFormat(locale, options);
    } catch {
        return new Intl.NumberFormat(undefined, options); // not a locale that this browser knows
    }
};
const whole = make({ maximumFractionDigits: 0 });
const short = make({ notation: 'compact', maximumFractionDigits: 1 });
const money = make({ style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const shortMoney = make({ style: 'currency', currency: 'USD', notation: 'compact', maximumFractionDigits: 1 });
const percentFine = make({ style: 'percent', maximumFractionDigits: 1, minimumFractionDigits: 1 });
const percentWhole = make({ style: 'percent', maximumFractionDigits: 0 });

export const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

export function count(value) {
    return isNumber(value) ? whole.format(value) : NONE;
}

export function amount(value, unit) {
    if (!isNumber(value)) return NONE;
    return (unit === 'money' ? money : whole).format(value);
}

export function amountShort(value, unit) {
    if (!isNumber(value)) return NONE;
    return (unit === 'money' ? shortMoney : short).format(value);
}

export function ratio(part, total) {
    return isNumber(part) && isNumber(total) && total !== 0 ? part / total : NaN;
}

export function percent(value) {
    if (!isNumber(value)) return NONE;
    return (Math.abs(value) < 0.1 ? percentFine : percentWhole).format(value);
}

/** { sign, text, words, direction } of a change from `before` to `now`; `when` names the former. */
export function change(now, before, when) {
    const r = ratio(now - before, before);
    if (!isNumber(r)) return { direction: 'none', sign: '', text: NONE, words: 'nothing to compare with' };
    if (Math.abs(r) < 0.0005) return { direction: 'same', sign: '=', text: percent(0), words: `the same as at ${when}` };
    const up = r > 0;
    return {
        direction: up ? 'up' : 'down',
        sign: up ? '▲' : '▼',
        text: `${up ? '+' : '−'}${percent(Math.abs(r))}`,
        words: `${up ? 'more' : 'less'} than at ${when}`,
    };
}

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minuteTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export const timeOfDay = (ms) => clockTime.format(ms);
export const minuteOfDay = (ms) => minuteTime.format(ms);

/** "6 s", "4 min", "2 h": an age, rounded down. */
export function age(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 120) return `${s} s`;
    if (s < 7200) return `${Math.floor(s / 60)} min`;
    return `${Math.floor(s / 3600)} h`;
}
