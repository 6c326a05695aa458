// SPDX-License-Identifier: Apache-2.0
// What is looked at stands in the address: /b/shop?range=15m&category=Books. Back and forward work,
// and an address can be handed on.
import { signal } from '@preact/signals-core';

const OWN = ['theme', 'locale']; // not sent to the server

function read() {
    const query = new URLSearchParams(location.search);
    const params = {};
    for (const [name, value] of query) if (name !== 'range' && !OWN.includes(name)) params[name] = value;
    return { range: query.get('range') ?? '', params };
}

export const board = location.pathname.startsWith('/b/') ? location.pathname.slice(3).split('/')[0] : 'shop';
export const view = signal(read());

function go(next) {
    const query = new URLSearchParams();
    if (next.range) query.set('range', next.range);
    for (const [name, value] of Object.entries(next.params)) if (value) query.set(name, value);
    for (const name of OWN) {
        const kept = new URLSearchParams(location.search).get(name);
        if (kept) query.set(name, kept);
    }
    const text = query.toString();
    history.pushState(null, '', `/b/${board}${text ? `?${text}` : ''}`);
    view.value = next;
}

export const setRange = (range) => go({ ...view.value, range });
export const setParam = (name, value) => go({ ...view.value, params: { ...view.value.params, [name]: value } });

addEventListener('popstate', () => { view.value = read(); });
