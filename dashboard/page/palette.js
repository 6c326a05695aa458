// SPDX-License-Identifier: Apache-2.0
// Colours by name. All names ever seen are numbered in alphabetical order, so a category has the same
// colour in every panel and after every reload, and keeps it when others are filtered away.
// Okabe–Ito, safe for colour-blind eyes; no chart depends on colour alone (labels, tables, dashes).
import { signal } from '@preact/signals-core';

const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8a800', '#8c8c8c'];

export const names = signal([]);

/** Takes note of names as they arrive, before anything is drawn with them. */
export function learn(list) {
    const all = new Set(names.peek());
    for (const name of list) all.add(String(name));
    if (all.size !== names.peek().length) names.value = [...all].sort();
}

export function colorOf(name) {
    return tone(COLORS[Math.max(0, names.value.indexOf(name)) % COLORS.length]);
}

/** The palette's blue is too dark for lines on a dark ground. */
export function tone(color) {
    return theme.value >= 0 && color === '#0072b2' && isDark() ? '#3b9bdc' : color;
}

/** Changes whenever canvas colours must be read again. */
export const theme = signal(0);

const system = matchMedia('(prefers-color-scheme: dark)');
system.addEventListener('change', () => { theme.value += 1; });

export function isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === 'dark' : system.matches;
}

export function toggleTheme() {
    const next = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
        localStorage.setItem('theme', next);
    } catch {
        // blocked storage: the choice lasts as long as the page
    }
    theme.value += 1;
}

export function css(name) {
    const probe = getComputedStyle(document.documentElement);
    return probe.getPropertyValue(name).trim();
}
