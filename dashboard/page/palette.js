// SPDX-License-Identifier: Apache-2.0
// Colours by name. A category keeps its colour while the page lives, whatever is filtered or new:
// names are numbered in the order in which they were first seen (the server sorts them).
// Okabe–Ito, safe for colour-blind eyes; no chart depends on colour alone (labels, tables, dashes).
import { signal } from '@preact/signals-core';

const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8a800', '#8c8c8c'];
const seen = new Map();

export function colorOf(name) {
    if (!seen.has(name)) seen.set(name, seen.size);
    return COLORS[seen.get(name) % COLORS.length];
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
